import { loginRefusalOf, type MemberStatus } from '@lobbykey/contract'
import type { LoginOutcome } from './store.ts'

/** The store's facts about one login, read in the transaction that writes it. */
export interface LoginFacts {
  /** Null: the member does not exist. */
  readonly memberStatus: MemberStatus | null
  /** The signature: unused, used by this very login, or used otherwise (another call or other unsigned fields). */
  readonly request: 'unused' | 'same' | 'other'
  /** The token's session: none or expired; live and this member's; or otherwise (another member's, or ended and not expired yet). */
  readonly session: 'free' | 'own' | 'taken'
  /** The session began after the signature was accepted, so it is a later one under the same token. */
  readonly sessionIsLater: boolean
}

/** The outcome of a login, in the contract's order of checks (member-login.md); `accepted`: write it. */
export function decideLogin({ memberStatus, request, session, sessionIsLater }: LoginFacts): Exclude<LoginOutcome, 'retry'> {
  if (memberStatus === null) return 'member-not-found'
  const refusal = loginRefusalOf(memberStatus)
  if (refusal !== null) return refusal
  if (request === 'other') return 'refused'
  if (request === 'same') return session === 'own' && !sessionIsLater ? 'repeated' : 'refused'
  return session === 'taken' ? 'refused' : 'accepted'
}
