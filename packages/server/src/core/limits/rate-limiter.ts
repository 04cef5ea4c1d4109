import { type ErrorKey, GatewayError } from '@lobbykey/contract'

/** Default burst: two seconds' worth (member-login.md). */
export const burstMs = 2_000

/** Rate limits by key. Answers synchronously unless it must ask elsewhere. */
export interface Limiter {
  /** Takes one. 0: admitted; otherwise the milliseconds until the next would be. A rate of 0 admits all. */
  take(key: string, ratePerSecond: number, now: number): number | Promise<number>
  /** What `take` would return, without taking. */
  waitMs(key: string, ratePerSecond: number, now: number): number | Promise<number>
  /** The same, as far as this process knows; others may have taken since. */
  knownWaitMs(key: string, ratePerSecond: number, now: number): number
}

/**
 * GCRA: admits `ratePerSecond` evenly with a burst (default two seconds' worth), without the double burst at a window's edge. One process,
 * bounded memory: the least recently taken keys are dropped first.
 */
export class RateLimiter implements Limiter {
  readonly #keysMax: number
  readonly #burstMs: number
  /** Theoretical arrival time of each key, ms. */
  readonly #arrivals = new Map<string, { tat: number }>()

  constructor(keysMax = 100_000, burst = burstMs) {
    this.#keysMax = keysMax
    this.#burstMs = burst
  }

  take(key: string, ratePerSecond: number, now: number): number {
    if (ratePerSecond === 0) return 0
    const stepMs = 1_000 / ratePerSecond
    const arrival = this.#arrivals.get(key)
    if (arrival === undefined) {
      this.#add(key, now + stepMs, now)
      return 0
    }
    // The cap keeps a clock that was set back from blocking a key until the old time returns.
    const tat = Math.min(Math.max(arrival.tat, now), now + this.#burstMs)
    const waitMs = tat + stepMs - now - this.#burstMs
    if (waitMs > 0) {
      arrival.tat = tat
      return waitMs
    }
    arrival.tat = tat + stepMs
    return 0
  }

  waitMs(key: string, ratePerSecond: number, now: number): number {
    return ratePerSecond === 0 ? 0 : waitOf(this.debtMs(key, now), ratePerSecond, this.#burstMs)
  }

  knownWaitMs(key: string, ratePerSecond: number, now: number): number {
    return this.waitMs(key, ratePerSecond, now)
  }

  /** How much of its burst a key has used, ms. */
  debtMs(key: string, now: number): number {
    return Math.max(0, Math.min((this.#arrivals.get(key)?.tat ?? now) - now, this.#burstMs))
  }

  setDebt(key: string, debtMs: number, now: number): void {
    const arrival = this.#arrivals.get(key)
    if (arrival === undefined) this.#add(key, now + debtMs, now)
    else arrival.tat = now + debtMs
  }

  #add(key: string, tat: number, now: number): void {
    this.#arrivals.set(key, { tat })
    if (this.#arrivals.size > this.#keysMax) this.#evict(now)
  }

  /** Drops a tenth: first keys without debt, then the oldest. */
  #evict(now: number): void {
    const target = Math.floor(this.#keysMax * 0.9)
    for (const [key, { tat }] of this.#arrivals) if (tat <= now) this.#arrivals.delete(key)
    for (const key of this.#arrivals.keys()) {
      if (this.#arrivals.size <= target) return
      this.#arrivals.delete(key)
    }
  }
}

/** How long one more must wait under a key with this debt, ms. */
export function waitOf(debtMs: number, ratePerSecond: number, burst = burstMs): number {
  return Math.max(0, debtMs + 1_000 / ratePerSecond - burst)
}

/**
 * Admits callers that need not wait, synchronously if the limiter answered so.
 * @throws GatewayError with this key (or rejects)
 */
export function verifyAdmitted(
  waitMs: number | Promise<number>,
  key: Extract<ErrorKey, 'rate_limited' | 'throttled'>,
): void | Promise<void> {
  if (typeof waitMs !== 'number') return waitMs.then((known) => verifyAdmitted(known, key))
  if (waitMs > 0) throw new GatewayError(key, { retryAfterMs: waitMs })
}
