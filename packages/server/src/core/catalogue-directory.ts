import { GatewayError, printable } from '@lobbykey/contract'
import type { Catalogue, CatalogueLimit, CatalogueStore } from '../store/store.ts'

/** The platform's games, tables and bet limits, in memory, following the store's changes. */
export class CatalogueDirectory {
  readonly #store: CatalogueStore
  #catalogue: Catalogue = { games: [], tables: [], limits: [] }
  /** `<Currency>_<GameID>` to bet-limit ID to limit: the form in which `limits` asks. */
  #limits = new Map<string, Map<string, CatalogueLimit>>()

  constructor(options: { store: CatalogueStore }) {
    this.#store = options.store
  }

  get catalogue(): Catalogue {
    return this.#catalogue
  }

  /** Change handler: the catalogue is one whole. */
  async reload(): Promise<void> {
    const catalogue = await this.#store.load()
    const limits = new Map<string, Map<string, CatalogueLimit>>()
    for (const limit of catalogue.limits) {
      const key = `${limit.currency}_${limit.gameId}`
      const byId = limits.get(key) ?? new Map<string, CatalogueLimit>()
      limits.set(key, byId.set(limit.redId, limit))
    }
    this.#catalogue = catalogue
    this.#limits = limits
  }

  /**
   * Holds a request's `limits` to the catalogue: each list a subset of the active limits of that currency and game, in the
   * platform's order, none twice; each currency one of the merchant's.
   * @throws GatewayError bet_limits, naming the key and the ID
   */
  verifyLimits(limits: Readonly<Record<string, string>>, currencies: ReadonlySet<string>): void {
    for (const key of Object.keys(limits)) {
      const form = /^([A-Z0-9]{3,10})_[A-Za-z0-9]{1,32}$/.exec(key)
      if (form === null) throw refuse(`${printable(key)} is not of the form Currency_GameID`)
      if (!currencies.has(form[1] ?? '')) throw refuse(`${key}: the currency is not one of the merchant's`)
      const known = this.#limits.get(key)
      let lastSeq = Number.NEGATIVE_INFINITY
      for (const id of (limits[key] ?? '').split(',')) {
        const limit = known?.get(id)
        if (limit === undefined) throw refuse(`${key}: no bet limit ${printable(id)}`)
        if (limit.status !== 1) throw refuse(`${key}: bet limit ${id} is not active`)
        if (limit.seq <= lastSeq) throw refuse(`${key}: bet limit ${id} is twice or out of order`)
        lastSeq = limit.seq
      }
    }
  }
}

function refuse(message: string): GatewayError {
  return new GatewayError('bet_limits', { field: 'limits', message })
}
