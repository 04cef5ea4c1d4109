import { GatewayError } from '@lobbykey/contract'
import type { Clock } from '../../core/base/clock.ts'
import { addressKey } from '../../core/base/network-address.ts'
import { GuessLimit } from '../../core/limits/guess-limit.ts'
import type { Limiter } from '../../core/limits/rate-limiter.ts'
import type { Caller } from '../../operations/caller.ts'

/** Wrong tokens, and wrong sessions, a second from one address; a burst is two seconds' worth. */
const wrongPerSecond = 5

export interface CallerLimitsOptions {
  readonly limiter: Limiter
  readonly clock: Clock
  /** Requests a second of one caller; 0: no limit. */
  readonly perSecond: number
}

/** How much one caller, or one address that nobody has signed in from, may ask of the admin API (check 87). */
export class CallerLimits {
  readonly #options: CallerLimitsOptions
  readonly #guesses: GuessLimit

  constructor(options: CallerLimitsOptions) {
    this.#options = options
    this.#guesses = new GuessLimit({ ...options, wrongPerSecond })
  }

  /** A token by itself, so that a program does not lock its operator out of the console. @throws GatewayError rate_limited */
  async admit({ origin, operatorId, sessionId }: Caller): Promise<void> {
    await this.#take(sessionId === null ? `${origin.actor}` : `operator:${operatorId}`)
  }

  /** Before anybody is signed in. @throws GatewayError rate_limited */
  async admitStranger(address: string | null): Promise<void> {
    await this.#take(addressKey(address ?? 'unknown'))
  }

  /**
   * The result of a look-up by what the caller presented; `not_signed_in` counts as a wrong guess.
   * @throws GatewayError throttled, before the look-up where too many are known; whatever `find` throws
   */
  async guess<T>(kind: 'token' | 'session', address: string | null, find: () => Promise<T>): Promise<T> {
    const key = `admin-${kind}|${addressKey(address ?? 'unknown')}`
    this.#guesses.verifyRoom(key)
    try {
      const found = await find()
      await this.#guesses.settle(key, true)
      return found
    } catch (error) {
      if (error instanceof GatewayError && error.key === 'not_signed_in') await this.#guesses.settle(key, false)
      throw error
    }
  }

  async #take(key: string): Promise<void> {
    const { limiter, clock, perSecond } = this.#options
    const waitMs = await limiter.take(`admin|${key}`, perSecond, clock.now())
    if (waitMs <= 0) return
    const message = `more than ${perSecond} requests a second: wait ${Math.ceil(waitMs / 1_000)} s, then repeat the same request`
    throw new GatewayError('rate_limited', { retryAfterMs: waitMs, message })
  }
}
