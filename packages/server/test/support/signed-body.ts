import { canonicalString, memberLogin, type SignedCall, type SigningProfile, signedNames } from '@lobbykey/contract'
import { signCanonical } from '../../src/core/members/signature.ts'
import { sampleMerchant } from '../../src/sandbox/sample-partners.ts'

export type Body = Record<string, unknown>

export interface SignOptions {
  readonly call?: SignedCall
  readonly key?: string
  readonly profile?: SigningProfile
}

/** The body with a valid signature, whatever else is wrong with it. */
export function signed(body: Body, options: SignOptions = {}): Body {
  const { call = memberLogin, key = sampleMerchant.key, profile = { algorithm: 'md5', callback: 'unsigned' } } = options
  const canonical = canonicalString(body, signedNames(call, profile.callback))
  return { ...body, sign: signCanonical(canonical, key, profile.algorithm).toString('hex') }
}

let count = 0

/** The unsigned body of a login that succeeds with the sample partners, with a new token. */
export function loginBody(now: number, changes: Body = {}): Body {
  count += 1
  return {
    agent_id: 'agent001',
    user_id: 'uid001',
    token: `token-${String(count).padStart(8, '0')}`,
    platform: 'h5',
    language: 'en-US',
    currency: 'VND2',
    timestamp: now,
    ...changes,
  }
}
