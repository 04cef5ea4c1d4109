import { GatewayError } from '@lobbykey/contract'

export interface CsvRow {
  /** Line on which the row begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * Rows of a CSV text, RFC 4180: commas, quotes doubled inside quoted cells, CRLF or LF. A byte-order mark and blank lines are passed over.
 * No library: csv-parse counts a CRLF inside a cell as two lines, and would send operators to the wrong one.
 * @throws GatewayError invalid_parameter
 */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = 1
  let beganAt = 1
  // Each match is one cell, quoted or plain, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  cell.lastIndex = text.startsWith('\ufeff') ? 1 : 0
  while (cell.lastIndex < text.length || cells.length > 0) {
    const match = cell.exec(text)
    if (match === null) throw new GatewayError('invalid_parameter', { message: `line ${line}: a quote stands where none may` })
    const [whole, quoted, plain = '', end] = match
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    line += whole.split('\n').length - 1
    if (end === ',') continue
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: beganAt, cells })
    cells = []
    beganAt = line
    if (end === '') break
  }
  return rows
}

/** One row as RFC 4180 has it, with its line end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}
