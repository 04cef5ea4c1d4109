import type { TraceInput, TraceStore } from '../../store/store.ts'
import type { SharedClock } from '../base/clock.ts'

const flushIntervalMs = 1_000
/** Passed and failed calls that wait for the next flush, each: more in one interval leave no trace. */
const pendingMax = 250
const trimEveryFlushes = 10
const trimBatchMax = 5_000
const hourMs = 3_600_000

export interface TraceLogOptions {
  readonly store: TraceStore
  /** What decides which traces are old. */
  readonly shared: SharedClock
  /** 0: nothing is traced, and what was traced leaves. */
  readonly hours: number
  readonly rowsMax: number
  readonly onError: (error: unknown) => void
  /** Told at a flush how many calls left no trace since the one before. */
  readonly onDropped: (count: number) => void
}

/**
 * How calls were decided, kept in the store for the operator. Lossy before it is slow: so many traces an interval are made, each after
 * its call is answered, and written together; what does not fit, or cannot be written, is dropped and counted.
 */
export class TraceLog {
  readonly #options: TraceLogOptions
  #passed: TraceInput[] = []
  #failed: TraceInput[] = []
  #droppedCount = 0
  #flushCount = 0
  #flushing: Promise<void> | null = null
  readonly #timer: NodeJS.Timeout

  constructor(options: TraceLogOptions) {
    this.#options = options
    this.#timer = setInterval(() => void (this.#flushing ?? this.flush()), flushIntervalMs).unref()
  }

  /** To be called after the answer has left. @param build makes the trace; is called now, so that no request is kept for it, or never */
  note(isFailed: boolean, build: () => TraceInput): void {
    if (this.#options.hours === 0) return
    const pending = isFailed ? this.#failed : this.#passed
    if (pending.length < pendingMax) pending.push(build())
    else this.#droppedCount++
  }

  /** Writes what is pending, and now and then lets old rows leave. */
  async flush(): Promise<void> {
    await this.#flushing
    this.#flushing = this.#write().finally(() => {
      this.#flushing = null
    })
    await this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    const { store, onError, onDropped } = this.#options
    const batch = [...this.#failed, ...this.#passed]
    this.#failed = []
    this.#passed = []
    try {
      if (batch.length > 0) await store.append(batch)
      if (this.#flushCount++ % trimEveryFlushes === 0) await this.#trim()
    } catch (error) {
      this.#droppedCount += batch.length
      onError(error)
    }
    if (this.#droppedCount > 0) onDropped(this.#droppedCount)
    this.#droppedCount = 0
  }

  async #trim(): Promise<void> {
    const { store, shared, hours, rowsMax } = this.#options
    await store.trim({ since: (await shared.read()) - hours * hourMs, rowsMax }, trimBatchMax)
  }
}
