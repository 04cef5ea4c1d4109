import { consoleHeader, type Role, type SignInCall, signInCalls } from '@lobbykey/contract/admin'
import { Invitations } from '../../src/core/operators/invitations.ts'
import { totpCode, totpStep } from '../../src/core/operators/totp.ts'
import { rightsOf } from '../../src/operations/caller.ts'
import { type AdminAnswer, adminCall } from './admin-calls.ts'
import type { TestGateway } from './gateway.ts'

export const password = 'seven herons over the marsh'

/** A browser at the console: keeps the cookies, and sends the headers of our pages. */
export class ConsoleVisitor {
  readonly gateway: TestGateway
  readonly address: string
  /** Of all cookies, as browsers send them; null without one. */
  cookie: string | null = null

  constructor(gateway: TestGateway, address = '127.0.0.1') {
    this.gateway = gateway
    this.address = address
  }

  async post(call: SignInCall, body: object, headers: Record<string, string> = {}): Promise<AdminAnswer> {
    return this.call('POST', signInCalls[call].path, body, headers)
  }

  async call(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object, headers: Record<string, string> = {}): Promise<AdminAnswer> {
    const answer = await adminCall(this.gateway, null, method, path, {
      address: this.address,
      ...(body === undefined ? {} : { body }),
      headers: {
        [consoleHeader]: '1',
        ...(method === 'GET' ? {} : { origin: this.gateway.settings.adminUrl }),
        ...(this.cookie === null ? {} : { cookie: this.cookie }),
        ...headers,
      },
    })
    for (const set of [answer.headers['set-cookie'] ?? []].flat() as string[]) this.#keep(set)
    return answer
  }

  #keep(set: string): void {
    const [pair = ''] = set.split(';', 1)
    const [name = ''] = pair.split('=', 1)
    const others = (this.cookie ?? '').split('; ').filter((one) => one !== '' && !one.startsWith(`${name}=`))
    const kept = /; Max-Age=0(;|$)/.test(set) ? others : [...others, pair]
    this.cookie = kept.length === 0 ? null : kept.join('; ')
  }
}

export interface Member {
  readonly email: string
  readonly operatorId: string
  /** The app's secret, base32. */
  readonly secret: string
  readonly recoveryCodes: string[]
  readonly visitor: ConsoleVisitor
}

let count = 0

/** The secret in the link of an invitation for this role. */
export async function invite(gateway: TestGateway, role: Role, agentIds: readonly string[] | null = null) {
  const origin = { surface: 'cli', actor: 'cli:test@here' } as const
  const adminUrl = gateway.settings.adminUrl
  const invitations = new Invitations({ store: gateway.store, clock: gateway.clock, origin, adminUrl })
  const email = `colleague${++count}@example.com`
  const { link, record } = await invitations.add({ email, name: `Colleague ${count}`, role, agentIds }, rightsOf('owner'))
  return { email, link: new URL(link).hash.slice(1), record }
}

/** An operator who has accepted an invitation with a password and an app. */
export async function enrol(gateway: TestGateway, role: Role, agentIds: readonly string[] | null = null): Promise<Member> {
  const { email, link } = await invite(gateway, role, agentIds)
  const visitor = new ConsoleVisitor(gateway)
  const { json: shown } = await visitor.post('invitation', { link })
  const { secret } = shown.totp
  const { status, json } = await visitor.post('acceptWithPassword', { link, password, code: codeOf(gateway, secret) })
  if (status !== 200) throw new Error(JSON.stringify(json))
  // Its code is used up: the next sign-in needs the next one.
  gateway.clock.advance(30_000)
  return { email, operatorId: json.operatorId, secret, recoveryCodes: json.recoveryCodes, visitor }
}

/** The code that an app shows now. */
export function codeOf(gateway: TestGateway, secret: string, stepsOn = 0): string {
  return totpCode(fromBase32(secret), totpStep(gateway.clock.now()) + stepsOn)
}

function fromBase32(text: string): Uint8Array {
  let bits = ''
  for (const char of text) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}
