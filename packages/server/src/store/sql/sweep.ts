import type { SelectQueryBuilder } from 'kysely'
import type { Connection, Database } from './database.ts'

/** How long changes are kept for readers that fell behind. */
const changesKeptMs = 3_600_000
/** How long calls stay counted. */
const countsKeptMs = 8 * 86_400_000
/** How long it is known that a batch of counts was added: longer than anybody tries again. */
const batchesKeptMs = 86_400_000

/**
 * Deletes what has expired, up to `batchMax` rows of each kind, each kind in a transaction of its own; says how many went.
 * Rows that another node is sweeping or a login is taking over are skipped.
 */
export async function sweep(database: Database, now: number, batchMax: number): Promise<number> {
  let count = 0
  for (const sweepOne of [
    sweepMemberSessions,
    sweepTickets,
    sweepSignedRequests,
    sweepSellerSessions,
    sweepThrottles,
    sweepPasswordResets,
    sweepChanges,
    sweepRefusals,
    sweepCounts('minute'),
    sweepCounts('hour'),
    sweepOrigins,
    sweepBatches,
    sweepIdempotentAnswers,
  ]) {
    const deleted = await database.transaction((tx) => sweepOne(tx, database, now, batchMax))
    count += Number(deleted.numDeletedRows)
  }
  return count
}

function sweepMemberSessions(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('expired', (db) => {
      const oldest = db.selectFrom('member_sessions').select('token_hash').where('expires_at', '<=', now).orderBy('expires_at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('member_sessions')
    .where('token_hash', 'in', (is) => is.selectFrom('expired').select('token_hash'))
    .executeTakeFirstOrThrow()
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

function sweepIdempotentAnswers(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('expired', (db) => {
      const oldest = db.selectFrom('idempotent_answers').select('key_hash').where('expires_at', '<=', now).orderBy('expires_at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('idempotent_answers')
    .where('key_hash', 'in', (is) => is.selectFrom('expired').select('key_hash'))
    .executeTakeFirstOrThrow()
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

function sweepSellerSessions(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('expired', (db) => {
      const oldest = db
        .selectFrom('seller_sessions')
        .select('sid')
        .where('absolute_expires_at', '<=', now)
        .where('access_expires_at', '<=', now)
        .orderBy('absolute_expires_at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('seller_sessions')
    .where('sid', 'in', (is) => is.selectFrom('expired').select('sid'))
    .executeTakeFirstOrThrow()
}

function sweepThrottles(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('expired', (db) => {
      const oldest = db.selectFrom('throttles').select('key').where('expires_at', '<=', now).orderBy('expires_at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('throttles')
    .where('key', 'in', (is) => is.selectFrom('expired').select('key'))
    .executeTakeFirstOrThrow()
}

function sweepPasswordResets(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('expired', (db) => {
      const oldest = db.selectFrom('password_resets').select('seller_id').where('expires_at', '<=', now).orderBy('expires_at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('password_resets')
    .where('seller_id', 'in', (is) => is.selectFrom('expired').select('seller_id'))
    .executeTakeFirstOrThrow()
}

function sweepChanges(tx: Connection, database: Database, now: number, batchMax: number) {
  return (
    tx
      .with('oldest', (db) => skipLocked(database, db.selectFrom('changes').select('seq').orderBy('seq').limit(batchMax)))
      .deleteFrom('changes')
      .where('seq', 'in', (is) => is.selectFrom('oldest').select('seq'))
      .where('at', '<', now - changesKeptMs)
      // The newest stays: it holds the place in the sequence.
      .where('seq', '<', (is) => is.selectFrom('changes as c').select((c) => c.fn.max('c.seq').as('seq')))
      .executeTakeFirstOrThrow()
  )
}

function sweepRefusals(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('expired', (db) => {
      const oldest = db.selectFrom('refusals').select(['at', 'id']).where('expires_at', '<=', now).orderBy('expires_at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('refusals')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(refTuple('at', 'id'), 'in', selectFrom('expired').select(['at', 'id']).$asTuple('at', 'id')),
    )
    .executeTakeFirstOrThrow()
}

function sweepCounts(span: 'minute' | 'hour') {
  const key = ['at', 'surface', 'call', 'code', 'agent_id'] as const
  return (tx: Connection, database: Database, now: number, batchMax: number) =>
    tx
      .with('oldest', (db) => {
        const oldest = db
          .selectFrom('call_counts')
          .select(key)
          .where('span', '=', span)
          .where('at', '<', now - countsKeptMs)
        return skipLocked(database, oldest.orderBy('at').limit(batchMax))
      })
      .deleteFrom('call_counts')
      .where('span', '=', span)
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple(...key),
          'in',
          selectFrom('oldest')
            .select(key)
            .$asTuple(...key),
        ),
      )
      .executeTakeFirstOrThrow()
}

function sweepOrigins(tx: Connection, database: Database, now: number, batchMax: number) {
  const key = ['at', 'agent_id', 'is_stranger', 'address', 'key_id'] as const
  return tx
    .with('oldest', (db) => {
      const oldest = db
        .selectFrom('call_origins')
        .select(key)
        .where('at', '<', now - countsKeptMs)
        .orderBy('at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('call_origins')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple(...key),
        'in',
        selectFrom('oldest')
          .select(key)
          .$asTuple(...key),
      ),
    )
    .executeTakeFirstOrThrow()
}

function sweepBatches(tx: Connection, database: Database, now: number, batchMax: number) {
  return tx
    .with('oldest', (db) => {
      const oldest = db
        .selectFrom('call_batches')
        .select('id')
        .where('at', '<', now - batchesKeptMs)
        .orderBy('at')
      return skipLocked(database, oldest.limit(batchMax))
    })
    .deleteFrom('call_batches')
    .where('id', 'in', (is) => is.selectFrom('oldest').select('id'))
    .executeTakeFirstOrThrow()
}

function skipLocked<DB, TB extends keyof DB, O>(
  { dialect }: Database,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return dialect === 'postgres' ? query.forUpdate().skipLocked() : query
}
