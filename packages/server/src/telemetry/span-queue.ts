import type { ReadableSpan } from '@opentelemetry/sdk-trace'

/** Spans that may wait, some 2 MB. More are dropped. */
const waitingMax = 2_048
const batchMax = 512
const sendMs = 5_000

/**
 * Spans on their way to the collector: sent every five seconds, sooner when there are many, one batch at a time and each once. What cannot be sent,
 * or finds no room while the collector is slow or away, is dropped and counted.
 */
export class SpanQueue {
  readonly #send: (batch: readonly ReadableSpan[]) => Promise<void>
  readonly #onError: (error: unknown) => void
  #waiting: ReadableSpan[] = []
  #sending: Promise<boolean> | null = null
  #timer: NodeJS.Timeout | null = null
  #isAway = false
  #sentCount = 0
  #droppedCount = 0

  constructor(send: (batch: readonly ReadableSpan[]) => Promise<void>, onError: (error: unknown) => void) {
    this.#send = send
    this.#onError = onError
  }

  /** Since this process started. */
  get sentCount(): number {
    return this.#sentCount
  }

  /** Since this process started. */
  get droppedCount(): number {
    return this.#droppedCount
  }

  add(spans: readonly ReadableSpan[]): void {
    const room = waitingMax - this.#waiting.length
    this.#waiting.push(...spans.slice(0, room))
    this.drop(Math.max(0, spans.length - room))
    this.#schedule()
  }

  drop(count: number): void {
    this.#droppedCount += count
  }

  /** Sends what waits, until a batch fails. */
  async flush(): Promise<void> {
    await this.#sending
    while (this.#waiting.length > 0 && (await this.#sendBatch())) {}
  }

  async close(): Promise<void> {
    await this.flush()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.drop(this.#waiting.splice(0).length)
  }

  #schedule(): void {
    if (this.#sending !== null || this.#waiting.length === 0) return
    // A collector that is away is tried no sooner because more is waiting.
    if (this.#waiting.length >= batchMax && !this.#isAway) void this.#sendBatch()
    else this.#timer ??= setTimeout(() => void this.#sendBatch(), sendMs).unref()
  }

  /** @returns whether the collector took it */
  #sendBatch(): Promise<boolean> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#sending ??= this.#sendNow(this.#waiting.splice(0, batchMax)).finally(() => {
      this.#sending = null
      this.#schedule()
    })
    return this.#sending
  }

  async #sendNow(batch: readonly ReadableSpan[]): Promise<boolean> {
    try {
      await this.#send(batch)
      this.#sentCount += batch.length
      this.#isAway = false
    } catch (error) {
      this.drop(batch.length)
      this.#isAway = true
      this.#onError(error)
    }
    return !this.#isAway
  }
}
