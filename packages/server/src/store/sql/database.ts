import type { Kysely, SelectQueryBuilder, SqlBool } from 'kysely'
import { sql } from 'kysely'
import type { LoginOutcome, LoginWrite, StoreConnections } from '../store.ts'
import type { Tables } from './tables.ts'

export type Dialect = 'sqlite' | 'postgres'

/** Runs statements: a pooled connection, or the one inside a transaction. */
export type Connection = Kysely<Tables>

/**
 * One database, and everything in which the two dialects differ.
 *
 * `run` and `transaction` run statements. Work may run more than once, because contention (a deadlock, a busy file) is retried; so it must have no
 * effects outside the database and wait for nothing else. Store failures surface as GatewayError `store_unavailable`.
 */
export interface Database {
  readonly dialect: Dialect
  /** One statement, or several that only read. */
  run<T>(work: (db: Connection) => Promise<T>): Promise<T>
  /** One transaction, READ COMMITTED or stronger. It is rolled back when `work` throws. */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>
  /** A transaction whose commit waits for no disk, so that a power cut may undo it: for work that is then done again. */
  unsynced<T>(work: (tx: Connection) => Promise<T>): Promise<T>
  /** A transaction that no other one of its kind overlaps, on any node, and that may take long: for migrations. */
  exclusively<T>(work: (tx: Connection) => Promise<T>): Promise<T>
  /** The hot path, see MemberSessionStore. */
  login(batch: readonly LoginWrite[]): Promise<LoginOutcome[]>
  /** The same statement inside the caller's transaction. */
  loginWithin(tx: Connection, batch: readonly LoginWrite[]): Promise<LoginOutcome[]>
  /** See Store. */
  durabilityProblems(): Promise<string[]>
  /** See Store. */
  limitProblems(): Promise<string[]>
  /** See StoreUsage. */
  connections(): StoreConnections | null
  close(): Promise<void>
}

/** Locks the selected rows until the transaction ends. SQLite needs no row locks: its transactions lock the file. */
export function forUpdate<DB, TB extends keyof DB, O>(
  dialect: Dialect,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return dialect === 'postgres' ? query.forUpdate() : query
}

/** Blocks other writers of a whole table until the transaction ends; readers continue. */
export async function lockTable(dialect: Dialect, tx: Connection, table: keyof Tables): Promise<void> {
  if (dialect === 'postgres') await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(tx)
}

/** Condition: a column has one of many values, given as one parameter: a statement with hundreds takes longer to write and plan than to run. */
export function isAmong(dialect: Dialect, column: string, values: readonly string[]) {
  return dialect === 'postgres'
    ? sql<SqlBool>`${sql.ref(column)} = any(${values}::text[])`
    : sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`
}

/** The larger of two values: `greatest` in PostgreSQL, `max` in SQLite. */
export function larger(dialect: Dialect, left: unknown, right: unknown) {
  return dialect === 'postgres' ? sql<number>`greatest(${left}, ${right})` : sql<number>`max(${left}, ${right})`
}

/** Splits rows into chunks within the databases' limit of parameters per statement. */
export function* chunks<T>(rows: readonly T[], rowsMax = 1000): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += rowsMax) yield rows.slice(start, start + rowsMax)
}

/** The database's current time, not that of the transaction's start. */
export async function readClock(db: Connection, dialect: Dialect): Promise<number> {
  const query =
    dialect === 'postgres'
      ? sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::int8 as now`
      : sql<{ now: number }>`select cast(unixepoch('subsec') * 1000 as integer) as now`
  const [row] = (await query.execute(db)).rows
  if (row === undefined) throw new TypeError('one query has one answer')
  return row.now
}
