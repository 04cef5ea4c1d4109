import type { SellerRecord, SellerStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

const keptMs = 24 * 3_600_000
const keptMax = 10_000

/**
 * Remembers recently changed passwords and statuses and removed sellers, in case the store goes back: an old password must not work again. Follows the change topic
 * `seller`; bounded by time and number.
 */
export class RecentSellers {
  readonly #store: Pick<SellerStore, 'findById' | 'restore' | 'setStatus'>
  readonly #clock: Clock
  /** Null: it was removed. */
  readonly #sellers = new Map<string, { readonly seller: SellerRecord | null; readonly at: number }>()

  constructor(options: { store: Pick<SellerStore, 'findById' | 'restore' | 'setStatus'>; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** Handler of the change topic; `*` names nobody. */
  async note(ids: readonly string[]): Promise<void> {
    const now = this.#clock.now()
    for (const id of ids) {
      if (id === '*') continue
      const seller = await this.#store.findById(id)
      this.#sellers.delete(id)
      this.#sellers.set(id, { seller, at: now })
    }
    for (const [id, { at }] of this.#sellers) {
      if (at > now - keptMs && this.#sellers.size <= keptMax) return
      this.#sellers.delete(id)
    }
  }

  /** Rewrites those lost by a store that went back. @returns how many */
  async writeAgain(): Promise<number> {
    const now = this.#clock.now()
    let count = await this.#store.restore(
      [...this.#sellers.values()].flatMap(({ seller }) => seller ?? []),
      now,
    )
    // Removed sellers stay barred until an operator removes them again.
    for (const [id, { seller }] of this.#sellers) {
      const event = { at: now, kind: 'seller.disabled', surface: 'server', subject: id, details: { by: 'store.went_back' } } as const
      if (seller === null && (await this.#store.setStatus(id, 'disabled', now, event))) count++
    }
    return count
  }
}
