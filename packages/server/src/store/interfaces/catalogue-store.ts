import type { EventInput } from './event-store.ts'

export interface CatalogueStore {
  load(): Promise<Catalogue>
  /** How many there are of each. */
  count(): Promise<{ readonly [Part in keyof Catalogue]: number }>
  /** Those of the games that exist, with their tables. */
  loadGames(gameIds: readonly string[]): Promise<Pick<Catalogue, 'games' | 'tables'>>
  /** A page by ID, starting after `after`. */
  listGames(page: { readonly limit: number; readonly after?: string | undefined }): Promise<CatalogueGame[]>
  /** A page by currency, game and ID, starting after `after`. */
  listLimits(filter: CatalogueLimitFilter): Promise<CatalogueLimit[]>
  replace(catalogue: Catalogue, event: EventInput): Promise<void>
}

export interface CatalogueLimitFilter {
  /** Default: all. */
  readonly limit?: number | undefined
  /** Currency, game and ID of the last one read. */
  readonly after?: readonly string[] | undefined
  readonly currency?: string | undefined
  readonly gameId?: string | undefined
}

export interface CatalogueGame {
  readonly gameId: string
  /** Names by language. */
  readonly names: Readonly<Record<string, string>>
}

export interface CatalogueTable {
  readonly gameId: string
  /** `inst_id`: the tableId of `game_code`. */
  readonly instId: string
  readonly names: Readonly<Record<string, string>>
  readonly status: 0 | 1
}

/** Identified by currency, game and ID together. Amounts are decimal text in the currency's unit, both ends inclusive. */
export interface CatalogueLimit {
  readonly redId: string
  readonly gameId: string
  readonly currency: string
  readonly minLimit: string
  readonly maxLimit: string
  /** The platform's order, ascending. */
  readonly seq: number
  readonly status: 0 | 1
}

export interface Catalogue {
  readonly games: readonly CatalogueGame[]
  readonly tables: readonly CatalogueTable[]
  readonly limits: readonly CatalogueLimit[]
}
