import { GatewayError } from '@lobbykey/contract'
import type { Clock, SharedClock } from '../base/clock.ts'

const intervalMs = 5_000
/** A node whose clock is further from the database's than this is not ready, and deletes nothing (check 84). */
export const differenceMsMax = 30_000
/** How much longer than its time whatever expires is kept: a node that is behind by no more than this still finds what it judges by. */
export const keptMarginMs = 120_000

/** Thrown when this node's clock cannot be relied on. */
export class ClockOffError extends Error {
  override readonly name = 'ClockOffError'
}

export interface ClockWatchOptions {
  readonly clock: Clock
  /** The database's. */
  readonly shared: SharedClock
  /** Told when the clock is found to be off, and when it is right again; ahead is positive. */
  readonly onChange: (differenceMs: number, isOff: boolean) => void
}

/** Follows how far this node's clock is from the database's, and gives the database's time to whoever deletes by it. */
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
      // A store that does not answer is told by whoever needs it.
      this.#measure().catch(() => {})
    }, intervalMs).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** How far ahead of the database's this node's clock is, ms; negative when it is behind. */
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
   * A node that is so far behind would take a replay for new, whose row has been swept.
   * @throws GatewayError store_unavailable
   */
  assertJudges(): void {
    if (this.#differenceMs >= -keptMarginMs) return
    throw new GatewayError('store_unavailable', { retryAfterMs: intervalMs }, new ClockOffError(describe(this.#differenceMs)))
  }

  async #measure(): Promise<number> {
    const { clock, shared, onChange } = this.#options
    const askedAt = clock.now()
    const now = await shared.read()
    const answeredAt = clock.now()
    const wasOff = Math.abs(this.#differenceMs) > differenceMsMax
    // No more than is certain, however long the answer took.
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
