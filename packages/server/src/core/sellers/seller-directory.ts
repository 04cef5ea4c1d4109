import type { SellerRecord, SellerStore } from '../../store/store.ts'
import { GenerationCache } from '../base/generation-cache.ts'

export type SellerAccount = Pick<SellerRecord, 'id' | 'email'>

/** Cached accounts; the least recently used are dropped first. */
const accountsMax = 10_000

/** Caches enabled accounts and follows the change topic `seller`. It is as fresh as the change feed: call its `assertFresh` first. */
export class SellerDirectory {
  readonly #store: Pick<SellerStore, 'findById'>
  readonly #accounts = new GenerationCache<SellerAccount>(accountsMax)
  /** Counts changes: an account read before a change must not be cached after it. */
  #version = 0

  constructor(store: Pick<SellerStore, 'findById'>) {
    this.#store = store
  }

  /** Answers at once from memory. @returns null when the account is gone or disabled @throws GatewayError store_unavailable (as a rejection) */
  find(id: string): SellerAccount | Promise<SellerAccount | null> {
    return this.#accounts.get(id) ?? this.#load(id)
  }

  /** Handler of the change topic; `*` means all of them. */
  async forget(ids: readonly string[]): Promise<void> {
    this.#version++
    if (ids.includes('*')) this.#accounts.clear()
    else for (const id of ids) this.#accounts.delete(id)
  }

  async #load(id: string): Promise<SellerAccount | null> {
    const version = this.#version
    const seller = await this.#store.findById(id)
    if (seller === null || seller.status !== 'enabled') return null
    const account = { id, email: seller.email }
    if (version === this.#version) this.#accounts.set(id, account)
    return account
  }
}
