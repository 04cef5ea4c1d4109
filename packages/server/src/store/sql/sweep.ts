import { setImmediate as nextTurn } from 'node:timers/promises'
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { dayTables } from './call-days.ts'
import type { Connection, Database } from './database.ts'
import type { Tables } from './tables.ts'

/** The newest changes are kept regardless of age: from its last change a process sees that the store has not gone back. */
const changesKept = 1_000
/** How long changes are kept for readers that fell behind. */
const changesKeptMs = 3_600_000
const dayMs = 86_400_000
/** How long call counts are kept. */
const countsKeptMs = 8 * dayMs
/** How long finished invitations and console sessions are kept. */
const accountsKeptMs = 90 * dayMs
/** How long the ID of an added batch of counts is kept; longer than any retry. */
const batchesKeptMs = dayMs
/** How long a process that is gone is listed. */
const processesKeptMs = dayMs

/**
 * Deletes expired rows, up to `batchMax` of each kind, each kind in its own transaction and, since SQLite works in this thread, its own turn of the
 * event loop; returns how many. Skips rows that another node is sweeping or a login is taking over.
 */
export async function sweep(database: Database, now: number, batchMax: number): Promise<number> {
  let count = 0
  for (const sweepOne of [...endings(now).map(expire), sweepTickets, sweepSignedRequests, sweepChanges]) {
    const deleted = await database.unsynced((tx) => sweepOne(tx, database, now, batchMax))
    count += Number(deleted.numDeletedRows)
    if (deleted.numDeletedRows > 0n) await nextTurn()
  }
  return count
}

/** Rows that have expired once `column` is `until` or earlier; `and` adds conditions. */
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
  const totalKey = ['span', 'at', 'surface', 'call', 'code']
  const countKey = [...totalKey, 'agent_id']
  return [
    { table: 'member_sessions', key: ['token_hash'], ...expired },
    // An access token may outlive its last refresh.
    { table: 'seller_sessions', key: ['sid'], column: 'absolute_expires_at', until: now, and: sql`access_expires_at <= ${now}` },
    { table: 'throttles', key: ['key'], ...expired },
    { table: 'password_resets', key: ['seller_id'], ...expired },
    { table: 'idempotent_answers', key: ['key_hash'], ...expired },
    { table: 'spent_challenges', key: ['challenge_hash'], ...expired },
    { table: 'hand_overs', key: ['id'], ...expired },
    { table: 'connection_requests', key: ['id'], ...expired },
    { table: 'proposals', key: ['id'], column: 'expires_at', until: now - accountsKeptMs },
    // Kept for a while to be listed; sessions also record the addresses an operator has signed in from.
    // Used ones stay: they tell whose link an account came by.
    { table: 'invitations', key: ['id'], column: 'expires_at', until: now - accountsKeptMs, and: sql`used_at is null` },
    { table: 'console_sessions', key: ['id'], column: 'expires_at', until: now - accountsKeptMs },
    { table: 'refusals', key: ['at', 'id'], ...expired },
    // By span, as in the index.
    { table: 'call_counts', key: countKey, ...counted, and: sql`span = 'minute'` },
    { table: 'call_counts', key: countKey, ...counted, and: sql`span = 'hour'` },
    { table: 'call_totals', key: totalKey, ...counted, and: sql`span = 'minute'` },
    { table: 'call_totals', key: totalKey, ...counted, and: sql`span = 'hour'` },
    { table: 'call_days', key: dayTables.call_days, column: 'day', until: now - countsKeptMs - dayMs },
    { table: 'merchant_days', key: dayTables.merchant_days, column: 'day', until: now - countsKeptMs - dayMs },
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

/** Removes unused tickets whose session is over. */
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
      // By timestamp, the order of the only index. A request expires one window after its timestamp, so the oldest expire first.
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
