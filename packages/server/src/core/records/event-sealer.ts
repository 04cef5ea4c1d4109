import type { SealRecord, SealStore } from '../../store/store.ts'
import type { SharedClock } from '../base/clock.ts'
import { RepeatedTask } from '../base/repeated-task.ts'
import type { SealMaker } from './event-seal.ts'

const everyMs = 5_000
/** A transaction may still commit a smaller event number this long after a larger one was taken; far longer than any store call. */
export const lateMs = 30_000
const batchMax = 1_000

/**
 * Seals events once no earlier one can appear. Runs in every process; the first to write a seal's number wins. Runs in the background: no caller
 * waits for it.
 */
export class EventSealer {
  readonly #store: SealStore
  readonly #shared: SharedClock
  readonly #maker: SealMaker
  readonly #onSealed: (seal: SealRecord) => void
  readonly #onError: (error: unknown) => void
  /** The newest event at each time, oldest first. */
  #seen: { readonly id: number; readonly at: number }[] = []
  readonly #task = new RepeatedTask(everyMs, () => this.run())

  constructor(options: {
    readonly store: SealStore
    readonly shared: SharedClock
    readonly maker: SealMaker
    readonly onSealed: (seal: SealRecord) => void
    readonly onError: (error: unknown) => void
  }) {
    this.#store = options.store
    this.#shared = options.shared
    this.#maker = options.maker
    this.#onSealed = options.onSealed
    this.#onError = options.onError
  }

  start(): void {
    this.#task.start()
  }

  stop(): Promise<void> {
    return this.#task.stop()
  }

  async run(): Promise<void> {
    await this.#seal().catch(this.#onError)
  }

  async #seal(): Promise<void> {
    const now = await this.#shared.read()
    this.#seen.push({ id: await this.#store.newestEvent(), at: now })
    const settled = this.#seen.findLast(({ at }) => at <= now - lateMs)
    if (settled === undefined) return
    this.#seen = this.#seen.filter(({ at }) => at >= settled.at)
    for (;;) {
      const before = await this.#store.last()
      const events = await this.#store.events({ after: before?.lastId ?? 0, until: settled.id, limit: batchMax })
      if (events.length === 0) return
      const seal = this.#maker.make(before, events, now)
      if (await this.#store.append(seal)) this.#onSealed(seal)
    }
  }
}
