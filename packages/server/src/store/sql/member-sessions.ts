import type { MemberSessionStore } from '../store.ts'
import { chunks, type Database } from './database.ts'
import { openGuest } from './guest-sessions.ts'
import { redeemTicket } from './lobby-tickets.ts'
import { appendEvents } from './log.ts'
import { loginUnderTerms } from './login-under-terms.ts'
import { countAllOnline, countOnline } from './online-counts.ts'
import { endAgain, endSessions, isLive, sessionsOf } from './session-ends.ts'
import { toSession } from './session-row.ts'
import { runSigned } from './signed-requests.ts'

export function memberSessionStore(database: Database): MemberSessionStore {
  return {
    login: (batch) => {
      if (batch.length === 0) return Promise.resolve([])
      return batch.some(({ terms }) => terms !== undefined) ? loginUnderTerms(database, batch) : database.login(batch)
    },

    openGuest: (guest) => openGuest(database, guest),

    redeemTicket: (agentId, ticketHash, now, usedHash = null) => redeemTicket(database, { agentId, ticketHash, usedHash }, now),

    enter: async (tokenHash, now) => {
      const row = await database.run((db) =>
        db
          .updateTable('member_sessions')
          .set({ entered_at: now })
          .where('token_hash', '=', tokenHash)
          .where(isLive(now))
          .returningAll()
          .executeTakeFirst(),
      )
      return row === undefined ? null : toSession(row)
    },

    acknowledgeEnd: async (tokenHash, now) => {
      const row = await database.run((db) =>
        db
          .updateTable('member_sessions')
          .set({ end_acknowledged_at: now })
          .where('token_hash', '=', tokenHash)
          .where('ended_at', 'is not', null)
          .returning('token_hash')
          .executeTakeFirst(),
      )
      return row !== undefined
    },

    find: async (tokenHash) => {
      const row = await database.run((db) =>
        db.selectFrom('member_sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst(),
      )
      return row === undefined ? null : toSession(row)
    },

    findMany: async (tokenHashes) => {
      const found = []
      for (const chunk of chunks(tokenHashes)) {
        found.push(...(await database.run((db) => db.selectFrom('member_sessions').selectAll().where('token_hash', 'in', chunk).execute())))
      }
      return found.map(toSession)
    },

    listLive: async (agentId, userId, now) => {
      const rows = await database.run((db) =>
        sessionsOf(db, { agentId, userId }).selectAll().where(isLive(now)).orderBy('created_at', 'desc').orderBy('token_hash').execute(),
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
        const guest = member ?? (await sessionsOf(tx, end).select('user_id').limit(1).executeTakeFirst())
        if (guest === undefined) return 'not-found'
        await endSessions(database.dialect, tx, sessionsOf(tx, end), end)
        await appendEvents(tx, [event])
        return 'done'
      }),

    endLive: ({ agentId, userId, fromUserId }, { limit, ...end }, event) =>
      database.transaction(async (tx) => {
        const ended = await endSessions(
          database.dialect,
          tx,
          tx
            .selectFrom('member_sessions')
            .where('agent_id', '=', agentId)
            .where('token_hash', 'in', (is) => {
              let next = is.selectFrom('member_sessions as s').select('s.token_hash').where('s.agent_id', '=', agentId)
              if (userId !== undefined) next = next.where('s.user_id', '=', userId)
              if (fromUserId !== undefined) next = next.where('s.user_id', '>=', fromUserId)
              return next.where('s.ended_at', 'is', null).where('s.expires_at', '>', end.now).orderBy('s.user_id').limit(limit)
            }),
          end,
        )
        if (ended.length > 0) await appendEvents(tx, [{ ...event, count: ended.length }])
        return ended
      }),

    endAgain: async (ends) => {
      let count = 0
      for (const chunk of chunks(ends)) count += await database.transaction((tx) => endAgain(database.dialect, tx, chunk))
      return count
    },

    endOne: ({ agentId, tokenHash, createdAt }, end, event) =>
      database.transaction(async (tx) => {
        const one = tx.selectFrom('member_sessions').where('agent_id', '=', agentId).where('token_hash', '=', tokenHash)
        const [ended] = await endSessions(database.dialect, tx, one.where('created_at', '=', createdAt), end)
        if (ended !== undefined) await appendEvents(tx, [event])
        return ended ?? null
      }),

    listOnline: async (agentId, { now, limit, userId, after }) => {
      const rows = await database.run((db) => {
        let page = db.selectFrom('member_sessions').selectAll().where('agent_id', '=', agentId).where(isLive(now))
        if (userId !== undefined) page = page.where('user_id', '=', userId)
        if (after !== undefined) {
          page = page.where(({ eb, refTuple, tuple }) => eb(refTuple('user_id', 'token_hash'), '>', tuple(after.userId, after.tokenHash)))
        }
        return page.orderBy('user_id').orderBy('token_hash').limit(limit).execute()
      })
      return rows.map(toSession)
    },

    countOnline: (agentIds, now, max) => countOnline(database, agentIds, now, max),

    countAllOnline: (agentIds, now, max) => countAllOnline(database, agentIds, now, max),
  }
}
