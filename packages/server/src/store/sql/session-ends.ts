/** How live sessions end before their time. Each end writes a change row: that is how lobbies and services hear of it. */
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

/** Which sessions: a query for them that selects nothing yet. */
export type SessionSelection = SelectQueryBuilder<Tables, 'member_sessions', object>

/** Ends those of the selection that live, in a transaction of the caller's, and gives them as they are then. */
export async function endSessions(
  dialect: Dialect,
  tx: Connection,
  selection: SessionSelection,
  { reason, now }: SessionEnd,
): Promise<MemberSession[]> {
  // Locked in the order in which logins write them, so that the two never wait for each other in a circle.
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

/** The sessions of one member or guest, whatever their state. */
export function sessionsOf(db: Connection, { agentId, userId }: { agentId: string; userId: string }): SessionSelection {
  return db.selectFrom('member_sessions').where('agent_id', '=', agentId).where('user_id', '=', userId)
}

/** Condition: neither ended nor expired. */
export function isLive(now: number) {
  return (is: ExpressionBuilder<Tables, 'member_sessions'>) => is.and([is('ended_at', 'is', null), is('expires_at', '>', now)])
}

/** How far the clocks of the node that opened a session and of the one that ended it may differ. */
const skewMsMax = 60_000

/** Ends again what a store that went back has forgotten; says how many. A session that began after its end is another one. */
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
