import { createHash } from 'node:crypto'
import type { Connection } from '../sql/database.ts'
import type { CopiedTable } from './copied-tables.ts'
import { pagesOf, type Row, type Value } from './table-rows.ts'

export interface TableDigest {
  readonly rows: number
  /** SHA-256, hex, over all rows in key order; independent of the database. */
  readonly sha256: string
}

/** Reads the whole table, a page at a time. */
export async function digestTable(db: Connection, table: CopiedTable, onRows: (count: number) => void = () => {}): Promise<TableDigest> {
  const hash = createHash('sha256')
  let columns: readonly string[] = []
  let rows = 0
  for await (const page of pagesOf(db, table)) {
    if (rows === 0) {
      columns = Object.keys(page[0] ?? {}).sort()
      hash.update(`${JSON.stringify(columns)}\n`)
    }
    hash.update(page.map((row) => canonicalRow(columns, row)).join(''))
    rows += page.length
    onRows(page.length)
  }
  return { rows, sha256: hash.digest('hex') }
}

/** One line of JSON, values in the order of their column names; bytes as hex in a one-element array, which no text equals. */
function canonicalRow(columns: readonly string[], row: Row): string {
  return `${JSON.stringify(columns.map((column) => canonicalValue(row[column] ?? null)))}\n`
}

function canonicalValue(value: Value): unknown {
  return value instanceof Uint8Array ? [Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')] : value
}
