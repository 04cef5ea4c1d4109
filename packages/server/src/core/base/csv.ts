import { GatewayError, printable } from '@lobbykey/contract'
import { separatorLine } from '@lobbykey/contract/admin'

export interface CsvRow {
  /** Line on which the row begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

const separators = [',', ';', '\t'] as const
export type Separator = (typeof separators)[number]

/** As much of a heading as tells the separator. */
const headingCharactersMax = 65_536

/** What a spreadsheet takes for a formula, a Japanese one in full width too; such a cell goes out behind an apostrophe and comes back without it. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/

/** Most cells, by one test. */
const plainCell = /^[\w.]*$/

/**
 * Rows of a CSV text, RFC 4180: quotes doubled inside quoted cells, any line break. A byte order mark, `sep=;` on the first line and rows without a word are passed over.
 * No library: csv-parse counts a CRLF inside a cell as two lines, and would send operators to the wrong one.
 * @throws GatewayError invalid_parameter
 */
export function parseCsv(text: string): CsvRow[] {
  const [told = ''] = separatorLine.exec(text) ?? []
  return parseRows(text.slice(told.length), separatorOf(text), told === '' ? 1 : 2)
}

/** The cells of a line that stands for itself. @throws GatewayError invalid_parameter */
export function parseCsvLine(line: string, separator: Separator): readonly string[] {
  return parseRows(line, separator, 1)[0]?.cells ?? []
}

/** @param firstLine number of the text's first line in its file */
function parseRows(text: string, separator: Separator, firstLine: number): CsvRow[] {
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = firstLine
  let beganAt = firstLine
  // Each match is a plain cell and what ends it, or what ends a quoted one.
  const cell = new RegExp(`([^"\r\n${separator}]*)(${separator}|\r\n|\r|\n|$)`, 'y')
  cell.lastIndex = text.startsWith('\ufeff') ? 1 : 0
  while (cell.lastIndex < text.length || cells.length > 0) {
    const from = cell.lastIndex
    const quoteAt = text[from] === '"' ? closingQuote(text, from) : null
    if (quoteAt !== null) cell.lastIndex = quoteAt + 1
    const [, plain = '', end] = (quoteAt !== -1 && cell.exec(text)) || []
    if (end === undefined || (quoteAt !== null && plain !== ''))
      throw new GatewayError('invalid_parameter', { message: `line ${line}: a quote stands where none may` })
    const value = quoteAt === null ? plain : text.slice(from + 1, quoteAt).replaceAll('""', '"')
    cells.push(value.startsWith("'") && formula.test(value) ? value.slice(1) : value)
    line += text.slice(from, cell.lastIndex).split(/\r\n|\r|\n/).length - 1
    if (end === separator) continue
    if (cells.some((value) => value.trim() !== '')) rows.push({ line: beganAt, cells })
    cells = []
    beganAt = line
    if (end === '') break
  }
  return rows
}

/** -1 without one. Not by an expression: it would overflow the stack on a large cell. */
function closingQuote(text: string, openedAt: number): number {
  let at = text.indexOf('"', openedAt + 1)
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}

/** The separator of a CSV text as its first line tells it (`sep=;`), else the one that stands most often, outside quotes, on the first line with a word. */
export function separatorOf(text: string): Separator {
  const told = separatorLine.exec(text)?.[1]
  if (told !== undefined) return told as Separator
  const [heading = ''] = text
    .slice(0, headingCharactersMax)
    .trimStart()
    .split(/[\r\n]/, 1)
  const plain = heading.replaceAll(/"[^"]*"/g, '')
  const counted = separators.map((separator) => ({ separator, count: plain.split(separator).length }))
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).separator
}

/**
 * The columns that a heading names, in the file's order; `line` is where it stands. Names are matched without regard to case and blanks around them. Empty cells at its end
 * are no columns: spreadsheets write them for every column that was ever touched.
 * @param known names of columns, or what makes one of a heading and answers null for any other
 * @throws GatewayError invalid_parameter for an unknown column and for one that appears twice
 */
export function columnsOf(
  heading: readonly string[],
  known: readonly (string | ((heading: string) => string | null))[],
  line: number,
): string[] {
  const texts = known.filter((one) => typeof one === 'string')
  const columnOf = (name: string): string | null => {
    for (const one of known) {
      const column = typeof one === 'function' ? one(name) : one.toLowerCase() === name.toLowerCase() ? one : null
      if (column !== null) return column
    }
    return null
  }
  const width = heading.findLastIndex((cell) => cell.trim() !== '') + 1
  const names = heading.slice(0, width).map((cell) => {
    const name = cell.trim()
    const column = columnOf(name)
    if (column !== null) return column
    const other = /[|:^~，；]/.exec(name)
    const message =
      other !== null && heading.length === 1
        ? `this file is separated by ${other[0]}: separate it by commas, semicolons or tabs`
        : heading.some((cell) => columnOf(cell.trim()) !== null)
          ? `line ${line}: ${printable(name)} is not a column here; columns are ${texts.join(', ')}`
          : `line ${line} is not the heading of this file: it has to name the columns, which are ${texts.join(', ')}`
    throw new GatewayError('invalid_parameter', { message })
  })
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new GatewayError('invalid_parameter', { message: `line ${line}: the column ${printable(twice)} appears twice` })
  return names
}

/** What is wrong with the cells of a row under these columns, or null. */
export function findMisfit(names: readonly string[], cells: readonly string[]): string | null {
  const filled = cells.findLastIndex((cell) => cell !== '') + 1
  return filled > names.length || cells.length < names.length ? `${cells.length} cells under ${names.length} columns` : null
}

/** One row as RFC 4180 has it, with its line break. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: string): string {
  if (plainCell.test(cell)) return cell
  const safe = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
