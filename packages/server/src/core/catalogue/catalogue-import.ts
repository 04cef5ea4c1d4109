import {
  GatewayError,
  isGatewayError,
  memberFieldSchemas,
  parseStrictJson,
  printable,
  StrictJsonError,
  verifyField,
} from '@lobbykey/contract'
import type { Catalogue, CatalogueGame, CatalogueLimit, CatalogueTable } from '../../store/store.ts'
import { type CatalogueFile, readCatalogueCsv } from './catalogue-csv.ts'

/** Most problems reported per file; the rest is only counted. */
const problemsMax = 20

const gameIdForm = { pattern: /^[A-Za-z0-9]{1,32}$/, rule: 'a string of 1 to 32 of A-Z a-z 0-9' }
const instIdForm = { pattern: /^[A-Za-z0-9_-]{1,64}$/, rule: 'a string of 1 to 64 of A-Z a-z 0-9 _ -' }
const amountForm = { pattern: /^(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,8})?$/, rule: 'a decimal number as a string, such as "10.50"' }

type Row = Readonly<Record<string, unknown>>

/**
 * Reads a catalogue file: one JSON object with `games`, `tables` and `limits`, or one CSV table of all three, whose rows carry the names of
 * the platform's own lists (docs/command-line.md shows both). Accepts the whole file or reports every problem.
 *
 * @throws GatewayError invalid_parameter
 */
export function parseCatalogue(text: string, form: 'json' | 'csv'): Catalogue {
  const reader = new Reader(form === 'csv' ? readCatalogueCsv(text) : { parts: parseJson(text), places: new Map() })
  const games = reader.rows('games', ['game_id', 'names']).map((row): CatalogueGame => {
    return { gameId: reader.text(row, 'game_id', gameIdForm), names: reader.names(row) }
  })
  const tables = reader.rows('tables', ['game_id', 'inst_id', 'names', 'status']).map((row): CatalogueTable => {
    const gameId = reader.text(row, 'game_id', gameIdForm)
    return { gameId, instId: reader.text(row, 'inst_id', instIdForm), names: reader.names(row), status: reader.status(row) }
  })
  const limits = reader
    .rows('limits', ['red_id', 'game_id', 'currency', 'min_limit', 'max_limit', 'seq', 'status'])
    .map((row): CatalogueLimit => {
      return {
        redId: reader.text(row, 'red_id', gameIdForm),
        gameId: reader.text(row, 'game_id', gameIdForm),
        currency: reader.currency(row),
        minLimit: reader.text(row, 'min_limit', amountForm),
        maxLimit: reader.text(row, 'max_limit', amountForm),
        seq: reader.whole(row, 'seq'),
        status: reader.status(row),
      }
    })
  const catalogue = { games, tables, limits }
  const problems = reader.problems.length > 0 ? reader.problems : findContradictions(catalogue, reader)
  if (problems.length > 0) throw new GatewayError('invalid_parameter', { message: textOf(problems) })
  return catalogue
}

function parseJson(text: string): Row {
  try {
    return parseStrictJson(text, { depthMax: 4, keysMax: 5_000_000, plainNumbers: false })
  } catch (error) {
    if (error instanceof StrictJsonError)
      throw new GatewayError('invalid_parameter', { message: error.message.replace('the body', 'the file') })
    throw error
  }
}

/** Reads values from the file and records problems by path. After a problem, returned values do not matter. */
class Reader {
  readonly problems: string[] = []
  readonly #file: CatalogueFile
  readonly #paths = new Map<Row, string>()
  readonly #rows = new Map<string, Row[]>()

  constructor(file: CatalogueFile) {
    this.#file = file
    for (const name of Object.keys(file.parts)) {
      if (!['games', 'tables', 'limits'].includes(name)) this.problems.push(`${printable(name)} is not a part of a catalogue`)
    }
  }

  rows(part: string, names: readonly string[]): Row[] {
    const rows = this.#file.parts[part]
    if (!Array.isArray(rows)) {
      this.problems.push(`${part} must be a list`)
      return []
    }
    const right = rows.filter((row: unknown, index): row is Row => {
      const path = this.#file.places.get(row as object) ?? `${part}[${index}]`
      if (typeof row !== 'object' || row === null || Array.isArray(row)) {
        this.problems.push(`${path} must be an object`)
        return false
      }
      this.#paths.set(row as Row, path)
      for (const name of Object.keys(row))
        if (!names.includes(name)) this.problems.push(`${path}.${printable(name)} is not a field of ${part}`)
      return true
    })
    this.#rows.set(part, right)
    return right
  }

  /** A row's place, for people. */
  place(part: string, index: number): string {
    const row = this.#rows.get(part)?.[index]
    return row === undefined ? `${part}[${index}]` : (this.#paths.get(row) ?? part)
  }

  text(row: Row, name: string, form: { pattern: RegExp; rule: string }): string {
    const value = row[name]
    if (typeof value === 'string' && form.pattern.test(value)) return value
    this.#note(row, name, form.rule)
    return ''
  }

  currency(row: Row): string {
    try {
      verifyField(`${this.#paths.get(row)}.currency`, memberFieldSchemas.currency, row.currency)
      return row.currency as string
    } catch (error) {
      if (!isGatewayError(error)) throw error
      this.problems.push(error.details.message ?? error.message)
      return ''
    }
  }

  names(row: Row): Record<string, string> {
    const names = row.names
    const isRight =
      typeof names === 'object' &&
      names !== null &&
      !Array.isArray(names) &&
      Object.keys(names).length > 0 &&
      Object.entries(names).every(isName)
    if (isRight) return names as Record<string, string>
    this.#note(row, 'names', 'an object of language to name, such as {"en": "Baccarat"}, names of up to 128 characters')
    return {}
  }

  whole(row: Row, name: string): number {
    const value = row[name]
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000_000) return value
    this.#note(row, name, 'a whole number from 0 to 1000000000')
    return 0
  }

  status(row: Row): 0 | 1 {
    const { status } = row
    if (status === 0 || status === 1) return status
    this.#note(row, 'status', '1 (active) or 0')
    return 0
  }

  #note(row: Row, name: string, rule: string): void {
    this.problems.push(`${this.#paths.get(row)}.${name} must be ${rule}`)
  }
}

function isName([language, name]: [string, unknown]): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(language) && typeof name === 'string' && /^[^\u0000-\u001f\u007f-\u009f]{1,128}$/.test(name)
}

/** Contradictions between valid entries. */
function findContradictions({ games, tables, limits }: Catalogue, reader: Reader): string[] {
  const findRepeats = <T>(part: string, rows: readonly T[], identify: (row: T) => string) =>
    repeatsIn(rows, identify, (index) => reader.place(part, index))
  const problems = [
    ...findRepeats('games', games, (game) => game.gameId),
    ...findRepeats('tables', tables, (table) => `${table.gameId} ${table.instId}`),
    ...findRepeats('limits', limits, (limit) => `${limit.currency} ${limit.gameId} ${limit.redId}`),
    ...findRepeats('limits', limits, (limit) => `${limit.currency} ${limit.gameId} seq ${limit.seq}`),
  ]
  const known = new Set(games.map((game) => game.gameId))
  games.forEach(({ gameId }, index) => {
    // In a game_code it would be read as "any table of".
    if (gameId === 'rand') problems.push(`${reader.place('games', index)}.game_id must not be rand`)
  })
  for (const [part, rows] of Object.entries({ tables, limits })) {
    rows.forEach((row, index) => {
      if (!known.has(row.gameId)) problems.push(`${reader.place(part, index)}.game_id ${row.gameId} is not one of games`)
    })
  }
  limits.forEach(({ minLimit, maxLimit }, index) => {
    if (Number(minLimit) > Number(maxLimit))
      problems.push(`${reader.place('limits', index)}.min_limit ${minLimit} is above max_limit ${maxLimit}`)
  })
  return problems
}

function repeatsIn<T>(rows: readonly T[], identify: (row: T) => string, place: (index: number) => string): string[] {
  const seen = new Set<string>()
  return rows.flatMap((row, index) => {
    const identity = identify(row)
    if (!seen.has(identity)) {
      seen.add(identity)
      return []
    }
    return [`${place(index)} repeats ${identity}`]
  })
}

function textOf(problems: readonly string[]): string {
  const rest = problems.length - problemsMax
  return [...problems.slice(0, problemsMax), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}
