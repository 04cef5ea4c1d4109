import type { BrandRecord, BrandStore, WrittenChange } from '../../store/store.ts'
import { GenerationCache } from '../base/generation-cache.ts'
import { removeAgain } from '../base/remove-again.ts'
import type { Logo } from './read-logo.ts'

/** The ID of the default brand, for merchants without their own. */
export const brandForAll = '*'

/** Logos cached in memory, of up to 64 KiB each. */
const heldLogosMax = 64

type BrandDirectoryStore = Pick<BrandStore, 'load' | 'findLogo' | 'restore' | 'remove'>

/** All brands in memory except their logos, following the store's changes. */
export class BrandDirectory {
  readonly #store: BrandDirectoryStore
  readonly #logos = new GenerationCache<Pick<Logo, 'type' | 'bytes'>>(heldLogosMax)
  #brands = new Map<string, BrandRecord>()

  constructor(options: { readonly store: BrandDirectoryStore }) {
    this.#store = options.store
  }

  /** A merchant's own brand, else the default one, if any. */
  find(agentId: string | undefined): BrandRecord | null {
    return (agentId === undefined ? undefined : this.#brands.get(agentId)) ?? this.#brands.get(brandForAll) ?? null
  }

  /** Reads the store only for logos that a brand has. */
  async findLogo(sha256: string): Promise<Pick<Logo, 'type' | 'bytes'> | null> {
    const held = this.#logos.get(sha256)
    if (held !== undefined) return held
    const brand = this.#brands.values().find(({ logo }) => logo?.sha256 === sha256)
    const logo = brand === undefined ? null : await this.#store.findLogo(brand.agentId)
    if (logo === null || logo.sha256 !== sha256) return null
    this.#logos.set(sha256, logo)
    return logo
  }

  /** Change handler: reloads these brands, or all for `*`. */
  async reload(agentIds: readonly string[]): Promise<void> {
    const all = agentIds.includes('*')
    const loaded = await this.#store.load(all ? undefined : agentIds)
    const next = all ? new Map<string, BrandRecord>() : this.#brands
    for (const agentId of agentIds) next.delete(agentId)
    for (const brand of loaded) next.set(brand.agentId, brand)
    this.#brands = next
  }

  /**
   * Removes again what was removed, and rewrites what else a store that went back has lost: a replaced support link or logo is not shown again.
   * @returns how many
   */
  async writeAgain(removals: readonly WrittenChange[], now: number): Promise<number> {
    const count = await removeAgain(removals, now, 'brand.removed', (agentId, event, removedAt) =>
      this.#store.remove(agentId, agentId === brandForAll ? event : { ...event, agentId }, removedAt),
    )
    const brands = [...this.#brands.values()].map((brand) => {
      const held = brand.logo === null ? undefined : this.#logos.get(brand.logo.sha256)
      return { brand, logo: brand.logo === null || held === undefined ? null : { ...brand.logo, bytes: held.bytes } }
    })
    return count + (await this.#store.restore(brands, now))
  }
}
