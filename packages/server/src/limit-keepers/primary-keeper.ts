/**
 * Limits of a node without Redis that runs several workers: their primary process keeps them, so that a rate does not depend on the number of
 * workers. A worker asks once per turn of its event loop, not per request.
 */
import cluster from 'node:cluster'
import type { Clock } from '../core/base/clock.ts'
import { RateLimiter } from '../core/limits/rate-limiter.ts'
import type { LimitAnswer, LimitKeeper, LimitOrder } from '../core/limits/shared-limiter.ts'

interface Question {
  readonly limitQuestion: number
  readonly orders: readonly LimitOrder[]
}

interface Answer {
  readonly limitAnswer: number
  readonly answers: readonly LimitAnswer[]
}

/** A worker's side. */
export class PrimaryKeeper implements LimitKeeper {
  // A primary does not disappear without its workers; it can only be slow on an overloaded machine.
  readonly answerMsMax = 5_000
  readonly #waiting = new Map<number, (answers: readonly LimitAnswer[]) => void>()
  #lastQuestion = 0
  readonly #hear = (message: Partial<Answer>) => {
    const { limitAnswer, answers } = message
    if (limitAnswer === undefined || answers === undefined) return
    this.#waiting.get(limitAnswer)?.(answers)
    this.#waiting.delete(limitAnswer)
  }

  async open(): Promise<void> {
    // Calls made before a failure have been answered without the primary.
    this.close()
    process.on('message', this.#hear)
    await this.take([])
  }

  take(orders: readonly LimitOrder[]): Promise<readonly LimitAnswer[]> {
    return new Promise((resolve, reject) => {
      const question: Question = { limitQuestion: ++this.#lastQuestion, orders }
      this.#waiting.set(question.limitQuestion, resolve)
      process.send?.(question, (error: Error | null) => {
        if (error !== null) reject(error)
      })
    })
  }

  close(): void {
    process.off('message', this.#hear)
    this.#waiting.clear()
  }
}

/** The primary's side: answers all current and future workers. */
export function keepLimits(clock: Clock): void {
  const limiter = new RateLimiter()
  cluster.on('message', (worker, message: unknown) => {
    const { limitQuestion, orders } = message as Partial<Question>
    if (limitQuestion === undefined || orders === undefined) return
    const now = clock.now()
    const answer: Answer = { limitAnswer: limitQuestion, answers: orders.map((order) => judge(limiter, order, now)) }
    // A worker that is gone needs no answer.
    worker.send(answer, () => {})
  })
}

function judge(limiter: RateLimiter, { key, ratePerSecond, wanted }: LimitOrder, now: number): LimitAnswer {
  let taken = 0
  while (taken < wanted && limiter.take(key, ratePerSecond, now) === 0) taken++
  return { taken, debtMs: limiter.debtMs(key, now) }
}
