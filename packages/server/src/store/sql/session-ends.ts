/** How live sessions end before their time. Each end writes a change row: that is how lobbies and services hear of it. */
import type { ExpressionBuilder, SelectQueryBuilder } from 'kysely'
import type { MemberSession, SessionEndReason } from '../store.ts'
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
  const subjects = ended.map(({ tokenHash }) => Buffer.from(tokenHash).toString('hex'))
  await appendChanges(tx, 'member-session', subjects, now)
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
