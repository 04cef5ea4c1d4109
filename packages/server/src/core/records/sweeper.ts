import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '../../store/store.ts'
import type { Clock, SharedClock } from '../base/clock.ts'
import { keptMarginMs } from './clock-watch.ts'

const intervalMs = 5_000
/** Small, so that no transaction holds its rows, nor SQLite its file, for a tenth of a second (check 80). */
const batchMax = 500
const restMsMax = 1_000

/**
 * Lets what has expired leave the store, in bounded batches, so that it never slows what is asked for. It goes by the time that nodes share, and
 * leaves what expired within the last two minutes.
 */
export class Sweeper {
  readonly #store: Pick<Store, 'sweep'>
  readonly #clock: Clock
  readonly #shared: SharedClock
  readonly #onError: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #isRunning = false
  #isStopped = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: { store: Pick<Store, 'sweep'>; clock: Clock; shared: SharedClock; onError: (error: unknown) => void }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#shared = options.shared
    this.#onError = options.onError
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (!this.#isRunning) this.#running = this.run().catch(this.#onError)
    }, intervalMs).unref()
  }

  /** Stops after the batch under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#isStopped = true
    await this.#running
  }

  /**
   * Sweeps until nothing is left. After each batch comes a rest as long as the batch took, so that however much has expired, and however slow
   * the store is, sweeping has half of one connection at most.
   */
  async run(): Promise<void> {
    this.#isRunning = true
    try {
      while (!this.#isStopped) {
        const startedAt = this.#clock.now()
        const now = await this.#shared.read()
        if ((await this.#store.sweep(now - keptMarginMs, batchMax)) < batchMax) return
        await wait(Math.min(Math.max(this.#clock.now() - startedAt, 0), restMsMax))
      }
    } finally {
      this.#isRunning = false
    }
  }
}
