import { sql } from 'kysely'
import { readDatabaseUrl } from './database-url.ts'
import { inOneTransaction, rehearse } from './in-one-transaction.ts'
import { schemaOf } from './migrate.ts'
import { apiTokenStore } from './sql/api-tokens.ts'
import { brandStore } from './sql/brands.ts'
import { callCountStore } from './sql/call-counts.ts'
import { catalogueStore } from './sql/catalogue.ts'
import { changeStore } from './sql/changes.ts'
import { connectionRequestStore } from './sql/connection-requests.ts'
import { consoleSessionStore } from './sql/console-sessions.ts'
import { type Database, readClock } from './sql/database.ts'
import { eventStore } from './sql/events.ts'
import { handOverStore } from './sql/hand-overs.ts'
import { idempotentAnswerStore } from './sql/idempotent-answers.ts'
import { invitationStore } from './sql/invitations.ts'
import { reportingChanges } from './sql/log.ts'
import { memberSessionStore } from './sql/member-sessions.ts'
import { memberStore } from './sql/members.ts'
import { merchantClockStore } from './sql/merchant-clocks.ts'
import { merchantConductStore } from './sql/merchant-conduct.ts'
import { merchantStore } from './sql/merchants.ts'
import { metaStore } from './sql/meta.ts'
import { operatorAccountStore } from './sql/operator-accounts.ts'
import { operatorSsoStore } from './sql/operator-sso.ts'
import { operatorStore } from './sql/operators.ts'
import { processStore } from './sql/processes.ts'
import { proposalStore } from './sql/proposals.ts'
import { refusalStore } from './sql/refusals.ts'
import { sealStore } from './sql/seals.ts'
import { sellerSessionStore } from './sql/seller-sessions.ts'
import { sellerStore } from './sql/sellers.ts'
import { serviceStore } from './sql/services.ts'
import { signingKeyStore } from './sql/signing-keys.ts'
import { sweep } from './sql/sweep.ts'
import { throttleStore } from './sql/throttles.ts'
import { traceStore } from './sql/traces.ts'
import { writeProbe } from './sql/write-probe.ts'
import { SqliteDatabase } from './sqlite.ts'
import type { Change, ChangeStore, Store, StoreUsage } from './store.ts'
import { counted } from './store-usage.ts'

export interface StoreOptions {
  /** See `readDatabaseUrl`; also `sqlite::memory:`. */
  readonly url: string
  /** Maximum of connections to PostgreSQL, default 10. */
  readonly poolSize?: number
  /** Turn off behind a PgBouncer that does not keep prepared statements (transaction mode before 1.21). Default on. */
  readonly preparedStatements?: boolean
  /** The longest wait for a connection to PostgreSQL (default 1,500), and for a whole operation including it (3,000). */
  readonly connectMsMax?: number
  readonly holdMsMax?: number
  /** Approximate maximum age of a PostgreSQL connection, default half an hour. */
  readonly connectionAgeMsMax?: number
  /** `application_name` in PostgreSQL, default `lobbykey`. */
  readonly applicationName?: string
}

/** A store with its database, for `migrate`. */
export interface SqlStore extends Store {
  readonly database: Database
}

/**
 * Opens the store that the URL names. Creates a missing SQLite file; contacts PostgreSQL at the first query. `migrate` creates the tables.
 * @throws GatewayError store_unavailable when the SQLite file cannot be opened
 * @throws TypeError when the URL has an unknown form
 */
export async function openStore(options: StoreOptions): Promise<SqlStore> {
  let listener: (changes: readonly Change[]) => void = () => {}
  const { database: under, usage } = counted(await openDatabase(options))
  const database = reportingChanges(under, (changes) => listener(changes))
  return storeOver(database, usage, (next) => {
    listener = next
  })
}

/** @param onWritten gets this process's own changes; a rehearsal has none, since it writes nothing */
function storeOver(database: Database, usage: StoreUsage, onWritten: ChangeStore['onWritten'] = () => {}): SqlStore {
  return {
    dialect: database.dialect,
    database,
    merchants: merchantStore(database),
    members: memberStore(database),
    memberSessions: memberSessionStore(database),
    sellers: sellerStore(database),
    sellerSessions: sellerSessionStore(database),
    throttles: throttleStore(database),
    signingKeys: signingKeyStore(database),
    services: serviceStore(database),
    brands: brandStore(database),
    catalogue: catalogueStore(database),
    events: eventStore(database),
    refusals: refusalStore(database),
    callCounts: callCountStore(database),
    traces: traceStore(database),
    merchantClocks: merchantClockStore(database),
    merchantConduct: merchantConductStore(database),
    operators: operatorStore(database),
    operatorSso: operatorSsoStore(database),
    apiTokens: apiTokenStore(database),
    operatorAccounts: operatorAccountStore(database),
    invitations: invitationStore(database),
    handOvers: handOverStore(database),
    connectionRequests: connectionRequestStore(database),
    proposals: proposalStore(database),
    consoleSessions: consoleSessionStore(database),
    idempotentAnswers: idempotentAnswerStore(database),
    seals: sealStore(database),
    processes: processStore(database),
    changes: changeStore(database, onWritten),
    meta: metaStore(database),
    usage,
    ping: async () => {
      await database.run((db) => sql`select 1`.execute(db))
    },
    readClock: () => database.run((db) => readClock(db, database.dialect)),
    verifyWritable: () => writeProbe(database),
    durabilityProblems: () => database.durabilityProblems(),
    limitProblems: () => database.limitProblems(),
    schema: () => schemaOf({ database }),
    sweep: (now, batchMax) => sweep(database, now, batchMax),
    together: (work) => inOneTransaction(database, (inside) => work(storeOver(inside, usage))),
    rehearse: (work) => rehearse(database, (inside) => work(storeOver(inside, usage))),
    close: () => database.close(),
  }
}

export const usualApplicationName = 'lobbykey'

const postgresDefaults = {
  poolSize: 10,
  preparedStatements: true,
  connectMsMax: 1_500,
  holdMsMax: 3_000,
  connectionAgeMsMax: 1_800_000,
  applicationName: usualApplicationName,
}

async function openDatabase(options: StoreOptions): Promise<Database> {
  const url = readDatabaseUrl(options.url)
  if (url.kind === 'sqlite') return new SqliteDatabase(url.path)
  // Loaded only when needed: the driver takes 11 MiB.
  const { PostgresDatabase } = await import('./postgres.ts')
  return new PostgresDatabase({ ...postgresDefaults, ...options, servers: url.servers })
}
