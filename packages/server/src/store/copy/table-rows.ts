import { type RawBuilder, sql } from 'kysely'
import { bytesArray, numberArray, textArray } from '../postgres-array.ts'
import type { Connection, Dialect } from '../sql/database.ts'
import type { CopiedTable } from './copied-tables.ts'

export type Value = string | number | Uint8Array | null
export type Row = Readonly<Record<string, Value>>

/** Small enough for SQLite's limit of 32,766 parameters in one statement. */
const pageRows = 1_000

/** The rows of a table in key order, in bounded pages, starting after `after`. */
export async function* pagesOf(db: Connection, table: CopiedTable, after: Row | null = null): AsyncGenerator<readonly Row[]> {
  for (let last = after; ; ) {
    const page = await readPage(db, table, last)
    if (page.length > 0) yield page
    last = page.at(-1) ?? null
    if (page.length < pageRows) return
  }
}

/** The row with the highest key. */
export async function findLastRow(db: Connection, { name, key }: CopiedTable): Promise<Row | null> {
  const order = sql.join(key.map((column) => sql`${sql.ref(column)} desc`))
  const { rows } = await sql<Row>`select * from ${sql.table(name)} order by ${order} limit 1`.execute(db)
  return rows[0] ?? null
}

export async function countRows(db: Connection, { name }: CopiedTable): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(db)
  return rows[0]?.count ?? 0
}

/** Inserts rows unchanged, including numbers that the database would otherwise assign. All rows have the same columns. */
export async function insertRows(tx: Connection, dialect: Dialect, { name }: CopiedTable, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const names = sql.join(columns.map((column) => sql.ref(column)))
  if (dialect === 'sqlite') {
    const tuples = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`)
    await sql`insert into ${sql.table(name)} (${names}) values ${sql.join(tuples)}`.execute(tx)
    return
  }
  // One array per column: PostgreSQL reads that twice as fast as a list of rows. A column without any value becomes a plain null, which fits every
  // type.
  const values = new Map(columns.map((column) => [column, rows.map((row) => row[column] ?? null)]))
  const filled = columns.filter((column) => values.get(column)?.some((value) => value !== null))
  const selected = sql.join(columns.map((column) => (filled.includes(column) ? sql.ref(column) : sql`null`)))
  const arrays = sql.join(filled.map((column) => toArray(values.get(column) ?? [])))
  const filledNames = sql.join(filled.map((column) => sql.ref(column)))
  await sql`
    insert into ${sql.table(name)} (${names}) overriding system value
    select ${selected} from unnest(${arrays}) as given (${filledNames})`.execute(tx)
}

async function readPage(db: Connection, { name, key }: CopiedTable, after: Row | null): Promise<readonly Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  const isBehind = after === null ? sql`` : sql`where (${columns}) > (${sql.join(key.map((column) => after[column]))})`
  const { rows } = await sql<Row>`select * from ${sql.table(name)} ${isBehind} order by ${columns} limit ${sql.lit(pageRows)}`.execute(db)
  return rows
}

function toArray(values: readonly Value[]): RawBuilder<unknown> {
  const sample = values.find((value) => value !== null)
  if (typeof sample === 'number') return sql`${numberArray(values as (number | null)[])}::int8[]`
  if (sample instanceof Uint8Array) return sql`${bytesArray(values as (Uint8Array | null)[])}::bytea[]`
  return sql`${textArray(values as (string | null)[])}::text[]`
}
