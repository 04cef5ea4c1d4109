import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { PostgresLogin } from './postgres-login.ts'
import { type Trouble, withRetries } from './retry.ts'
import type { Connection, Database } from './sql/database.ts'
import type { Tables } from './sql/tables.ts'
import type { LoginOutcome, LoginWrite } from './store.ts'

// Any number that nothing else takes advisory locks by.
const aloneLock = 7_265_901_433

export interface PostgresOptions {
  /** postgres://…; TLS as its parameters say (`sslmode=verify-full`). */
  readonly url: string
  readonly poolSize: number
  /** Off behind a PgBouncer that does not keep prepared statements (transaction mode before 1.21). */
  readonly preparedStatements: boolean
  /** The longest wait for a connection, from the pool or the server. */
  readonly connectMsMax: number
  /** The longest use of one connection; then it is cut, and whoever waits for an answer on it has `store_unavailable`. */
  readonly holdMsMax: number
  readonly applicationName: string
}

/** What is used of pg's pool. */
interface Pool {
  readonly options: object
  connect(): Promise<pg.PoolClient>
  end(): Promise<void>
}

/**
 * The production store. It keeps nothing in a session that PgBouncer's transaction mode would lose: no session locks or settings.
 * Every use of a connection has a deadline on this side, so that a database that stopped answering is an error and not a wait.
 */
export class PostgresDatabase implements Database {
  readonly dialect = 'postgres'
  readonly #options: PostgresOptions
  readonly #pool: Pool
  readonly #kysely: Kysely<Tables>
  readonly #login: PostgresLogin

  constructor(options: PostgresOptions) {
    this.#options = options
    this.#pool = withDeadline(openPool(options), options.holdMsMax)
    this.#kysely = openKysely(this.#pool)
    this.#login = new PostgresLogin(options.preparedStatements)
  }

  run<T>(work: (db: Connection) => Promise<T>): Promise<T> {
    return withRetries(judgePostgresError, () => work(this.#kysely))
  }

  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return withRetries(judgePostgresError, () => this.#kysely.transaction().setIsolationLevel('read committed').execute(work))
  }

  async exclusively<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    const kysely = openKysely(openPool({ ...this.#options, poolSize: 1 }))
    try {
      return await withRetries(judgePostgresError, () =>
        kysely.transaction().execute(async (tx) => {
          await sql`select pg_advisory_xact_lock(${aloneLock})`.execute(tx)
          return await work(tx)
        }),
      )
    } finally {
      await kysely.destroy()
    }
  }

  login(batch: readonly LoginWrite[]): Promise<LoginOutcome[]> {
    return withRetries(judgePostgresError, async () => {
      const client = await this.#pool.connect()
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

  async close(): Promise<void> {
    await this.#pool.end()
  }
}

function openKysely(pool: Pool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}

function openPool({ url, poolSize, connectMsMax, applicationName }: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: connectMsMax,
    keepAlive: true,
    application_name: applicationName,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
    },
  })
  // A connection that breaks fails the query on it, or is dropped from the pool; the event itself needs nobody.
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  return pool
}

function ignore(): void {}

/** Cuts a connection that is held for longer than `holdMsMax`. Ending the pool twice does nothing. */
function withDeadline(pool: pg.Pool, holdMsMax: number): Pool {
  let ended: Promise<void> | undefined
  return {
    options: pool.options,
    end: () => {
      ended ??= pool.end()
      return ended
    },
    connect: async () => {
      const client = await pool.connect()
      const release = client.release
      const deadline = setTimeout(() => client.end(), holdMsMax)
      client.release = (destroy) => {
        clearTimeout(deadline)
        release(destroy)
      }
      return client
    },
  }
}

// SQLSTATE (PostgreSQL documentation, appendix A).
const contentionStates = new Set(['40001' /* serialization_failure */, '40P01' /* deadlock_detected */])
const unavailableStates = new Set([
  '25006' /* read_only_sql_transaction: a standby after a failover */,
  '55P03' /* lock_not_available */,
  '3D000' /* invalid_catalog_name: no such database */,
  '25P03' /* idle_in_transaction_session_timeout */,
])
// Connection exception, invalid authorization, insufficient resources, operator intervention, system error.
const unavailableClasses = new Set(['08', '28', '53', '57', '58'])
// What pg and pg-pool throw by message alone.
const connectionTrouble = /timeout|terminated|not queryable|Cannot use a pool|has already been destroyed/

function judgePostgresError(error: unknown): Trouble {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return 'fault'
  const { code } = error as { code?: unknown }
  if (error instanceof pg.DatabaseError) {
    const state = String(code)
    if (contentionStates.has(state)) return 'contention'
    return unavailableStates.has(state) || unavailableClasses.has(state.slice(0, 2)) ? 'unavailable' : 'fault'
  }
  // System and TLS errors carry a code: ECONNREFUSED, CERT_HAS_EXPIRED, …
  return (typeof code === 'string' && code !== '') || connectionTrouble.test(error.message) ? 'unavailable' : 'fault'
}
