import { GatewayError } from '@lobbykey/contract'
import type { Clock, SharedClock } from '../base/clock.ts'

const intervalMs = 5_000
/** A node whose clock differs from the database's by more than this is not ready, and deletes nothing (check 84). */
const differenceMsMax = 30_000
/** Expired rows are kept this much longer, so that a node whose clock is behind by no more than this still finds them. */
export const keptMarginMs = 120_000

/** This node's clock cannot be relied on. */
export class ClockOffError extends Error {
  override readonly name = 'ClockOffError'
}

export interface ClockWatchOptions {
  readonly clock: Clock
  /** The database's clock. */
  readonly shared: SharedClock
  /** Called when the clock is found to be off, and when it is right again; positive means ahead. */
  readonly onChange: (differenceMs: number, isOff: boolean) => void
}

/** Measures how far this node's clock is from the database's, and provides the database's time for deletions. */
export class ClockWatch implements SharedClock {
  readonly #options: ClockWatchOptions
  #differenceMs = 0
  #timer: NodeJS.Timeout | null = null

  constructor(options: ClockWatchOptions) {
    this.#options = options
  }

  /** Measures once, then every five seconds. Rejects when the store does not answer. */
  async start(): Promise<void> {
    await this.#measure()
    this.#timer = setInterval(() => {
      // Whoever needs the store reports that it does not answer.
      this.#measure().catch(() => {})
    }, intervalMs).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** How far this node's clock is ahead of the database's, ms; negative when behind. */
  get differenceMs(): number {
    return this.#differenceMs
  }

  /** The database's time. Rejects with ClockOffError while this node's clock is off. */
  async read(): Promise<number> {
    const now = await this.#measure()
    this.assertClose()
    return now
  }

  /** @throws ClockOffError */
  assertClose(): void {
    if (Math.abs(this.#differenceMs) > differenceMsMax) throw new ClockOffError(describe(this.#differenceMs))
  }

  /**
   * A node this far behind would accept a replay whose row has been swept.
   * @throws GatewayError store_unavailable
   */
  assertNotBehind(): void {
    if (this.#differenceMs >= -keptMarginMs) return
    throw new GatewayError('store_unavailable', { retryAfterMs: intervalMs }, new ClockOffError(describe(this.#differenceMs)))
  }

  async #measure(): Promise<number> {
    const { clock, shared, onChange } = this.#options
    const askedAt = clock.now()
    const now = await shared.read()
    const answeredAt = clock.now()
    const wasOff = Math.abs(this.#differenceMs) > differenceMsMax
    // Counts only the difference that is certain, however long the answer took.
    this.#differenceMs = now < askedAt ? askedAt - now : now > answeredAt ? answeredAt - now : 0
    const isOff = Math.abs(this.#differenceMs) > differenceMsMax
    if (isOff !== wasOff) onChange(this.#differenceMs, isOff)
    return now
  }
}

function describe(differenceMs: number): string {
  const seconds = Math.round(Math.abs(differenceMs) / 1_000)
  const side = differenceMs > 0 ? 'ahead of' : 'behind'
  return `this node's clock is ${seconds} s ${side} the database's; it may be ${differenceMsMax / 1_000} s off: check NTP on both`
}
