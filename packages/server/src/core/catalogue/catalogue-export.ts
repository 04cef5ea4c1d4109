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

type Item = Partial<CatalogueGame & CatalogueTable & CatalogueLimit>

/** All have the same fields, of which JSON leaves out the undefined: engines read such objects fastest. */
function toRow({ gameId, instId, redId, currency, minLimit, maxLimit, seq, status, names }: Item) {
  return { game_id: gameId, inst_id: instId, red_id: redId, currency, min_limit: minLimit, max_limit: maxLimit, seq, status, names }
}

/** A row a line: two thirds of what indented rows take, and two files compare row by row. */
function* jsonPieces({ games, tables, limits }: Catalogue): Generator<string> {
  yield '{\n'
  yield* jsonList('games', games)
  yield ',\n'
  yield* jsonList('tables', tables)
  yield ',\n'
  yield* jsonList('limits', limits)
  yield '\n}\n'
}

function* jsonList(part: string, items: readonly Item[]): Generator<string> {
  yield `  "${part}": [`
  for (const [index, item] of items.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${JSON.stringify(toRow(item))}`
  }
  yield items.length === 0 ? ']' : '\n  ]'
}

const columns = ['game_id', 'inst_id', 'red_id', 'currency', 'min_limit', 'max_limit', 'seq', 'status'] as const

function* csvPieces({ games, tables, limits }: Catalogue): Generator<string> {
  const known = new Set<string>()
  for (const { names } of [...games, ...tables]) {
    for (const language of Object.keys(names)) known.add(language)
    yield ''
  }
  const languages = [...known].sort()
  yield csvLine(['part', ...columns, ...languages.map((language) => `name:${language}`)])
  for (const [part, items] of [
    ['game', games],
    ['table', tables],
    ['limit', limits],
  ] as const) {
    for (const item of items) {
      const row = toRow(item)
      yield csvLine([part, ...columns.map((name) => String(row[name] ?? '')), ...languages.map((language) => row.names?.[language] ?? '')])
    }
  }
}
