import type { EventInput, EventStore } from '../../store/store.ts'

const flushIntervalMs = 1_000
/** Distinct refusals kept between two flushes; beyond it, refusals share one row per kind. */
const distinctMax = 1_000

/**
 * Records refusals off the request's path. Alike ones (same kind, code, merchant, subject, address) between two flushes share
 * a row with a count, so a flood costs a bounded number of rows and no count is lost while the process lives.
 * What changes something is recorded by the store in the change's own transaction instead.
 */
export class EventLog {
  readonly #store: EventStore
  readonly #onError: (error: unknown) => void
  #pending = new Map<string, { event: EventInput; count: number }>()
  #flushing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(options: { store: EventStore; onError: (error: unknown) => void }) {
    this.#store = options.store
    this.#onError = options.onError
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  refused(event: EventInput): void {
    const key = `${event.kind}|${event.surface}|${event.code}|${event.agentId}|${event.subject}|${event.address}`
    const known = this.#pending.get(key)
    if (known !== undefined) {
      known.count += event.count ?? 1
    } else if (this.#pending.size < distinctMax) {
      this.#pending.set(key, { event, count: event.count ?? 1 })
    } else {
      this.#merge({ at: event.at, kind: event.kind, surface: event.surface, code: event.code, details: { joined: true } }, event.count ?? 1)
    }
  }

  /** Writes what is pending; a store that cannot be written keeps it pending, still bounded. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(async () => {
      if (this.#pending.size === 0) return
      const batch = this.#pending
      this.#pending = new Map()
      try {
        await this.#store.append([...batch.values()].map(({ event, count }) => ({ ...event, count })))
      } catch (error) {
        for (const { event, count } of batch.values()) this.refused({ ...event, count })
        this.#onError(error)
      }
    })
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  #merge(event: EventInput, count: number): void {
    const key = `joined|${event.kind}|${event.surface}|${event.code}`
    const known = this.#pending.get(key)
    if (known === undefined) this.#pending.set(key, { event, count })
    else known.count += count
  }
}
