import type { SellerRecord, SellerStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

const keptMs = 24 * 3_600_000
const keptMax = 10_000

/**
 * Sellers whose password or status was set lately, for a store that forgets it: an old password must not open an account again. Follows the change
 * topic `seller`; bounded by time and number.
 */
export class RecentSellers {
  readonly #store: Pick<SellerStore, 'findById' | 'restore'>
  readonly #clock: Clock
  readonly #sellers = new Map<string, { readonly seller: SellerRecord; readonly at: number }>()

  constructor(options: { store: Pick<SellerStore, 'findById' | 'restore'>; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** Handler of the change topic; `*` says nothing of anybody. */
  async note(ids: readonly string[]): Promise<void> {
    const now = this.#clock.now()
    for (const id of ids) {
      const seller = id === '*' ? null : await this.#store.findById(id)
      if (seller === null) continue
      this.#sellers.delete(id)
      this.#sellers.set(id, { seller, at: now })
    }
    for (const [id, { at }] of this.#sellers) {
      if (at > now - keptMs && this.#sellers.size <= keptMax) return
      this.#sellers.delete(id)
    }
  }

  /** Writes again what a store that went back has lost of them; says of how many. */
  writeAgain(): Promise<number> {
    return this.#store.restore(
      [...this.#sellers.values()].map(({ seller }) => seller),
      this.#clock.now(),
    )
  }
}
