import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { CompiledQuery, type DatabaseConnection, Kysely, SqliteAdapter, SqliteDialect, SqliteDriver, type SqliteStatement } from 'kysely'
import { type FailureKind, storeUnavailable, withRetries } from './retry.ts'
import type { Connection, Database } from './sql/database.ts'
import type { Tables } from './sql/tables.ts'
import { SqliteLogin } from './sqlite-login.ts'
import { SqliteTurns } from './sqlite-turns.ts'
import type { LoginOutcome, LoginWrite } from './store.ts'

// A statement that meets another process's transaction blocks the event loop no longer than this; then `withRetries` waits.
const busyMsMax = 5
const openBusyMsMax = 5_000

// With SQLite's default cache of 2 MB and a checkpoint per 4 MB of log, busy index pages are written to the file again and again.
const cacheKib = 32_768
const checkpointPages = 4_000

// The log grows during long reads; after them it is reused and truncated to this.
const journalBytesMax = 33_554_432

const statementsMax = 500

/**
 * The embedded store: one connection of node:sqlite, in WAL mode with `synchronous=FULL`. Other processes may have the same file open. One
 * transaction has the connection at a time; the others wait for their turn.
 */
export class SqliteDatabase implements Database {
  readonly dialect = 'sqlite'
  readonly #file: DatabaseSync
  readonly #kysely: Kysely<Tables>
  readonly #login: SqliteLogin

  /** @param path a file, created when missing together with its folder, readable by its owner only */
  constructor(path: string) {
    this.#file = openFile(path)
    this.#kysely = new Kysely<Tables>({ dialect: new ImmediateDialect(this.#file) })
    this.#login = new SqliteLogin(this.#file)
  }

  run<T>(work: (db: Connection) => Promise<T>): Promise<T> {
    return withRetries(classifySqliteError, () => work(this.#kysely))
  }

  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return withRetries(classifySqliteError, () => this.#kysely.transaction().execute(work))
  }

  unsynced<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    const withoutSync = (db: Connection) => {
      this.#file.exec('pragma synchronous = normal')
      return db
        .transaction()
        .execute(work)
        .finally(() => this.#file.exec('pragma synchronous = full'))
    }
    return withRetries(classifySqliteError, () => this.#kysely.connection().execute(withoutSync))
  }

  exclusively<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return this.transaction(work)
  }

  login(batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
    return withRetries(classifySqliteError, () => this.#kysely.connection().execute(async () => this.#login.write(batch)))
  }

  /** A transaction has the only connection, so statements on the file run inside it. */
  async loginWithin(_tx: Connection, batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
    return this.#login.writeWithin(batch)
  }

  async durabilityProblems(): Promise<string[]> {
    // Not while `unsynced` works.
    const [journalMode, synchronous] = await this.#kysely
      .connection()
      .execute(async () => ['journal_mode', 'synchronous'].map((name) => readPragma(this.#file, name)))
    const problems = []
    if (journalMode !== 'wal') problems.push(`SQLite's journal_mode is ${journalMode}, not wal`)
    if (synchronous !== 2 && synchronous !== 3) problems.push(`SQLite's synchronous is ${synchronous}, not 2 (FULL) or 3 (EXTRA)`)
    return problems
  }

  /** Statements run in this process and are small; waits for other processes' locks are bounded here. */
  async limitProblems(): Promise<string[]> {
    return []
  }

  connections(): null {
    return null
  }

  async close(): Promise<void> {
    // Through Kysely, so that a running transaction ends before the file is closed.
    if (this.#file.isOpen) await this.#kysely.connection().execute(async () => this.#file.close())
    await this.#kysely.destroy()
  }
}

function openFile(path: string): DatabaseSync {
  try {
    if (path !== ':memory:') {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      // SQLite would make it readable by all; its -wal and -shm files inherit this mode.
      closeSync(openSync(path, 'a', 0o600))
    }
    const file = new DatabaseSync(path, { timeout: openBusyMsMax, enableForeignKeyConstraints: true })
    file.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = ${busyMsMax};
      pragma cache_size = -${cacheKib}; pragma wal_autocheckpoint = ${checkpointPages}; pragma journal_size_limit = ${journalBytesMax}`)
    return file
  } catch (error) {
    throw storeUnavailable(new Error(`cannot open the SQLite file ${path}: ${(error as Error).message}`, { cause: error }))
  }
}

function readPragma(file: DatabaseSync, name: string): SQLInputValue | undefined {
  return Object.values(file.prepare(`pragma ${name}`).get() ?? {})[0]
}

// SQLite result codes (https://sqlite.org/rescode.html); the low byte is the kind.
const contentionCodes = new Set([5 /* BUSY */, 6 /* LOCKED */])
const unavailableCodes = new Set([
  3 /* PERM */, 7 /* NOMEM */, 8 /* READONLY */, 10 /* IOERR */, 11 /* CORRUPT */, 13 /* FULL */, 14 /* CANTOPEN */, 15 /* PROTOCOL */,
  26 /* NOTADB */,
])

function classifySqliteError(error: unknown): FailureKind {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  // The store was closed: node:sqlite reports it by a code, Kysely only by its message.
  if (code === 'ERR_INVALID_STATE' || (error instanceof Error && /already been destroyed/.test(error.message))) return 'unavailable'
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return 'fault'
  const kind = errcode & 0xff
  if (contentionCodes.has(kind)) return 'contention'
  return unavailableCodes.has(kind) ? 'unavailable' : 'fault'
}

class ImmediateDialect extends SqliteDialect {
  readonly #file: DatabaseSync

  constructor(file: DatabaseSync) {
    // Only the driver's own config matters.
    super({ database: new CachedStatements(file) })
    this.#file = file
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#file)
  }

  override createAdapter(): SqliteAdapter {
    return new TakingTurns()
  }
}

/** Keeps Kysely's own lock away: its waiters have no end, and each release wakes all of them. The driver has one of its own. */
class TakingTurns extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #file: DatabaseSync
  readonly #turns = new SqliteTurns()

  constructor(file: DatabaseSync) {
    super({ database: new CachedStatements(file) })
    this.#file = file
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take()
    return super.acquireConnection()
  }

  override async releaseConnection(): Promise<void> {
    this.#turns.pass()
  }

  /** A full disk or an I/O error has already rolled back; a second rollback would fail and hide the error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#file.isTransaction) await super.rollbackTransaction(connection)
  }

  /** A deferred transaction that reads first cannot write once another process has (BUSY_SNAPSHOT), so take the write lock at once. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** The interface that Kysely needs of a SQLite driver, on node:sqlite, with cached prepared statements. */
class CachedStatements {
  readonly #file: DatabaseSync
  readonly #statements = new Map<string, SqliteStatement>()

  constructor(file: DatabaseSync) {
    this.#file = file
  }

  prepare(sql: string): SqliteStatement {
    const cached = this.#statements.get(sql)
    if (cached !== undefined) return cached
    if (this.#statements.size === statementsMax) this.#statements.clear()
    const statement = adapt(this.#file.prepare(sql))
    this.#statements.set(sql, statement)
    return statement
  }

  close(): void {
    if (this.#file.isOpen) this.#file.close()
  }
}

function adapt(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  }
}
