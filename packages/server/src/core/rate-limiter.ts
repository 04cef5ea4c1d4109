/** A burst is two seconds' worth (member-login.md). */
const burstMs = 2_000

/**
 * GCRA: admits `ratePerSecond` evenly, with a burst of two seconds' worth and no double burst at a window's edge.
 * One process, bounded memory: the keys least recently taken leave first.
 */
export class RateLimiter {
  readonly #keysMax: number
  /** Theoretical arrival time of each key, ms. */
  readonly #arrivals = new Map<string, { tat: number }>()

  constructor(keysMax = 100_000) {
    this.#keysMax = keysMax
  }

  /** Takes one. 0: admitted; otherwise the milliseconds until one would be. A rate of 0 admits all. */
  take(key: string, ratePerSecond: number, now: number): number {
    if (ratePerSecond === 0) return 0
    const stepMs = 1_000 / ratePerSecond
    const arrival = this.#arrivals.get(key)
    if (arrival === undefined) {
      this.#arrivals.set(key, { tat: now + stepMs })
      if (this.#arrivals.size > this.#keysMax) this.#evict(now)
      return 0
    }
    // The cap keeps a clock that was set back from holding a key until the old time comes again.
    const tat = Math.min(Math.max(arrival.tat, now), now + burstMs)
    const waitMs = tat + stepMs - now - burstMs
    if (waitMs > 0) {
      arrival.tat = tat
      return waitMs
    }
    arrival.tat = tat + stepMs
    return 0
  }

  /** What `take` would answer, without taking. */
  waitMs(key: string, ratePerSecond: number, now: number): number {
    const arrival = this.#arrivals.get(key)
    if (ratePerSecond === 0 || arrival === undefined) return 0
    const tat = Math.min(Math.max(arrival.tat, now), now + burstMs)
    return Math.max(0, tat + 1_000 / ratePerSecond - now - burstMs)
  }

  /** Drops a tenth: first what holds no debt, then the oldest. */
  #evict(now: number): void {
    const target = Math.floor(this.#keysMax * 0.9)
    for (const [key, { tat }] of this.#arrivals) if (tat <= now) this.#arrivals.delete(key)
    for (const key of this.#arrivals.keys()) {
      if (this.#arrivals.size <= target) return
      this.#arrivals.delete(key)
    }
  }
}
