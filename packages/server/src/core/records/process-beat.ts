import { hostname } from 'node:os'
import type { ProcessState, ProcessStore } from '../../store/store.ts'
import type { SharedClock } from '../base/clock.ts'
import { randomId } from '../base/random.ts'
import { version } from '../base/version.ts'

const everyMs = 10_000

/** A process not seen for this long, ms, is gone or hangs. */
export const aliveMs = 30_000

/** Reports to the store every few seconds that this process runs, and its state. */
export class ProcessBeat {
  readonly #store: ProcessStore
  readonly #shared: SharedClock
  readonly #look: () => Promise<Omit<ProcessState, 'host' | 'pid' | 'version'>>
  readonly #onError: (error: unknown) => void
  /** Names this process in the store. */
  readonly id = randomId()
  #startedAt: number | null = null
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()

  constructor(options: {
    readonly store: ProcessStore
    readonly shared: SharedClock
    readonly look: () => Promise<Omit<ProcessState, 'host' | 'pid' | 'version'>>
    readonly onError: (error: unknown) => void
  }) {
    this.#store = options.store
    this.#shared = options.shared
    this.#look = options.look
    this.#onError = options.onError
  }

  start(): void {
    this.#timer = setInterval(() => void this.beat(), everyMs).unref()
    void this.beat()
  }

  /** Also removes its row. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#running
    await this.#store.leave(this.id).catch(this.#onError)
  }

  async beat(): Promise<void> {
    this.#running = this.#beat().catch(this.#onError)
    await this.#running
  }

  async #beat(): Promise<void> {
    const seenAt = await this.#shared.read()
    this.#startedAt ??= seenAt
    const own = { host: hostname(), pid: process.pid, version }
    await this.#store.beat({ id: this.id, startedAt: this.#startedAt, seenAt, ...own, ...(await this.#look()) })
  }
}
