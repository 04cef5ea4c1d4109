import type { Kysely, SelectQueryBuilder } from 'kysely'
import { sql } from 'kysely'
import type { LoginOutcome, LoginWrite, StoreConnections } from '../store.ts'
import type { Tables } from './tables.ts'

export type Dialect = 'sqlite' | 'postgres'

/** Where statements run: a pooled connection, or the one inside a transaction. */
export type Connection = Kysely<Tables>

/**
 * One database, and all in which the two dialects differ.
 *
 * `run` and `transaction` are the ways to run statements. Work may run more than once: contention (a deadlock, a busy file) is
 * retried, so it keeps its effects inside the database and waits for nothing else.
 * Trouble with the store itself surfaces as GatewayError `store_unavailable`.
 */
export interface Database {
  readonly dialect: Dialect
  /** One statement, or several that only read. */
  run<T>(work: (db: Connection) => Promise<T>): Promise<T>
  /** One transaction, READ COMMITTED or stronger. It is rolled back when `work` throws. */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T>
  /** One transaction that no other of its kind runs beside, on any node, and that may take its time: for migrations. */
  exclusively<T>(work: (tx: Connection) => Promise<T>): Promise<T>
  /** The hot path, see MemberSessionStore. */
  login(batch: readonly LoginWrite[]): Promise<LoginOutcome[]>
  /** The same statement inside a transaction of the caller's. */
  loginWithin(tx: Connection, batch: readonly LoginWrite[]): Promise<LoginOutcome[]>
  /** See Store. */
  durabilityProblems(): Promise<string[]>
  /** See Store. */
  limitProblems(): Promise<string[]>
  /** See StoreUsage. */
  connections(): StoreConnections | null
  close(): Promise<void>
}

/** Locks the rows read until the transaction ends. SQLite needs none: its transactions have the file to themselves. */
export function forUpdate<DB, TB extends keyof DB, O>(
  dialect: Dialect,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return dialect === 'postgres' ? query.forUpdate() : query
}

/** Keeps other writers of a whole table out until the transaction ends; readers go on. */
export async function lockTable(dialect: Dialect, tx: Connection, table: keyof Tables): Promise<void> {
  if (dialect === 'postgres') await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(tx)
}

/** The larger of two values: `greatest` in PostgreSQL, `max` in SQLite. */
export function larger(dialect: Dialect, left: unknown, right: unknown) {
  return dialect === 'postgres' ? sql<number>`greatest(${left}, ${right})` : sql<number>`max(${left}, ${right})`
}

/** Rows in chunks small enough for the databases' limit of parameters in one statement. */
export function* chunks<T>(rows: readonly T[], rowsMax = 1000): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += rowsMax) yield rows.slice(start, start + rowsMax)
}

/** The database's time, at this moment and not at the transaction's beginning. */
export async function readClock(db: Connection, dialect: Dialect): Promise<number> {
  const query =
    dialect === 'postgres'
      ? sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::int8 as now`
      : sql<{ now: number }>`select cast(unixepoch('subsec') * 1000 as integer) as now`
  const [row] = (await query.execute(db)).rows
  if (row === undefined) throw new TypeError('one query has one answer')
  return row.now
}
