import type { Catalogue } from '../../store/store.ts'
import { csvLine } from '../base/csv.ts'

/** The catalogue as a file for `parseCatalogue`. */
export function writeCatalogue(catalogue: Catalogue, form: 'json' | 'csv'): string {
  const rows = rowsOf(catalogue)
  return form === 'json' ? `${JSON.stringify(rows, undefined, 2)}\n` : writeCsv(rows)
}

type Row = Readonly<Record<string, unknown>> & { readonly names?: Readonly<Record<string, string>> }

function rowsOf({ games, tables, limits }: Catalogue): Record<'games' | 'tables' | 'limits', Row[]> {
  return {
    games: games.map(({ gameId, names }) => ({ game_id: gameId, names })),
    tables: tables.map(({ gameId, instId, names, status }) => ({ game_id: gameId, inst_id: instId, names, status })),
    limits: limits.map(({ redId, gameId, currency, minLimit, maxLimit, seq, status }) => ({
      red_id: redId,
      game_id: gameId,
      currency,
      min_limit: minLimit,
      max_limit: maxLimit,
      seq,
      status,
    })),
  }
}

const columns = ['game_id', 'inst_id', 'red_id', 'currency', 'min_limit', 'max_limit', 'seq', 'status']

function writeCsv({ games, tables, limits }: ReturnType<typeof rowsOf>): string {
  const languages = [...new Set([...games, ...tables].flatMap(({ names = {} }) => Object.keys(names)))].sort()
  const heading = ['part', ...columns, ...languages.map((language) => `name:${language}`)]
  const line = (part: string) => (row: Row) =>
    csvLine([part, ...columns.map((name) => String(row[name] ?? '')), ...languages.map((language) => row.names?.[language] ?? '')])
  return [csvLine(heading), ...games.map(line('game')), ...tables.map(line('table')), ...limits.map(line('limit'))].join('')
}
