import type { Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

/** A successful write counts for this long; until then it is enough that the store answers. */
const keptMs = 5_000

/** Whether the store can be written: writes at most one row every five seconds, however often it is asked. */
export class WriteWatch {
  readonly #store: Pick<Store, 'ping' | 'verifyWritable'>
  readonly #clock: Clock
  #writtenAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | null = null

  constructor(options: { store: Pick<Store, 'ping' | 'verifyWritable'>; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** @throws GatewayError store_unavailable */
  assertWritable(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #ask(): Promise<void> {
    const now = this.#clock.now()
    const ageMs = now - this.#writtenAt
    if (ageMs >= 0 && ageMs < keptMs) return this.#store.ping()
    await this.#store.verifyWritable()
    this.#writtenAt = now
  }
}
