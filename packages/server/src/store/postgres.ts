import { Kysely, PostgresDialect, type PostgresDialectConfig, PostgresDriver, sql } from 'kysely'
import pg from 'pg'
import type { PostgresServer } from './database-url.ts'
import { PostgresLogin } from './postgres-login.ts'
import { PostgresPool } from './postgres-pool.ts'
import { type FailureKind, withRetries } from './retry.ts'
import type { Connection, Database } from './sql/database.ts'
import type { Tables } from './sql/tables.ts'
import type { LoginOutcome, LoginWrite, StoreConnections } from './store.ts'

/** Maximum delay of setTimeout. */
const noLimitMs = 2 ** 31 - 1
/** The server ends a statement a little before its caller gives up, so that the connection stays usable. */
const statementShare = 0.9

/** The longest time limit that keeps the promise to callers. */
const limitMsMax = 5_000

/** Work under the exclusive lock waits for its turn; behind PgBouncer its connection may wait for those that migrate, too. */
const exclusiveConnectMsMax = 10_000

// Any number that nothing else uses for advisory locks.
const exclusiveLock = 7_265_901_433

export interface PostgresOptions {
  /** TLS as their URLs' parameters say (`sslmode=verify-full`). */
  readonly servers: readonly PostgresServer[]
  readonly poolSize: number
  /** Off behind a PgBouncer that does not keep prepared statements (transaction mode before 1.21). */
  readonly preparedStatements: boolean
  /** Maximum wait for a connection, from the pool or the server. */
  readonly connectMsMax: number
  /**
   * Maximum time for getting and using a connection; then it is abandoned and its caller gets `store_unavailable`. The server ends statements a
   * little earlier by itself.
   */
  readonly holdMsMax: number
  /** Approximate maximum age of a connection. */
  readonly connectionAgeMsMax: number
  readonly applicationName: string
}

/**
 * The production store. Keeps nothing in a session that PgBouncer's transaction mode would lose: no session locks or settings. Every use of a
 * connection has a deadline on our side, so that a database that stops answering causes an error rather than a wait.
 */
export class PostgresDatabase implements Database {
  readonly dialect = 'postgres'
  readonly #options: PostgresOptions
  readonly #pool: PostgresPool
  readonly #kysely: Kysely<Tables>
  readonly #login: PostgresLogin

  constructor(options: PostgresOptions) {
    this.#options = options
    this.#pool = openPool(options)
    this.#kysely = openKysely(this.#pool)
    this.#login = new PostgresLogin(options.preparedStatements)
  }

  run<T>(work: (db: Connection) => Promise<T>): Promise<T> {
    return withRetries(classifyPostgresError, () => work(this.#kysely))
  }

  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return withRetries(classifyPostgresError, () => this.#kysely.transaction().setIsolationLevel('read committed').execute(work))
  }

  unsynced<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return this.transaction(async (tx) => {
      await sql`set local synchronous_commit = off`.execute(tx)
      return await work(tx)
    })
  }

  async exclusively<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    const kysely = openKysely(openPool({ ...this.#options, poolSize: 1, connectMsMax: exclusiveConnectMsMax, holdMsMax: noLimitMs }))
    try {
      const exclusive = () =>
        kysely.transaction().execute(async (tx) => {
          await sql`set local statement_timeout = 0`.execute(tx)
          await sql`set local lock_timeout = 0`.execute(tx)
          await sql`select pg_advisory_xact_lock(${exclusiveLock})`.execute(tx)
          return await work(tx)
        })
      return await withRetries(classifyPostgresError, exclusive, noLimitMs)
    } finally {
      await kysely.destroy()
    }
  }

  login(batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
    return withRetries(classifyPostgresError, async () => {
      // Writes, so a read-only server refuses it by itself.
      const client = await this.#pool.lease(false)
      try {
        return await this.#login.write(client, batch)
      } finally {
        client.release()
      }
    })
  }

  loginWithin(tx: Connection, batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
    return this.#login.writeWithin(tx, batch)
  }

  durabilityProblems(): Promise<string[]> {
    return this.run(async (db) => {
      const { rows } = await sql<{ fsync: string; full_page_writes: string; synchronous_commit: string }>`
        select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
          current_setting('synchronous_commit') as synchronous_commit`.execute(db)
      const settings = rows[0]
      const problems = []
      if (settings?.fsync !== 'on') problems.push(`PostgreSQL's fsync is ${settings?.fsync}, not on`)
      if (settings?.full_page_writes !== 'on') problems.push(`PostgreSQL's full_page_writes is ${settings?.full_page_writes}, not on`)
      if (!['on', 'remote_apply'].includes(settings?.synchronous_commit ?? '')) {
        problems.push(`PostgreSQL's synchronous_commit is ${settings?.synchronous_commit}, not on or remote_apply`)
      }
      return problems
    })
  }

  limitProblems(): Promise<string[]> {
    return this.run(async (db) => {
      const { rows } = await sql<{ name: string; ms: number; role: string }>`
        select name, setting::int as ms, current_user as role from pg_settings where name in ('statement_timeout', 'lock_timeout') order by name`.execute(
        db,
      )
      return rows
        .filter(({ ms }) => ms === 0 || ms > limitMsMax)
        .map(
          ({ name, role }) =>
            `PostgreSQL's ${name} is not set for connections that come through PgBouncer, so a statement that hangs would hold its place: ` +
            `run \`alter role "${role}" set ${name} = '2500ms'\` in the database, then RECONNECT in PgBouncer`,
        )
    })
  }

  connections(): StoreConnections {
    return this.#pool.connections()
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}

function openPool(options: PostgresOptions): PostgresPool {
  const { holdMsMax, connectionAgeMsMax: ageMsMax } = options
  return new PostgresPool({ ...options, ageMsMax, statementMsMax: Math.round(holdMsMax * statementShare) })
}

function openKysely(pool: PostgresPool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new QuietRollbackDialect({ pool }) })
}

class QuietRollbackDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig

  constructor(config: PostgresDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): PostgresDriver {
    return new QuietRollbackDriver(this.#config)
  }
}

class QuietRollbackDriver extends PostgresDriver {
  /** When the rollback fails, the connection is discarded and the server rolls back: report the original error. */
  override async rollbackTransaction(connection: Parameters<PostgresDriver['rollbackTransaction']>[0]): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => {})
  }
}

// SQLSTATE (PostgreSQL documentation, appendix A).
const contentionStates = new Set([
  '40001' /* serialization_failure */,
  '40P01' /* deadlock_detected */,
  // read_only_sql_transaction, from a former primary: nothing was written, and the next connection leads to a writable server.
  '25006',
  // idle_session_timeout: the server had closed the connection before it read the statement.
  '57P05',
])
const uniqueViolation = '23505'
const unavailableStates = new Set([
  '55P03' /* lock_not_available */,
  '3D000' /* invalid_catalog_name: no such database */,
  '25P03' /* idle_in_transaction_session_timeout */,
  '25P04' /* transaction_timeout, from PostgreSQL 17 on */,
])
// Connection exception, invalid authorization, insufficient resources, operator intervention, system error, internal error (damaged data).
const unavailableClasses = new Set(['08', '28', '53', '57', '58', 'XX'])
// Errors of pg and pg-pool that only their message identifies.
const connectionErrors = /timeout|terminated|not queryable|Cannot use a pool|has already been destroyed/

function classifyPostgresError(error: unknown): FailureKind {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return 'fault'
  const { code } = error as { code?: unknown }
  if (error instanceof pg.DatabaseError) {
    const state = String(code)
    if (contentionStates.has(state)) return 'contention'
    if (state === uniqueViolation) return 'overtaken'
    return unavailableStates.has(state) || unavailableClasses.has(state.slice(0, 2)) ? 'unavailable' : 'fault'
  }
  // System and TLS errors have a code: ECONNREFUSED, CERT_HAS_EXPIRED, …
  return (typeof code === 'string' && code !== '') || connectionErrors.test(error.message) ? 'unavailable' : 'fault'
}
