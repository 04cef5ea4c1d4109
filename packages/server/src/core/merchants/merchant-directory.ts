import { memberLogin, type SigningProfile, signedNames } from '@lobbykey/contract'
import type { MerchantSettings, MerchantStore, MerchantWithKeys, WrittenChange } from '../../store/store.ts'
import { AddressList } from '../base/address-list.ts'
import { removeAgain } from '../base/remove-again.ts'
import type { Sealer } from '../base/sealer.ts'

/** A merchant for request processing: keys decrypted, addresses compiled. In memory only, and of thousands: what settings hold is not held again. */
export interface Merchant {
  readonly agentId: string
  readonly settings: MerchantSettings
  readonly profile: SigningProfile
  /** Active keys, newest first, since the newest is the most likely one. */
  readonly keys: readonly string[]
  /** Their IDs, in the same order. */
  readonly keyIds: readonly string[]
  readonly allow: AddressList
  /** The fields that login signs under the merchant's profile, in canonical order. */
  readonly loginNames: readonly string[]
}

export function merchantKeyPurpose(agentId: string, keyId: string): string {
  return `merchant-key:${agentId}:${keyId}`
}

const loginNames = { signed: signedNames(memberLogin, 'signed'), unsigned: signedNames(memberLogin, 'unsigned') } as const

/** All merchants in memory, following the store's changes, so that requests never wait for the store. */
export class MerchantDirectory {
  readonly #store: MerchantStore
  readonly #sealer: Sealer
  #merchants = new Map<string, Merchant>()
  /** As stored, including disabled ones; without deleted ones, which nobody may write again. */
  #records = new Map<string, MerchantWithKeys>()

  constructor(options: { store: MerchantStore; sealer: Sealer }) {
    this.#store = options.store
    this.#sealer = options.sealer
  }

  /** Null if unknown or disabled. */
  find(agentId: string): Merchant | null {
    return this.#merchants.get(agentId) ?? null
  }

  /** Whether it exists, enabled or not. */
  has(agentId: string): boolean {
    return this.#records.has(agentId)
  }

  /** Every enabled merchant, most recently loaded first. */
  newestFirst(): readonly Merchant[] {
    return [...this.#merchants.values()].reverse()
  }

  /** Change handler: re-reads these merchants, or all for `*`. */
  async reload(agentIds: readonly string[]): Promise<void> {
    const all = agentIds.includes('*')
    const loaded = await this.#store.load(all ? undefined : agentIds)
    const next = all ? new Map<string, Merchant>() : this.#merchants
    for (const agentId of agentIds) next.delete(agentId)
    for (const record of loaded) if (record.status === 'enabled') next.set(record.agentId, this.#open(record))
    this.#merchants = next
    const records = all ? new Map<string, MerchantWithKeys>() : this.#records
    for (const agentId of agentIds) records.delete(agentId)
    for (const record of loaded) records.set(record.agentId, record)
    this.#records = records
  }

  /** Removes again what was removed, and rewrites what else a store that went back has lost. @returns how many */
  async writeAgain(removals: readonly WrittenChange[], now: number): Promise<number> {
    const count = await removeAgain(removals, now, 'merchant.deleted', async (agentId, event, removedAt) => {
      return (await this.#store.remove(agentId, { ...event, agentId }, removedAt)) === 'removed'
    })
    return count + (await this.#store.restore([...this.#records.values()], now))
  }

  #open(record: MerchantWithKeys): Merchant {
    const { agentId, settings } = record
    const active = record.keys.filter((key) => key.retiredAt === null).reverse()
    return {
      agentId,
      settings,
      profile: { algorithm: settings.algorithm, callback: settings.callback },
      keys: active.map((key) => Buffer.from(this.#sealer.open(key.sealed, merchantKeyPurpose(agentId, key.id))).toString('utf8')),
      keyIds: active.map((key) => key.id),
      allow: new AddressList(settings.allow),
      loginNames: loginNames[settings.callback],
    }
  }
}
