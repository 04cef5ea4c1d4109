/**
 * Debts of addresses in ms, which decay over time (GCRA). In memory only, and bounded: against floods, where a write per guess would cost
 * more than the refused hash.
 */
export class AddressDebts {
  readonly #keysMax: number
  readonly #debtMsMax: number
  /** Theoretical arrival times, ms, least recently noted first. */
  readonly #arrivals = new Map<string, number>()

  constructor(options: { debtMsMax: number; keysMax?: number }) {
    this.#debtMsMax = options.debtMsMax
    this.#keysMax = options.keysMax ?? 100_000
  }

  note(key: string, stepMs: number, now: number): void {
    const debtMs = this.debtMs(key, now)
    this.#arrivals.delete(key)
    this.#arrivals.set(key, now + Math.min(debtMs + stepMs, this.#debtMsMax))
    for (const [oldest, tat] of this.#arrivals) {
      if (tat > now && this.#arrivals.size <= this.#keysMax) break
      this.#arrivals.delete(oldest)
    }
  }

  debtMs(key: string, now: number): number {
    return Math.min(Math.max(0, (this.#arrivals.get(key) ?? now) - now), this.#debtMsMax)
  }
}
