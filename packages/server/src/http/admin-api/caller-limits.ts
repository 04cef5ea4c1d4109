import { type ErrorKey, GatewayError } from '@lobbykey/contract'
import type { Clock } from '../../core/base/clock.ts'
import { addressKey } from '../../core/base/network-address.ts'
import { GuessLimit } from '../../core/limits/guess-limit.ts'
import type { Limiter } from '../../core/limits/rate-limiter.ts'
import type { Caller } from '../../operations/caller.ts'

/** Wrong tokens, sessions and answers of single sign-on from one address, and wrong codes of one operator, a second; a burst is two seconds' worth. */
const wrongPerSecond = { token: 5, session: 5, sso: 5, code: 1 }

/** How the look-ups answer what is wrong. */
const wrongKeys: readonly ErrorKey[] = ['not_signed_in', 'not_found', 'sso_failed']

export interface CallerLimitsOptions {
  readonly limiter: Limiter
  readonly clock: Clock
  /** Requests a second of one caller; 0: no limit. */
  readonly perSecond: number
}

/** How much one caller, or one address that nobody has signed in from, may ask of the admin API (check 87). */
export class CallerLimits {
  readonly #options: CallerLimitsOptions
  readonly #guesses: Readonly<Record<keyof typeof wrongPerSecond, GuessLimit>>

  constructor(options: CallerLimitsOptions) {
    this.#options = options
    const limitOf = (kind: keyof typeof wrongPerSecond) => new GuessLimit({ ...options, wrongPerSecond: wrongPerSecond[kind] })
    this.#guesses = { token: limitOf('token'), session: limitOf('session'), sso: limitOf('sso'), code: limitOf('code') }
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
   * The result of a look-up by what the caller presented; `not_signed_in`, `not_found` and `sso_failed` count as wrong guesses.
   * @param who an address, or for codes an operator
   * @throws GatewayError throttled, before the look-up where too many are known; whatever `find` throws
   */
  async guess<T>(kind: keyof typeof wrongPerSecond, who: string | null, find: () => Promise<T>): Promise<T> {
    const key = `admin-${kind}|${kind === 'code' ? who : addressKey(who ?? 'unknown')}`
    const guesses = this.#guesses[kind]
    guesses.verifyRoom(key)
    try {
      const found = await find()
      await guesses.settle(key, true)
      return found
    } catch (error) {
      if (error instanceof GatewayError && wrongKeys.includes(error.key)) await guesses.settle(key, false)
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
