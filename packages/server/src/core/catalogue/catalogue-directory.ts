import { GatewayError, printable } from '@lobbykey/contract'
import type { Catalogue, CatalogueGame, CatalogueLimit, CatalogueStore, CatalogueTable } from '../../store/store.ts'
import { Turn } from '../base/turn.ts'

/** The target of a session's `game_code`. */
export type GameTarget =
  | { readonly kind: 'lobby' }
  | { readonly kind: 'game' | 'random'; readonly game: CatalogueGame }
  | { readonly kind: 'table'; readonly game: CatalogueGame; readonly table: CatalogueTable }

/** The limits of one currency and game that a session may choose from. */
export interface ChosenLimits {
  /** `<Currency>_<GameID>` */
  readonly key: string
  readonly game: CatalogueGame | null
  readonly limits: readonly CatalogueLimit[]
}

/** The platform's games, tables and bet limits, in memory, following the store's changes. */
export class CatalogueDirectory {
  readonly #store: CatalogueStore
  #catalogue: Catalogue = { games: [], tables: [], limits: [] }
  /** `<Currency>_<GameID>` to bet-limit ID to limit: the form in which `limits` asks. */
  #limits = new Map<string, Map<string, CatalogueLimit>>()
  #games = new Map<string, CatalogueGame>()
  /** Open tables, by `<gameId>-<tableId>`; game IDs contain no hyphen. */
  #tables = new Map<string, CatalogueTable>()

  constructor(options: { store: CatalogueStore }) {
    this.#store = options.store
  }

  get catalogue(): Catalogue {
    return this.#catalogue
  }

  /** Change handler: reloads the whole catalogue. */
  async reload(): Promise<void> {
    const catalogue = await this.#store.load()
    const turn = new Turn()
    const limits = new Map<string, Map<string, CatalogueLimit>>()
    for (const limit of catalogue.limits) {
      const key = `${limit.currency}_${limit.gameId}`
      const byId = limits.get(key) ?? new Map<string, CatalogueLimit>()
      limits.set(key, byId.set(limit.redId, limit))
      if (turn.isOver) await turn.next()
    }
    const games = new Map<string, CatalogueGame>()
    for (const game of catalogue.games) {
      games.set(game.gameId, game)
      if (turn.isOver) await turn.next()
    }
    const tables = new Map<string, CatalogueTable>()
    for (const table of catalogue.tables) {
      if (table.status === 1) tables.set(tableKey(table), table)
      if (turn.isOver) await turn.next()
    }
    this.#catalogue = catalogue
    this.#limits = limits
    this.#games = games
    this.#tables = tables
  }

  /** Loads no more than what `resolveGame` needs to tell the targets of these. */
  async loadFor(gameCodes: readonly (string | null)[]): Promise<void> {
    const parts = gameCodes.flatMap((code) => (code === null ? [] : splitOnce(code).filter((part) => part !== undefined)))
    const { games, tables } = await this.#store.loadGames([...new Set(parts)])
    this.#games = new Map(games.map((game) => [game.gameId, game]))
    this.#tables = new Map(tables.filter(({ status }) => status === 1).map((table) => [tableKey(table), table]))
  }

  /** The bet limits of a game in a currency, inactive ones too, in the platform's order. */
  limitsOf(currency: string, gameId: string): CatalogueLimit[] {
    return [...(this.#limits.get(`${currency}_${gameId}`)?.values() ?? [])].sort((a, b) => a.seq - b.seq)
  }

  /**
   * The target of a `game_code` (member-login.md): `<gameId>` is that game, `rand-<gameId>` any of its tables, `<gameId>-<tableId>` that
   * table. Anything else, also an unknown game or a closed table, is the lobby.
   */
  resolveGame(gameCode: string | null): GameTarget {
    if (gameCode === null) return { kind: 'lobby' }
    const [first = '', rest] = splitOnce(gameCode)
    if (rest === undefined) return this.#target('game', first)
    if (first === 'rand') return this.#target('random', rest)
    const table = this.#tables.get(gameCode)
    const game = this.#games.get(first)
    return table === undefined || game === undefined ? { kind: 'lobby' } : { kind: 'table', game, table }
  }

  #target(kind: 'game' | 'random', gameId: string): GameTarget {
    const game = this.#games.get(gameId)
    return game === undefined ? { kind: 'lobby' } : { kind, game }
  }

  /** The active limits named by a request's `limits`, in its order, without those no longer in the catalogue. */
  resolveLimits(limits: Readonly<Record<string, string>>): ChosenLimits[] {
    return Object.entries(limits).map(([key, ids]) => {
      const known = this.#limits.get(key)
      const chosen = ids.split(',').flatMap((id) => known?.get(id) ?? [])
      const active = chosen.filter(({ status }) => status === 1)
      return { key, game: this.#games.get(key.slice(key.indexOf('_') + 1)) ?? null, limits: active }
    })
  }

  /**
   * Validates a request's `limits`: each list is a subset of the active limits of that currency and game, in the platform's order, without
   * repeats; each currency is one of the merchant's.
   * @throws GatewayError bet_limits, naming the key and the ID
   */
  verifyLimits(limits: Readonly<Record<string, string>>, currencies: readonly string[]): void {
    for (const key of Object.keys(limits)) {
      const form = /^([A-Z0-9]{3,10})_[A-Za-z0-9]{1,32}$/.exec(key)
      if (form === null) throw refuse(`${printable(key)} is not of the form Currency_GameID`)
      if (!currencies.includes(form[1] ?? '')) throw refuse(`${key}: the currency is not one of the merchant's`)
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

function tableKey({ gameId, instId }: CatalogueTable): string {
  return `${gameId}-${instId}`
}

function splitOnce(gameCode: string): [string, string?] {
  const at = gameCode.indexOf('-')
  return at === -1 ? [gameCode] : [gameCode.slice(0, at), gameCode.slice(at + 1)]
}

function refuse(message: string): GatewayError {
  return new GatewayError('bet_limits', { field: 'limits', message })
}
