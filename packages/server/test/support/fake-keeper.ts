import { RateLimiter } from '../../src/core/limits/rate-limiter.ts'
import type { LimitAnswer, LimitKeeper, LimitOrder } from '../../src/core/limits/shared-limiter.ts'

/** Keeps limits for many processes like Redis, within this one; it can be made unavailable. */
export class FakeKeeper implements LimitKeeper {
  readonly answerMsMax = 50
  readonly asked: (readonly LimitOrder[])[] = []
  readonly #limiter = new RateLimiter()
  state: 'here' | 'failing' | 'hung' = 'here'

  open(): Promise<void> {
    return this.#answer(undefined)
  }

  take(orders: readonly LimitOrder[]): Promise<readonly LimitAnswer[]> {
    this.asked.push(orders)
    return this.#answer(orders.map((order) => this.#judge(order)))
  }

  close(): void {}

  #answer<T>(answer: T): Promise<T> {
    if (this.state === 'hung') return new Promise(() => {})
    return this.state === 'here' ? Promise.resolve(answer) : Promise.reject(new Error('away'))
  }

  #judge({ key, ratePerSecond, wanted }: LimitOrder): LimitAnswer {
    let taken = 0
    while (taken < wanted && this.#limiter.take(key, ratePerSecond, 0) === 0) taken++
    return { taken, debtMs: this.#limiter.debtMs(key, 0) }
  }
}
