import { GatewayError } from '@lobbykey/contract'
import { type ImportReport, isSeparatorLine } from '@lobbykey/contract/admin'
import { columnsOf, findMisfit, parseCsvLine, type Separator, separatorOf } from './csv.ts'
import { Turn } from './turn.ts'

/** A parsed line: its fields, or why it is refused. */
export type ReadLine = Record<string, unknown> | string

/** A line of so many cells or keys is read within one turn of the event loop; a spreadsheet's widest row, empty, is a quarter of it. */
const lineCharactersMax = 65_536
const tooLong = `is longer than ${lineCharactersMax} characters`

/** Lines per transaction. */
const chunkLines = 500

/** What is imported: how a line becomes a record, or why it is refused, and how records are written; `write` returns how many did not exist. */
export interface ImportTarget<T> {
  read(row: Record<string, unknown>): T | string
  write(records: readonly T[]): Promise<number>
}

/**
 * A target's `write` for a rehearsal. It only looks which records exist: rows written to be rolled back would hold locks, for as long as the whole import
 * takes, for which other calls wait.
 */
export function countedOnly<T>(
  keyOf: (record: T) => string,
  countExisting: (keys: readonly string[]) => Promise<number>,
): ImportTarget<T>['write'] {
  const seen = new Set<string>()
  return async (records) => {
    const keys = [...new Set(records.map(keyOf))].filter((key) => !seen.has(key))
    for (const key of keys) seen.add(key)
    return keys.length - (await countExisting(keys))
  }
}

/** @param lines as `readLines` reads them */
export async function importLines<T>(lines: Iterable<ReadLine | null>, { read, write }: ImportTarget<T>): Promise<ImportReport> {
  const report: ImportReport = { added: 0, existing: 0, refused: [] }
  let chunk: T[] = []
  let number = 0
  const turn = new Turn()
  const flush = async () => {
    const added = await write(chunk)
    report.added += added
    report.existing += chunk.length - added
    chunk = []
  }
  for (const line of lines) {
    if (turn.isOver) await turn.next()
    number++
    if (line === null) continue
    const record = typeof line === 'string' ? line : read(line)
    if (typeof record === 'string') report.refused.push({ line: number, reason: record })
    else if (chunk.push(record) >= chunkLines) await flush()
  }
  if (chunk.length > 0) await flush()
  return report
}

export interface LineForm {
  readonly form: 'csv' | 'ndjson'
  readonly columns: readonly string[]
  readonly linesMax?: number
}

/** The lines of an import, each as its form says; null for a line that says nothing, so that lines keep their numbers. @throws GatewayError invalid_parameter */
export function* readLines(text: string, { form, columns, linesMax = Number.POSITIVE_INFINITY }: LineForm): Iterable<ReadLine | null> {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  if (lines.length > linesMax)
    throw new GatewayError('invalid_parameter', { message: `text has more than ${linesMax} lines: import it in parts` })
  if (form === 'ndjson' && document.test(text)) {
    throw new GatewayError('invalid_parameter', {
      message: 'this file is a JSON array, or an object over several lines: write each object on one line, without brackets around them',
    })
  }
  const separator = separatorOf(text)
  let names: readonly string[] | null = null
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || (form === 'csv' && index === 0 && isSeparatorLine(line))) yield null
    else if (form === 'ndjson') yield readJson(line)
    else {
      const cells = readCells(line, separator)
      if (typeof cells === 'string') {
        // Without its heading a file means nothing; the next line is not it.
        if (names === null) throw new GatewayError('invalid_parameter', { message: `line ${index + 1} ${cells}` })
        yield cells
      } else if (names !== null) yield cells.length === 0 ? null : readRow(names, cells)
      else if (cells.length === 0) yield null
      else {
        names = columnsOf(cells, columns, index + 1)
        yield null
      }
    }
  }
}

/** How JSON begins that is one document rather than an object per line. */
const document = /^\s*(?:[[{]\s*[\r\n]|\[.*(?:\]\s*$|,\s*[\r\n]))/

function readJson(line: string): ReadLine {
  if (line.length > lineCharactersMax) return tooLong
  try {
    const row = JSON.parse(line)
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row
  } catch {
    // Told below, with what is JSON but no object.
  }
  return 'is not one JSON object'
}

function readCells(line: string, separator: Separator): readonly string[] | string {
  if (line.length > lineCharactersMax) return tooLong
  try {
    return parseCsvLine(line, separator)
  } catch {
    return line.split('"').length % 2 === 0
      ? 'has a quote that is not closed on the line: a cell has no line break'
      : 'has a quote where none may stand'
  }
}

function readRow(names: readonly string[], cells: readonly string[]): ReadLine {
  const misfit = findMisfit(names, cells)
  if (misfit !== null) return `has ${misfit}`
  // Other systems fill cells with blanks up to their width, and browsers copy them with hard ones.
  return Object.fromEntries(names.map((name, index) => [name, cells[index]?.trim()]).filter(([, cell]) => cell !== ''))
}
