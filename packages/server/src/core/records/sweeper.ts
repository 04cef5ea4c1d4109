import { setTimeout as wait } from 'node:timers/promises'
import type { Store } from '../../store/store.ts'
import type { Clock, SharedClock } from '../base/clock.ts'
import { RepeatedTask } from '../base/repeated-task.ts'
import { keptMarginMs } from './clock-watch.ts'

const intervalMs = 5_000
/** Small enough that no transaction locks its rows for a tenth of a second (check 80). SQLite deletes in this process, which serves nothing meanwhile. */
const batchMax = { sqlite: 100, postgres: 500 }
const restMsMax = 1_000

/**
 * Deletes expired rows in bounded batches, so that it never slows requests. Uses the database's time, and leaves what expired within the last
 * two minutes.
 */
export class Sweeper {
  readonly #store: Pick<Store, 'dialect' | 'sweep'>
  readonly #clock: Clock
  readonly #shared: SharedClock
  readonly #onError: (error: unknown) => void
  readonly #task = new RepeatedTask(intervalMs, () => this.run().catch(this.#onError))
  #isStopped = false

  constructor(options: { store: Pick<Store, 'dialect' | 'sweep'>; clock: Clock; shared: SharedClock; onError: (error: unknown) => void }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#shared = options.shared
    this.#onError = options.onError
  }

  start(): void {
    this.#task.start()
  }

  /** Stops after the current batch. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#task.stop()
  }

  /**
   * Sweeps until nothing is left. After each batch it rests as long as the batch took, so that sweeping uses at most half of one connection, however
   * much has expired and however slow the store is.
   */
  async run(): Promise<void> {
    const rows = batchMax[this.#store.dialect]
    while (!this.#isStopped) {
      const startedAt = this.#clock.now()
      const now = await this.#shared.read()
      if ((await this.#store.sweep(now - keptMarginMs, rows)) < rows) return
      await wait(Math.min(Math.max(this.#clock.now() - startedAt, 0), restMsMax))
    }
  }
}
