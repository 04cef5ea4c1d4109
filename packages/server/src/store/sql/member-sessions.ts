import type { Selectable } from 'kysely'
import type { MemberSession, MemberSessionStore, SessionEndReason } from '../store.ts'
import { type Connection, type Database, type Dialect, forUpdate, piecesOf } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { runSigned } from './signed-requests.ts'
import type { MemberSessionsTable } from './tables.ts'

export function memberSessionStore(database: Database): MemberSessionStore {
  return {
    login: (batch) => (batch.length === 0 ? Promise.resolve([]) : database.login(batch)),

    find: async (tokenHash) => {
      const row = await database.run((db) =>
        db.selectFrom('member_sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst(),
      )
      return row === undefined ? null : toSession(row)
    },

    listLive: async (agentId, userId, now) => {
      const rows = await database.run((db) =>
        selectLive(db, agentId, userId, now).selectAll().orderBy('created_at', 'desc').orderBy('token_hash').execute(),
      )
      return rows.map(toSession)
    },

    endByMember: (end, request, event) =>
      runSigned(database, request, end.now, async (tx) => {
        const member = await tx
          .selectFrom('members')
          .select('user_id')
          .where('agent_id', '=', end.agentId)
          .where('user_id', '=', end.userId)
          .executeTakeFirst()
        if (member === undefined) return 'not-found'
        await endMemberSessions(database.dialect, tx, end)
        await appendEvents(tx, [event])
        return 'done'
      }),
  }
}

/** Ends the live sessions of a member, in a transaction of the caller's. */
export async function endMemberSessions(
  dialect: Dialect,
  tx: Connection,
  { agentId, userId, reason, now }: { agentId: string; userId: string; reason: SessionEndReason; now: number },
): Promise<void> {
  // Locked in the order in which logins write them, so that the two never wait for each other in a circle.
  const live = selectLive(tx, agentId, userId, now).select('token_hash').orderBy('token_hash')
  const tokenHashes = (await forUpdate(dialect, live).execute()).map((row) => row.token_hash)
  for (const piece of piecesOf(tokenHashes)) {
    await tx.updateTable('member_sessions').set({ ended_at: now, end_reason: reason }).where('token_hash', 'in', piece).execute()
  }
  if (tokenHashes.length > 0) await appendChanges(tx, 'member-session', [`${agentId}:${userId}`], now)
}

function selectLive(db: Connection, agentId: string, userId: string, now: number) {
  return db
    .selectFrom('member_sessions')
    .where('agent_id', '=', agentId)
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
}

function toSession(row: Selectable<MemberSessionsTable>): MemberSession {
  return {
    tokenHash: row.token_hash,
    agentId: row.agent_id,
    userId: row.user_id,
    platform: row.platform,
    language: row.language,
    currency: row.currency,
    gameCode: row.game_code,
    callback: row.callback,
    limits: row.limits,
    customLanguage: row.custom_language,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
  }
}
