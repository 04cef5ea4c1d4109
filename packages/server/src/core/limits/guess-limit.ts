import type { Clock } from '../base/clock.ts'
import { type Limiter, verifyAdmitted } from './rate-limiter.ts'

/**
 * Limits guesses at short secrets: a rate of wrong ones per key, with a burst of two seconds' worth. Beyond it, right ones must wait too.
 *
 * The limiter is asked after the lookup, and counts and decides in one step whether the result may be returned. So simultaneous guesses, on
 * any number of processes, get no more results than sequential ones (check 87). Right ones do not count, so busy callers are not slowed.
 */
export class GuessLimit {
  readonly #limiter: Limiter
  readonly #clock: Clock
  readonly #wrongPerSecond: number

  constructor(options: { limiter: Limiter; clock: Clock; wrongPerSecond: number }) {
    this.#limiter = options.limiter
    this.#clock = options.clock
    this.#wrongPerSecond = options.wrongPerSecond
  }

  /** Refuses callers known to be over the limit, before any lookup. @throws GatewayError throttled */
  verifyRoom(key: string): void {
    void verifyAdmitted(this.#limiter.knownWaitMs(key, this.#wrongPerSecond, this.#clock.now()), 'throttled')
  }

  /** Decides whether a lookup's result may be returned; counts a wrong one. @throws GatewayError throttled */
  settle(key: string, isRight: boolean): void | Promise<void> {
    const now = this.#clock.now()
    const limiter = this.#limiter
    const waitMs = isRight ? limiter.waitMs(key, this.#wrongPerSecond, now) : limiter.take(key, this.#wrongPerSecond, now)
    return verifyAdmitted(waitMs, 'throttled')
  }
}
