import type { MemberSessionStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { addressKey } from '../base/network-address.ts'
import { GuessLimit } from '../limits/guess-limit.ts'
import type { Limiter } from '../limits/rate-limiter.ts'
import { hashTicket } from '../members/lobby-ticket.ts'
import type { SessionTokenHasher } from '../members/session-token.ts'
import type { MerchantDirectory } from '../merchants/merchant-directory.ts'
import type { SessionDirectory } from './session-directory.ts'
import type { SessionFacts } from './session-facts.ts'
import type { SessionHandles } from './session-handle.ts'

/** Wrong tokens a second per address; a burst is two seconds' worth. */
const wrongTokensPerSecond = 10

export interface SessionCheckOptions {
  readonly directory: SessionDirectory
  readonly sessions: Pick<MemberSessionStore, 'redeemTicket'>
  readonly merchants: MerchantDirectory
  readonly hashToken: SessionTokenHasher
  readonly handles: SessionHandles
  readonly limiter: Limiter
  readonly clock: Clock
}

/**
 * Looks up sessions for game servers. Null for any session that is not live. Tokens may be as short as nine characters, so wrong ones are
 * limited by address, and beyond the limit even right ones must wait; tickets and handles cannot be guessed.
 */
export class SessionCheck {
  readonly #options: SessionCheckOptions
  readonly #guesses: GuessLimit

  constructor(options: SessionCheckOptions) {
    this.#options = options
    this.#guesses = new GuessLimit({ ...options, wrongPerSecond: wrongTokensPerSecond })
  }

  /**
   * @param address to count guesses by: the member's if the service sends it, otherwise the service's own
   * @throws GatewayError throttled, store_unavailable
   */
  async byToken(agentId: string, token: string, address: string): Promise<SessionFacts | null> {
    const { directory, hashToken } = this.#options
    const key = `session-guess|${addressKey(address)}`
    this.#guesses.verifyRoom(key)
    const found = await directory.find(hashToken(agentId, token))
    await this.#guesses.settle(key, found.state !== 'unknown')
    return found.state === 'live' ? found.facts : null
  }

  /** @throws GatewayError store_unavailable */
  async byHandle(handle: string): Promise<SessionFacts | null> {
    const { directory, handles } = this.#options
    const named = handles.find(handle)
    if (named === null) return null
    const found = await directory.find(named.tokenHash)
    // A later session with the same token is another one, which this handle does not open.
    return found.state === 'live' && found.facts.session.createdAt <= named.seenAt ? found.facts : null
  }

  /** Exchanges a one-time ticket for a handle. @throws GatewayError store_unavailable */
  async redeem(agentId: string, ticket: string): Promise<{ facts: SessionFacts; handle: string } | null> {
    const { directory, sessions, merchants, handles, clock } = this.#options
    if (merchants.find(agentId) === null) return null
    const session = await sessions.redeemTicket(agentId, hashTicket(ticket), clock.now())
    if (session === null) return null
    const found = await directory.find(session.tokenHash)
    return found.state === 'live' ? { facts: found.facts, handle: handles.issue(session) } : null
  }
}
