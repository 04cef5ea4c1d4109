import type { Catalogue, CatalogueGame, CatalogueLimit, CatalogueTable } from '../../store/store.ts'
import { csvLine } from '../base/csv.ts'
import { Turn } from '../base/turn.ts'

/** The catalogue as a file for `parseCatalogue`; a large one in pieces. */
export async function writeCatalogue(catalogue: Catalogue, form: 'json' | 'csv'): Promise<string> {
  const turn = new Turn()
  let text = ''
  for (const piece of form === 'json' ? jsonPieces(catalogue) : csvPieces(catalogue)) {
    text += piece
    if (turn.isOver) await turn.next()
  }
  return text
}

const rowOf = {
  games: ({ gameId, names }: CatalogueGame) => ({ game_id: gameId, names }),
  tables: ({ gameId, instId, names, status }: CatalogueTable) => ({ game_id: gameId, inst_id: instId, names, status }),
  limits: ({ redId, gameId, currency, minLimit, maxLimit, seq, status }: CatalogueLimit) => ({
    red_id: redId,
    game_id: gameId,
    currency,
    min_limit: minLimit,
    max_limit: maxLimit,
    seq,
    status,
  }),
}

/** As `JSON.stringify` would indent it by two. */
function* jsonPieces({ games, tables, limits }: Catalogue): Generator<string> {
  yield '{\n'
  yield* jsonList('games', games, rowOf.games)
  yield ',\n'
  yield* jsonList('tables', tables, rowOf.tables)
  yield ',\n'
  yield* jsonList('limits', limits, rowOf.limits)
  yield '\n}\n'
}

function* jsonList<T>(part: string, items: readonly T[], toRow: (item: T) => object): Generator<string> {
  yield `  "${part}": [`
  for (const [index, item] of items.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${JSON.stringify(toRow(item), undefined, 2).replaceAll('\n', '\n    ')}`
  }
  yield items.length === 0 ? ']' : '\n  ]'
}

const columns = ['game_id', 'inst_id', 'red_id', 'currency', 'min_limit', 'max_limit', 'seq', 'status']

function* csvPieces({ games, tables, limits }: Catalogue): Generator<string> {
  const known = new Set<string>()
  for (const { names } of [...games, ...tables]) {
    for (const language of Object.keys(names)) known.add(language)
    yield ''
  }
  const languages = [...known].sort()
  const line = (part: string, row: Readonly<Record<string, unknown>> & { readonly names?: Readonly<Record<string, string>> }) =>
    csvLine([part, ...columns.map((name) => String(row[name] ?? '')), ...languages.map((language) => row.names?.[language] ?? '')])
  yield csvLine(['part', ...columns, ...languages.map((language) => `name:${language}`)])
  for (const game of games) yield line('game', rowOf.games(game))
  for (const table of tables) yield line('table', rowOf.tables(table))
  for (const limit of limits) yield line('limit', rowOf.limits(limit))
}
