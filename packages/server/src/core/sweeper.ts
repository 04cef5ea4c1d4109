import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'

const intervalMs = 5_000
const batchMax = 2_000
/** Batches in a row before others get their turn. */
const roundsMax = 5

/** Lets what has expired leave the store, in bounded batches, so that it never slows what is asked for. */
export class Sweeper {
  readonly #store: Pick<Store, 'sweep'>
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()

  constructor(options: { store: Pick<Store, 'sweep'>; clock: Clock; onError: (error: unknown) => void }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#onError = options.onError
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.run()).catch(this.#onError)
    }, intervalMs).unref()
  }

  /** Stops after the batch under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }

  async run(): Promise<void> {
    for (let round = 0; round < roundsMax; round++) {
      if ((await this.#store.sweep(this.#clock.now(), batchMax)) < batchMax) return
    }
  }
}
