import { GatewayError } from '@lobbykey/contract'
import { type CsvRow, columnsOf, findMisfit, parseCsv } from '../base/csv.ts'

/** A catalogue file before validation: rows of each part with the platform's names, and each row's place. */
export interface CatalogueFile {
  readonly parts: Readonly<Record<string, unknown>>
  readonly places: ReadonlyMap<object, string>
}

const partNames: Readonly<Record<string, 'games' | 'tables' | 'limits'>> = { game: 'games', table: 'tables', limit: 'limits' }
const numbers = new Set(['seq', 'status'])
const columns = ['part', 'game_id', 'inst_id', 'red_id', 'currency', 'min_limit', 'max_limit', 'seq', 'status', nameColumn]

/**
 * Reads a catalogue as one table: the column `part` says whether a row is a `game`, a `table` or a `limit`; names stand in columns
 * `name:<language>`; an empty cell is an absent field.
 * @throws GatewayError invalid_parameter
 */
export function readCatalogueCsv(text: string): CatalogueFile {
  const [header, ...rows] = parseCsv(text)
  if (header === undefined) throw refuse('the file is empty')
  const names = columnsOf(header.cells, columns, header.line)
  const parts = { games: [] as object[], tables: [] as object[], limits: [] as object[] }
  const places = new Map<object, string>()
  for (const row of rows) {
    const misfit = findMisfit(names, row.cells)
    if (misfit !== null) throw refuse(`line ${row.line}: ${misfit}`)
    const { part, ...fields } = fieldsOf(names, row)
    const name = partNames[String(part)]
    if (name === undefined) throw refuse(`line ${row.line}: part must be game, table or limit`)
    parts[name].push(fields)
    places.set(fields, `line ${row.line}`)
  }
  return { parts, places }
}

/** `NAME:ZH-HANS` is `name:zh-Hans`; a language under `name:` stays as it is written, as an export writes it. */
function nameColumn(heading: string): string | null {
  const [, prefix, language] = /^(name:)(.+)$/i.exec(heading) ?? []
  if (language === undefined || prefix === 'name:') return language === undefined ? null : heading
  try {
    return `name:${Intl.getCanonicalLocales(language)[0]}`
  } catch {
    return `name:${language}`
  }
}

function fieldsOf(names: readonly string[], { cells }: CsvRow): Record<string, unknown> {
  // Not assigned by name: a column may be called __proto__.
  const fields: [string, unknown][] = []
  const translations: [string, string][] = []
  names.forEach((name, index) => {
    const value = cells[index] ?? ''
    if (value === '') return
    if (name.startsWith('name:')) translations.push([name.slice('name:'.length), value])
    else fields.push([name, numbers.has(name) && /^(?:0|[1-9][0-9]{0,9})$/.test(value) ? Number(value) : value])
  })
  if (translations.length > 0) fields.push(['names', Object.fromEntries(translations)])
  return Object.fromEntries(fields)
}

function refuse(message: string): GatewayError {
  return new GatewayError('invalid_parameter', { message })
}
