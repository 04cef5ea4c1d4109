import { type Selectable, sql } from 'kysely'
import type { EventInput, OlderToken, OlderTokenOutcome, SellerSession, SellerSessionEndReason, SellerSessionStore } from '../store.ts'
import { noteAccessTokenUses } from './access-token-uses.ts'
import { type Connection, chunks, type Database, type Dialect, forUpdate, larger } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { rotateNewest } from './refresh-batch.ts'
import type { SellerSessionsTable } from './tables.ts'

export function sellerSessionStore(database: Database): SellerSessionStore {
  const { dialect } = database
  return {
    create: (session, addressKey, sellerUpdatedAt) => createSession(database, session, addressKey, sellerUpdatedAt),

    find: async (sid) => {
      const row = await database.run((db) => db.selectFrom('seller_sessions').selectAll().where('sid', '=', sid).executeTakeFirst())
      return row === undefined ? null : toSession(row)
    },

    rotate: (batch) => rotateNewest(database, batch),

    judgeOlder: (token, reuseEvent) => database.transaction((tx) => judgeOlder(dialect, tx, token, reuseEvent)),

    noteAccessTokenUses: (uses) => noteAccessTokenUses(database, uses),

    end: (sid, reason, now, event) =>
      database.transaction(async (tx) => {
        const ended = await endLive(tx, [sid], reason, now)
        if (ended.length === 0) return false
        await appendEvents(tx, [event])
        return true
      }),

    endBySeller: (sellerId, reason, now, event) =>
      database.transaction(async (tx) => {
        const count = await endSellerSessions(dialect, tx, { sellerId, reason, now })
        if (count > 0) await appendEvents(tx, [event])
        return count
      }),

    endAgain: async (sids, reason, now) => {
      let count = 0
      for (const chunk of chunks(sids)) count += (await database.transaction((tx) => endLive(tx, chunk, reason, now))).length
      return count
    },

    listBySeller: async (sellerId, limit, after) => {
      const rows = await database.run((db) => {
        let page = db.selectFrom('seller_sessions').selectAll().where('seller_id', '=', sellerId)
        if (after !== undefined) {
          // The first half is for the index.
          page = page.where((is) =>
            is.and([is('created_at', '<=', after.createdAt), is.or([is('created_at', '<', after.createdAt), is('sid', '>', after.sid)])]),
          )
        }
        return page.orderBy('created_at', 'desc').orderBy('sid').limit(limit).execute()
      })
      return rows.map(toSession)
    },

    listRevoked: async (now) => {
      const rows = await database.run((db) =>
        db
          .selectFrom('seller_sessions')
          .select(['sid', 'access_expires_at'])
          .where('ended_at', 'is not', null)
          .where('access_expires_at', '>', now)
          .orderBy('sid')
          .execute(),
      )
      return rows.map((row) => ({ sid: row.sid, accessExpiresAt: row.access_expires_at }))
    },
  }
}

/** Ends all live sessions of a seller but the kept one, in the caller's transaction; returns how many. */
export async function endSellerSessions(
  dialect: Dialect,
  tx: Connection,
  { sellerId, reason, now, keptSid }: { sellerId: string; reason: SellerSessionEndReason; now: number; keptSid?: string | undefined },
): Promise<number> {
  let all = tx.selectFrom('seller_sessions').select('sid').where('seller_id', '=', sellerId).where('ended_at', 'is', null).orderBy('sid')
  if (keptSid !== undefined) all = all.where('sid', '<>', keptSid)
  const sids = (await forUpdate(dialect, all).execute()).map((row) => row.sid)
  let count = 0
  for (const chunk of chunks(sids)) count += (await endLive(tx, chunk, reason, now)).length
  return count
}

/** A family is live while any of its tokens may be valid: an access token can outlast the last refresh. */
async function endLive(tx: Connection, sids: readonly string[], reason: SellerSessionEndReason, now: number): Promise<string[]> {
  const rows = await tx
    .updateTable('seller_sessions')
    .set({ ended_at: now, end_reason: reason })
    .where('sid', 'in', sids)
    .where('ended_at', 'is', null)
    .where(({ eb, or }) => or([eb('absolute_expires_at', '>', now), eb('access_expires_at', '>', now)]))
    .returning('sid')
    .execute()
  const ended = rows.map((row) => row.sid)
  await appendChanges(
    tx,
    ended.map((sid) => ({ topic: 'seller-session', subject: sid, at: now, detail: reason })),
  )
  return ended
}

type CreateOutcome = Awaited<ReturnType<SellerSessionStore['create']>>

/**
 * Locks the seller's row first, so that disabling or a new password either comes before, and is seen, or waits and then ends the session made here.
 * One statement and one round trip on PostgreSQL; SQLite has no writes within writes.
 */
async function createSession(
  database: Database,
  session: SellerSession,
  addressKey: string | null,
  sellerUpdatedAt: number | undefined,
): Promise<CreateOutcome> {
  const address = addressKey === null ? null : { seller_id: session.sellerId, address_key: addressKey, seen_at: session.createdAt }
  if (database.dialect === 'sqlite') {
    return database.transaction(async (tx) => {
      const noted = await noteLogin('sqlite', tx, session, sellerUpdatedAt).executeTakeFirst()
      if (noted === undefined) return 'refused'
      await tx.insertInto('seller_sessions').values(sessionRow(session)).execute()
      if (address !== null) {
        await tx
          .insertInto('seller_addresses')
          .values(address)
          .onConflict((conflict) => conflict.columns(['seller_id', 'address_key']).doUpdateSet({ seen_at: address.seen_at }))
          .execute()
      }
      return toOutcome(noted)
    })
  }
  const noted = await database.run((db) => {
    const query = db
      .with('noted', () => noteLogin('postgres', db, session, sellerUpdatedAt))
      .with('session', (is) => {
        const row = sessionRow(session)
        const values = Object.entries(row).map(([column, value]) => sql.val(value).as(column))
        return is
          .insertInto('seller_sessions')
          .columns(Object.keys(row) as (keyof typeof row)[])
          .expression(is.selectFrom('noted').select(values))
      })
    if (address === null) return query.selectFrom('noted').selectAll().executeTakeFirst()
    return query
      .with('address', (is) =>
        is
          .insertInto('seller_addresses')
          .columns(Object.keys(address) as (keyof typeof address)[])
          .expression(is.selectFrom('noted').select(Object.entries(address).map(([column, value]) => sql.val(value).as(column))))
          .onConflict((conflict) => conflict.columns(['seller_id', 'address_key']).doUpdateSet({ seen_at: address.seen_at })),
      )
      .selectFrom('noted')
      .selectAll()
      .executeTakeFirst()
  })
  return noted === undefined ? 'refused' : toOutcome(noted)
}

function toOutcome({ is_needless }: { readonly is_needless: number }): CreateOutcome {
  return Number(is_needless) === 1 ? 'needless' : 'created'
}

function noteLogin(dialect: Dialect, db: Connection, session: SellerSession, sellerUpdatedAt: number | undefined) {
  const { sellerId, createdAt, issuedAt, accessExpiresAt } = session
  const halfLifeEndsAt = createdAt + Math.floor((accessExpiresAt - issuedAt) / 2)
  const fresh = db
    .selectFrom('seller_sessions')
    .select((is) => is.lit(1).as('one'))
    .where('seller_id', '=', sellerId)
    .where('ended_at', 'is', null)
    .where('access_expires_at', '>', halfLifeEndsAt)
  let update = db
    .updateTable('sellers')
    .set((is) => ({
      last_login_at: larger(dialect, createdAt, is.fn.coalesce('last_login_at', is.lit(0))),
      needless_logins: sql<number>`needless_logins + case when exists ${fresh} then 1 else 0 end`,
    }))
    .where('id', '=', sellerId)
    .where('status', '=', 'enabled')
  if (sellerUpdatedAt !== undefined) update = update.where('updated_at', '=', sellerUpdatedAt)
  return update.returning(sql<number>`case when exists ${fresh} then 1 else 0 end`.as('is_needless'))
}

/** Decides about a token that is not the newest: return its successor again, or end the family. */
async function judgeOlder(dialect: Dialect, tx: Connection, token: OlderToken, reuseEvent: EventInput): Promise<OlderTokenOutcome> {
  const { sid, now } = token
  const row = await forUpdate(dialect, tx.selectFrom('seller_sessions').selectAll().where('sid', '=', sid)).executeTakeFirst()
  if (row === undefined || row.ended_at !== null || row.idle_expires_at <= now || row.absolute_expires_at <= now) return { kind: 'dead' }
  if (hasGrace(row, token)) return { kind: 'again', session: toSession(row) }
  await endLive(tx, [sid], 'reuse', now)
  await appendEvents(tx, [reuseEvent])
  return { kind: 'reused' }
}

/** Only the direct predecessor of the newest token: a successor that was used for a refresh is no longer the newest. */
function hasGrace(row: Selectable<SellerSessionsTable>, { presentedHash, successorAccessHash, now, ...token }: OlderToken): boolean {
  if (row.rotated_at === null || !isSame(row.previous_refresh_hash, presentedHash)) return false
  const isSeen = isSame(row.presented_access_hash, successorAccessHash)
  return now <= row.rotated_at + (isSeen ? token.graceMs : Math.max(token.graceMs, token.unseenGraceMs))
}

function isSame(left: Uint8Array | null, right: Uint8Array): boolean {
  return left !== null && Buffer.compare(left, right) === 0
}

function sessionRow(session: SellerSession) {
  return {
    sid: session.sid,
    seller_id: session.sellerId,
    refresh_hash: session.refreshHash,
    previous_refresh_hash: session.previousRefreshHash,
    issued_at: session.issuedAt,
    rotated_at: null,
    kid: session.kid,
    created_at: session.createdAt,
    idle_expires_at: session.idleExpiresAt,
    absolute_expires_at: session.absoluteExpiresAt,
    access_expires_at: session.accessExpiresAt,
    ended_at: session.endedAt,
    end_reason: session.endReason,
    address: session.address,
  }
}

function toSession(row: Selectable<SellerSessionsTable>): SellerSession {
  return {
    sid: row.sid,
    sellerId: row.seller_id,
    refreshHash: row.refresh_hash,
    previousRefreshHash: row.previous_refresh_hash,
    issuedAt: row.issued_at,
    kid: row.kid,
    createdAt: row.created_at,
    idleExpiresAt: row.idle_expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
    accessExpiresAt: row.access_expires_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
    address: row.address,
  }
}
