import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { Connection, Database } from './database.ts'
import type { Tables } from './tables.ts'

/** The newest changes stay however old they are: a process sees by the last one it read that the store has not gone back. */
const changesKept = 1_000
/** How long changes are kept for readers that fell behind. */
const changesKeptMs = 3_600_000
/** How long calls stay counted. */
const countsKeptMs = 8 * 86_400_000
/** How long invitations and console sessions are kept after they are over. */
const accountsKeptMs = 90 * 86_400_000
/** How long it is known that a batch of counts was added: longer than anybody tries again. */
const batchesKeptMs = 86_400_000
/** How long a process that is gone is told of. */
const processesKeptMs = 86_400_000

/**
 * Deletes what has expired, up to `batchMax` rows of each kind, each kind in a transaction of its own; says how many went.
 * Rows that another node is sweeping or a login is taking over are skipped.
 */
export async function sweep(database: Database, now: number, batchMax: number): Promise<number> {
  let count = 0
  for (const sweepOne of [...endings(now).map(expire), sweepTickets, sweepSignedRequests, sweepChanges]) {
    const deleted = await database.transaction((tx) => sweepOne(tx, database, now, batchMax))
    count += Number(deleted.numDeletedRows)
  }
  return count
}

/** Rows that are over once `column` is `until` or earlier; where there is more to it, `and` says what. */
interface Ending {
  readonly table: keyof Tables
  readonly key: readonly string[]
  readonly column: string
  readonly until: number
  readonly and?: RawBuilder<unknown>
}

function endings(now: number): readonly Ending[] {
  const expired = { column: 'expires_at', until: now }
  const counted = { column: 'at', until: now - countsKeptMs - 1 }
  const countKey = ['span', 'at', 'surface', 'call', 'code', 'agent_id']
  return [
    { table: 'member_sessions', key: ['token_hash'], ...expired },
    // An access token may outlive its last refresh.
    { table: 'seller_sessions', key: ['sid'], column: 'absolute_expires_at', until: now, and: sql`access_expires_at <= ${now}` },
    { table: 'throttles', key: ['key'], ...expired },
    { table: 'password_resets', key: ['seller_id'], ...expired },
    { table: 'idempotent_answers', key: ['key_hash'], ...expired },
    { table: 'spent_challenges', key: ['challenge_hash'], ...expired },
    { table: 'hand_overs', key: ['id'], ...expired },
    { table: 'proposals', key: ['id'], column: 'expires_at', until: now - accountsKeptMs },
    // Kept a while to be seen; sessions also tell from where an operator has signed in before.
    { table: 'invitations', key: ['id'], column: 'expires_at', until: now - accountsKeptMs },
    { table: 'console_sessions', key: ['id'], column: 'expires_at', until: now - accountsKeptMs },
    { table: 'refusals', key: ['at', 'id'], ...expired },
    // By span, as the index is.
    { table: 'call_counts', key: countKey, ...counted, and: sql`span = 'minute'` },
    { table: 'call_counts', key: countKey, ...counted, and: sql`span = 'hour'` },
    { table: 'call_origins', key: ['at', 'agent_id', 'is_stranger', 'address', 'key_id'], ...counted },
    { table: 'processes', key: ['id'], column: 'seen_at', until: now - processesKeptMs },
    { table: 'call_batches', key: ['id'], column: 'at', until: now - batchesKeptMs - 1 },
  ]
}

function expire({ table, key, column, until, and = sql`true` }: Ending) {
  return async (tx: Connection, { dialect }: Database, _now: number, batchMax: number) => {
    const names = sql.join(key.map((name) => sql.ref(name)))
    const locked = dialect === 'postgres' ? sql`for update skip locked` : sql``
    const { numAffectedRows = 0n } = await sql`
      with expired as (
        select ${names} from ${sql.table(table)} where ${sql.ref(column)} <= ${until} and ${and} order by ${sql.ref(column)} limit ${batchMax} ${locked}
      )
      delete from ${sql.table(table)} where (${names}) in (select ${names} from expired)`.execute(tx)
    return { numDeletedRows: numAffectedRows }
  }
}

/** A ticket that nobody used leaves the session it would have opened. */
async function sweepTickets(tx: Connection, database: Database, now: number, batchMax: number) {
  const { numUpdatedRows } = await tx
    .with('expired', (db) => {
      const oldest = db
        .selectFrom('member_sessions')
        .select('token_hash')
        .where('ticket_expires_at', '<=', now)
        .orderBy('ticket_expires_at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .updateTable('member_sessions')
    .set({ ticket_hash: null, ticket_expires_at: null })
    .where('token_hash', 'in', (is) => is.selectFrom('expired').select('token_hash'))
    .executeTakeFirstOrThrow()
  return { numDeletedRows: numUpdatedRows }
}

function sweepSignedRequests(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('oldest', (db) => {
      // By timestamp, the order of the only index. A request lives one window past its timestamp, so the oldest expire first.
      const oldest = db.selectFrom('signed_requests').select(['timestamp', 'agent_id', 'signature'])
      return skipLocked(database, oldest.orderBy('timestamp').orderBy('agent_id').orderBy('signature').limit(batchMax))
    })
    .deleteFrom('signed_requests')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('timestamp', 'agent_id', 'signature'),
        'in',
        selectFrom('oldest').select(['timestamp', 'agent_id', 'signature']).$asTuple('timestamp', 'agent_id', 'signature'),
      ),
    )
    .where('expires_at', '<=', now)
    .executeTakeFirstOrThrow()
}

function sweepChanges(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('oldest', (db) => skipLocked(database, db.selectFrom('changes').select('seq').orderBy('seq').limit(batchMax)))
    .deleteFrom('changes')
    .where('seq', 'in', (is) => is.selectFrom('oldest').select('seq'))
    .where('at', '<', now - changesKeptMs)
    .where('seq', '<=', (is) => is.selectFrom('changes as c').select((c) => sql<number>`${c.fn.max('c.seq')} - ${changesKept}`.as('seq')))
    .executeTakeFirstOrThrow()
}

function skipLocked<DB, TB extends keyof DB, O>(
  { dialect }: Database,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return dialect === 'postgres' ? query.forUpdate().skipLocked() : query
}
