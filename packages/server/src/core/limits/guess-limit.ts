import type { Clock } from '../base/clock.ts'
import { type Limiter, verifyNoWait } from './rate-limiter.ts'

/**
 * Limits guesses at what is short enough to be guessed: so many wrong ones a second under a key, with a burst of two seconds' worth. Past
 * that a right one has to wait like any other.
 *
 * What a look has found is told only by leave of the limiter, which is asked after it and counts in the same step: of guesses that come
 * together, on however many processes, as many are told as would be told one after another (check 87). Right ones take nothing, so a
 * busy caller is not held up by its own calls.
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

  /** Refuses at once whom this process knows to be past the limit, so that nothing is looked up for it. @throws GatewayError throttled */
  verifyRoom(key: string): void {
    void verifyNoWait(this.#limiter.knownWaitMs(key, this.#wrongPerSecond, this.#clock.now()), 'throttled')
  }

  /** Decides whether the outcome of a look may be told; counts a wrong one. @throws GatewayError throttled */
  settle(key: string, isRight: boolean): void | Promise<void> {
    const now = this.#clock.now()
    const limiter = this.#limiter
    const waitMs = isRight ? limiter.waitMs(key, this.#wrongPerSecond, now) : limiter.take(key, this.#wrongPerSecond, now)
    return verifyNoWait(waitMs, 'throttled')
  }
}
