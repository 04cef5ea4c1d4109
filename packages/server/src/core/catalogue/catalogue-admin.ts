import { GatewayError, printable } from '@lobbykey/contract'
import type { Catalogue, CatalogueGame, CatalogueLimit, CatalogueStore, CatalogueTable, EventOrigin } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { type CatalogueDifference, catalogueDifference } from './catalogue-difference.ts'

/** Operators' view of the catalogue. */
export class CatalogueAdmin {
  readonly #store: CatalogueStore
  readonly #clock: Clock
  readonly #origin: EventOrigin

  constructor(options: { readonly store: CatalogueStore; readonly clock: Clock; readonly origin: EventOrigin }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#origin = options.origin
  }

  count(): ReturnType<CatalogueStore['count']> {
    return this.#store.count()
  }

  /** @throws GatewayError not_found */
  async getGame(gameId: string): Promise<CatalogueGame & { tables: CatalogueTable[]; limits: CatalogueLimit[] }> {
    const {
      games: [game],
      tables,
    } = await this.#store.loadGames([gameId])
    if (game === undefined) throw new GatewayError('not_found', { message: `there is no game ${printable(gameId)}` })
    const limits = await this.#store.listLimits({ gameId })
    return { ...game, tables: [...tables], limits: limits.toSorted((one, other) => one.seq - other.seq) }
  }

  /** Replaces it whole. */
  async replace(catalogue: Catalogue): Promise<CatalogueDifference> {
    const before = await this.#store.load()
    const difference = await catalogueDifference(before, catalogue)
    await this.#store.replace(catalogue, {
      at: this.#clock.now(),
      kind: 'catalogue.replaced',
      ...this.#origin,
      details: { before: catalogueCounts(before), after: catalogueCounts(catalogue), difference: differenceCounts(difference) },
    })
    return difference
  }
}

export function catalogueCounts({ games, tables, limits }: Catalogue) {
  return { games: games.length, tables: tables.length, limits: limits.length }
}

function differenceCounts(difference: CatalogueDifference) {
  const count = (kind: 'added' | 'removed' | 'changed') => Object.values(difference).reduce((sum, part) => sum + part[kind].length, 0)
  return { added: count('added'), removed: count('removed'), changed: count('changed') }
}
