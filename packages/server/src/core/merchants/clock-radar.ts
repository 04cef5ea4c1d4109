import { timestampWindowMs } from '@lobbykey/contract'
import type { MerchantClock, MerchantClockStore } from '../../store/store.ts'

/** Warn beyond half of the allowed difference. */
export const clockWarningMs = timestampWindowMs / 2

const flushIntervalMs = 10_000
const dayMs = 86_400_000
/** Weight of the newest difference: one part in this many. */
const smoothing = 8
/** A reading is stored if it moved by this much, or the stored one is this old. */
const storedStepMs = 1_000
const storedAgeMsMax = 600_000

interface Reading {
  differenceMs: number
  measuredAt: number
  stored: MerchantClock | null
}

export interface ClockRadarOptions {
  readonly store: MerchantClockStore
  readonly onError: (error: unknown) => void
  /** Called once per day and merchant, over all nodes. */
  readonly onWarning: (clock: MerchantClock) => void
}

/**
 * How far each merchant's clock is off: an exponentially weighted mean of `timestamp` − now over its accepted signatures, so memory is
 * bounded by the number of merchants. Stored coarsely, in the background.
 */
export class ClockRadar {
  readonly #options: ClockRadarOptions
  readonly #readings = new Map<string, Reading>()
  #flushing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(options: ClockRadarOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  /** @param differenceMs how far the merchant's clock is ahead; negative if behind */
  note(agentId: string, differenceMs: number, now: number): void {
    const reading = this.#readings.get(agentId)
    if (reading === undefined) {
      this.#readings.set(agentId, { differenceMs, measuredAt: now, stored: null })
    } else {
      reading.differenceMs += (differenceMs - reading.differenceMs) / smoothing
      reading.measuredAt = now
    }
  }

  /** The merchants with the largest differences, of those seen since this process started. */
  farthest(limit: number): Pick<MerchantClock, 'agentId' | 'differenceMs'>[] {
    return [...this.#readings]
      .map(([agentId, { differenceMs }]) => ({ agentId, differenceMs }))
      .sort((left, right) => Math.abs(right.differenceMs) - Math.abs(left.differenceMs))
      .slice(0, limit)
  }

  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write()).catch(this.#options.onError)
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    const changed: MerchantClock[] = []
    const readings: Reading[] = []
    for (const [agentId, reading] of this.#readings) {
      if (!isWorthStoring(reading)) continue
      changed.push({ agentId, differenceMs: Math.round(reading.differenceMs), measuredAt: reading.measuredAt })
      readings.push(reading)
    }
    await this.#options.store.note(changed)
    for (const [index, clock] of changed.entries()) {
      const reading = readings[index]
      if (reading !== undefined) reading.stored = clock
      if (Math.abs(clock.differenceMs) > clockWarningMs) await this.#warn(clock)
    }
  }

  async #warn(clock: MerchantClock): Promise<void> {
    const { agentId, differenceMs, measuredAt } = clock
    const isNew = await this.#options.store.warn(agentId, measuredAt - dayMs, {
      at: measuredAt,
      kind: 'merchant.clock_off',
      surface: 'member-api',
      agentId,
      details: { differenceMs },
    })
    if (isNew) this.#options.onWarning(clock)
  }
}

function isWorthStoring({ differenceMs, measuredAt, stored }: Reading): boolean {
  if (stored === null) return true
  return Math.abs(differenceMs - stored.differenceMs) >= storedStepMs || measuredAt - stored.measuredAt >= storedAgeMsMax
}
