import {
  gameList,
  guestLogin,
  limitList,
  memberCreate,
  memberLock,
  memberLogin,
  memberLogout,
  memberUpdate,
  type SignedCall,
} from '@lobbykey/contract'
import type { Answer, RequestOptions, TestGateway } from './gateway.ts'
import { type Body, loginBody, type SignOptions, signed } from './signed-body.ts'

let count = 0

/** The unsigned body of a call that succeeds with the sample partners, different from all earlier ones. */
export function sampleBody(call: SignedCall, now: number, changes: Body = {}): Body {
  count += 1
  const entry = { agent_id: 'agent001', timestamp: now }
  const member = { ...entry, user_id: 'uid001' }
  const samples: Record<string, Body> = {
    [memberLogin.name]: loginBody(now),
    [memberCreate.name]: { ...member, user_id: `made${count}`, user_name: 'testUser' },
    [memberUpdate.name]: { ...member, desc: `desc ${count}` },
    [memberLock.name]: { ...member, status: 'Active' },
    [memberLogout.name]: member,
    [guestLogin.name]: { ...entry, platform: 'h5', language: 'en-US', currency: 'VND2', amount: `${count}.5` },
    [gameList.name]: entry,
    [limitList.name]: { ...entry, game_id: '101', currency: 'USD' },
  }
  const sample = samples[call.name]
  if (sample === undefined) throw new Error(`no sample of ${call.name}`)
  return { ...sample, ...changes }
}

/** Sends a body unchanged, as the call requires: as JSON or in the query. */
export function sendBody(gateway: TestGateway, call: SignedCall, body: Body, options: RequestOptions = {}): Promise<Answer> {
  if (call.method === 'POST') return gateway.post(call.path, body, options)
  return gateway.request('GET', `${call.path}?${toQuery(body)}`, options)
}

/** Signs and sends. */
export function sendCall(
  gateway: TestGateway,
  call: SignedCall,
  body: Body,
  options: RequestOptions & Omit<SignOptions, 'call'> = {},
): Promise<Answer> {
  return sendBody(gateway, call, signed(body, { ...options, call }), options)
}

export function toQuery(body: Body): string {
  return Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&')
}
