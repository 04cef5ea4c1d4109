/** Ends live sessions before their expiry. Each end writes a change row, which notifies lobbies and services. */
import type { ExpressionBuilder, SelectQueryBuilder } from 'kysely'
import type { EndedSession, MemberSession, SessionEndReason } from '../store.ts'
import { type Connection, chunks, type Dialect, forUpdate } from './database.ts'
import { appendChanges } from './log.ts'
import { toSession } from './session-row.ts'
import type { Tables } from './tables.ts'

export interface SessionEnd {
  readonly reason: SessionEndReason
  readonly now: number
}

/** A query that selects sessions, without columns yet. */
export type SessionSelection = SelectQueryBuilder<Tables, 'member_sessions', object>

/** Ends the live ones of the selection, in the caller's transaction, and returns them in their final state. */
export async function endSessions(
  dialect: Dialect,
  tx: Connection,
  selection: SessionSelection,
  { reason, now }: SessionEnd,
): Promise<MemberSession[]> {
  // Locked in the order in which logins write them, so that they cannot deadlock.
  const live = await forUpdate(dialect, selection.select('token_hash').where(isLive(now)).orderBy('token_hash')).execute()
  const ended: MemberSession[] = []
  for (const chunk of chunks(live)) {
    const rows = await tx
      .updateTable('member_sessions')
      .set({ ended_at: now, end_reason: reason, ticket_hash: null, ticket_expires_at: null })
      .where(
        'token_hash',
        'in',
        chunk.map((row) => row.token_hash),
      )
      .returningAll()
      .execute()
    ended.push(...rows.map(toSession))
  }
  await noteEnds(tx, ended)
  return ended
}

/** All sessions of one member or guest, in any state. */
export function sessionsOf(db: Connection, { agentId, userId }: { agentId: string; userId: string }): SessionSelection {
  return db.selectFrom('member_sessions').where('agent_id', '=', agentId).where('user_id', '=', userId)
}

/** Condition: neither ended nor expired. */
export function isLive(now: number) {
  return (is: ExpressionBuilder<Tables, 'member_sessions'>) => is.and([is('ended_at', 'is', null), is('expires_at', '>', now)])
}

/** Maximum clock difference between the node that opened a session and the one that ended it. */
const skewMsMax = 60_000

/** Ends again what a store that went back has forgotten; returns how many. A session that began after the end is a different one. */
export async function endAgain(dialect: Dialect, tx: Connection, ends: readonly EndedSession[]): Promise<number> {
  const wanted = new Map(ends.map((end) => [Buffer.from(end.tokenHash).toString('hex'), end]))
  const open = tx
    .selectFrom('member_sessions')
    .select(['token_hash', 'created_at'])
    .where(
      'token_hash',
      'in',
      ends.map(({ tokenHash }) => tokenHash),
    )
    .where('ended_at', 'is', null)
    .orderBy('token_hash')
  const ended: MemberSession[] = []
  for (const row of await forUpdate(dialect, open).execute()) {
    const end = wanted.get(Buffer.from(row.token_hash).toString('hex'))
    if (end === undefined || row.created_at > end.endedAt + skewMsMax) continue
    const rows = await tx
      .updateTable('member_sessions')
      .set({ ended_at: end.endedAt, end_reason: end.reason, ticket_hash: null, ticket_expires_at: null })
      .where('token_hash', '=', row.token_hash)
      .returningAll()
      .execute()
    ended.push(...rows.map(toSession))
  }
  await noteEnds(tx, ended)
  return ended.length
}

async function noteEnds(tx: Connection, ended: readonly MemberSession[]): Promise<void> {
  await appendChanges(
    tx,
    ended.map(({ tokenHash, endedAt, endReason }) => ({
      topic: 'member-session',
      subject: Buffer.from(tokenHash).toString('hex'),
      at: endedAt ?? 0,
      detail: endReason,
    })),
  )
}
