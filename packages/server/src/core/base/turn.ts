import { setImmediate } from 'node:timers/promises'

/** How long work in pieces holds the event loop, ms. */
const turnMsMax = 10

/** Does long work in pieces, between which the event loop serves others: `if (turn.isOver) await turn.next()` in its loops. */
export class Turn {
  #begunAt = performance.now()

  get isOver(): boolean {
    return performance.now() - this.#begunAt > turnMsMax
  }

  async next(): Promise<void> {
    await setImmediate()
    this.#begunAt = performance.now()
  }
}
