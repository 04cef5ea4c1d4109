import type { TraceInput, TraceStore } from '../../store/store.ts'
import type { SharedClock } from '../base/clock.ts'
import { addressKey } from '../base/network-address.ts'
import { type DecidedCall, shareOwner } from './decided-call.ts'
import { MinuteShares } from './minute-shares.ts'

const flushIntervalMs = 1_000
/** Maximum of passed and of failed calls waiting for the next flush; any more leave no trace. */
const pendingMax = 250
/** The maximum for one merchant or seller. */
const pendingMaxPerOwner = 125
/** Traces per minute of unauthenticated callers. */
const strangerShares = { perOwner: 20, perAddress: 5, total: 240 }
/** They have their own table in the store, this fraction of the size of the others'. */
const strangerRowsPart = 1 / 4
const trimEveryFlushes = 10
const trimBatchMax = 5_000
const hourMs = 3_600_000

export interface TraceLogOptions {
  readonly store: TraceStore
  /** Decides which traces are old. */
  readonly shared: SharedClock
  /** 0 turns tracing off; existing traces are deleted. */
  readonly hours: number
  readonly rowsMax: number
  readonly onError: (error: unknown) => void
  /** Called at a flush with the number of calls dropped since the previous one. */
  readonly onDropped: (count: number) => void
}

/**
 * Keeps in the store how calls were decided, for operators. Drops traces rather than slow calls down: each interval has a limited number of traces,
 * built after the answer and written together; what does not fit or cannot be written is dropped and counted. Strangers get a few, by merchant and
 * address, and never use up anybody else's.
 */
export class TraceLog {
  readonly #options: TraceLogOptions
  readonly #strangers = new MinuteShares(strangerShares)
  #passed = new Pending()
  #failed = new Pending()
  #ofStrangers: TraceInput[] = []
  #droppedCount = 0
  #droppedTotal = 0
  #flushCount = 0
  #flushing: Promise<void> | null = null
  readonly #timer: NodeJS.Timeout

  constructor(options: TraceLogOptions) {
    this.#options = options
    this.#timer = setInterval(() => void (this.#flushing ?? this.flush()), flushIntervalMs).unref()
  }

  /** Calls that left no trace since this process started. */
  get droppedTotal(): number {
    return this.#droppedTotal + this.#droppedCount
  }

  /** Call it after the answer was sent. @param build makes the trace; called at once or never, so that no request is held */
  note(call: DecidedCall, isFailed: boolean, build: () => TraceInput): void {
    if (this.#options.hours === 0) return
    if (call.isKnown) {
      const pending = isFailed ? this.#failed : this.#passed
      if (pending.take(call)) pending.traces.push(build())
      else this.#droppedCount++
    } else if (this.#strangers.take(shareOwner(call), call.address === null ? null : addressKey(call.address), call.at)) {
      this.#ofStrangers.push(build())
    } else {
      this.#droppedCount++
    }
  }

  /** Writes what is pending, and from time to time deletes old rows. */
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
    const batch = [...this.#failed.traces, ...this.#passed.traces, ...this.#ofStrangers]
    this.#failed = new Pending()
    this.#passed = new Pending()
    this.#ofStrangers = []
    try {
      if (batch.length > 0) await store.append(batch)
      if (this.#flushCount++ % trimEveryFlushes === 0) await this.#trim()
    } catch (error) {
      this.#droppedCount += batch.length
      onError(error)
    }
    if (this.#droppedCount > 0) onDropped(this.#droppedCount)
    this.#droppedTotal += this.#droppedCount
    this.#droppedCount = 0
  }

  async #trim(): Promise<void> {
    const { store, shared, hours, rowsMax } = this.#options
    const strangerRowsMax = Math.ceil(rowsMax * strangerRowsPart)
    await store.trim({ since: (await shared.read()) - hours * hourMs, rowsMax, strangerRowsMax }, trimBatchMax)
  }
}

/** Traces waiting for a flush, with a share per owner. */
class Pending {
  readonly traces: TraceInput[] = []
  readonly #perOwner = new Map<string, number>()

  /** False when there is no room. */
  take(call: DecidedCall): boolean {
    if (this.traces.length >= pendingMax) return false
    const owner = shareOwner(call)
    const taken = this.#perOwner.get(owner) ?? 0
    if (taken >= pendingMaxPerOwner) return false
    this.#perOwner.set(owner, taken + 1)
    return true
  }
}
