import { loginRefusalOf, unlockedStatus } from '@lobbykey/contract'
import { type Insertable, type Selectable, sql } from 'kysely'
import type { EventInput, MemberRecord, MemberStore } from '../store.ts'
import { beginsWith } from './begins-with.ts'
import { type Connection, chunks, type Database, type Dialect, forUpdate } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { endSessions, sessionsOf } from './session-ends.ts'
import { toOpaqueColumns } from './session-opaque.ts'
import { runSigned } from './signed-requests.ts'
import type { Tables } from './tables.ts'

export function memberStore(database: Database): MemberStore {
  const { dialect } = database
  return {
    find: async (agentId, userId) => {
      const row = await database.run((db) =>
        db.selectFrom('members').selectAll().where('agent_id', '=', agentId).where('user_id', '=', userId).executeTakeFirst(),
      )
      return row === undefined ? null : toMember(row)
    },

    list: async (agentId, { afterUserId, prefix, status, limit }) => {
      const rows = await database.run((db) => {
        let page = db.selectFrom('members').selectAll().where('agent_id', '=', agentId).orderBy('user_id').limit(limit)
        if (afterUserId !== undefined) page = page.where('user_id', '>', afterUserId)
        if (prefix !== undefined) page = page.where(beginsWith('user_id', prefix))
        if (status !== undefined) page = page.where('status', '=', status)
        // The index of locked members is used only when the query excludes the unlocked status.
        if (status !== undefined && status !== unlockedStatus) page = page.where('status', '<>', sql.lit(unlockedStatus))
        return page.execute()
      })
      return rows.map(toMember)
    },

    listByName: async (agentId, { prefix, after, limit }) => {
      const rows = await database.run((db) => {
        let page = db.selectFrom('members').selectAll().where('agent_id', '=', agentId).where(beginsWith('user_name', prefix))
        if (after !== undefined) {
          page = page.where(({ eb, refTuple, tuple }) => eb(refTuple('user_name', 'user_id'), '>', tuple(after.userName, after.userId)))
        }
        return page.orderBy('user_name').orderBy('user_id').limit(limit).execute()
      })
      return rows.map(toMember)
    },

    create: (member, request, event) =>
      runSigned(database, request, member.createdAt, async (tx) => {
        const created = await tx
          .insertInto('members')
          .values(memberRow(member))
          .onConflict((conflict) => conflict.columns(['agent_id', 'user_id']).doNothing())
          .returning('user_id')
          .executeTakeFirst()
        if (created === undefined) return 'exists'
        await appendEvents(tx, [event])
        return 'done'
      }),

    createMany: ({ agentId, members, now }, events) =>
      database.transaction(async (tx) => {
        const wanted = new Map<string, { member: MemberRecord; event: EventInput | undefined }>()
        for (const [index, member] of members.entries()) {
          // Of two with one user ID the first counts, as if they came one by one.
          if (!wanted.has(member.userId)) wanted.set(member.userId, { member, event: events[index] })
        }
        // In the order of their user IDs, so that two imports cannot deadlock.
        const ordered = [...wanted.values()].sort((one, other) => (one.member.userId < other.member.userId ? -1 : 1))
        const created: MemberRecord[] = []
        for (const chunk of chunks(ordered, 100)) {
          const rows = await tx
            .insertInto('members')
            .values(chunk.map(({ member }) => memberRow(member)))
            .onConflict((conflict) => conflict.columns(['agent_id', 'user_id']).doNothing())
            .returningAll()
            .execute()
          created.push(...rows.map(toMember))
        }
        // After all rows: changes are written one transaction at a time on PostgreSQL, and one that waits for another's row there would deadlock with it.
        for (const chunk of chunks(created)) {
          await noteStatuses(dialect, tx, { agentId, members: chunk.filter(({ status }) => status !== unlockedStatus), now })
        }
        await appendEvents(
          tx,
          created.flatMap((member) => wanted.get(member.userId)?.event ?? []),
        )
        return created.length
      }),

    countExisting: async (agentId, userIds) => {
      let count = 0
      for (const chunk of chunks(userIds)) {
        const found = await database.run((db) =>
          db.selectFrom('members').select('user_id').where('agent_id', '=', agentId).where('user_id', 'in', chunk).execute(),
        )
        count += found.length
      }
      return count
    },

    setStatus: ({ agentId, userId, status, now }, request, event) =>
      runSigned(database, request, now, async (tx) => {
        // The member's row first: concurrent logins finish before, and later ones see the new status (0071-login-batch.ts).
        const updated = await tx
          .updateTable('members')
          .set({ status, updated_at: now })
          .where('agent_id', '=', agentId)
          .where('user_id', '=', userId)
          .returning('user_id')
          .executeTakeFirst()
        if (updated === undefined) return 'not-found'
        await noteStatuses(dialect, tx, { agentId, members: [{ userId, status }], now })
        await appendEvents(tx, [event])
        return 'done'
      }),

    replace: (member, expectedUpdatedAt, event) =>
      database.transaction(async (tx) => {
        const { agentId, userId, userName, desc, status, updatedAt } = member
        const before = await forUpdate(dialect, memberOf(tx, member).selectAll()).executeTakeFirst()
        if (before === undefined) return 'not-found'
        if (before.updated_at !== expectedUpdatedAt) return 'changed'
        await tx
          .updateTable('members')
          .set({ user_name: userName, description: desc, status, updated_at: updatedAt })
          .where('agent_id', '=', agentId)
          .where('user_id', '=', userId)
          .execute()
        if (status !== before.status) await noteStatuses(dialect, tx, { agentId, members: [{ userId, status }], now: updatedAt })
        await appendEvents(tx, [event])
        return 'replaced'
      }),

    update: ({ agentId, userId, userName, desc, now }, request, event) =>
      runSigned(database, request, now, async (tx) => {
        const updated = await tx
          .updateTable('members')
          .set({
            ...(userName === undefined ? {} : { user_name: userName }),
            ...(desc === undefined ? {} : { description: desc }),
            updated_at: now,
          })
          .where('agent_id', '=', agentId)
          .where('user_id', '=', userId)
          .returning('user_id')
          .executeTakeFirst()
        if (updated === undefined) return 'not-found'
        await appendEvents(tx, [event])
        return 'done'
      }),

    erase: ({ agentId, userId, now }, event) =>
      database.transaction(async (tx) => {
        // The member's row first, as above: concurrent logins finish before, and later ones find no member.
        const removed = await tx
          .deleteFrom('members')
          .where('agent_id', '=', agentId)
          .where('user_id', '=', userId)
          .returning('user_id')
          .executeTakeFirst()
        await endSessions(dialect, tx, sessionsOf(tx, { agentId, userId }), { reason: 'erased', now })
        const blanked = await tx
          .updateTable('member_sessions')
          .set({
            platform: '',
            language: '',
            currency: '',
            game_code: null,
            ...toOpaqueColumns(null),
          })
          .where('agent_id', '=', agentId)
          .where('user_id', '=', userId)
          .executeTakeFirst()
        if (removed === undefined && blanked.numUpdatedRows === 0n) return 'not-found'
        await appendChanges(tx, [{ topic: 'member', subject: keyOf({ agentId, userId }), at: now, detail: 'erased' }])
        await appendEvents(tx, [event])
        return 'erased'
      }),
  }
}

function memberOf(db: Connection, { agentId, userId }: Pick<MemberRecord, 'agentId' | 'userId'>) {
  return db.selectFrom('members').where('agent_id', '=', agentId).where('user_id', '=', userId)
}

/** Effects of new statuses of a merchant's members, in a transaction that has locked or made their rows. */
async function noteStatuses(
  dialect: Dialect,
  tx: Connection,
  { agentId, members, now }: { agentId: string; members: readonly Pick<MemberRecord, 'userId' | 'status'>[]; now: number },
): Promise<void> {
  const barred = members.filter(({ status }) => loginRefusalOf(status) !== null).map(({ userId }) => userId)
  const sessions = tx.selectFrom('member_sessions').where('agent_id', '=', agentId).where('user_id', 'in', barred)
  if (barred.length > 0) await endSessions(dialect, tx, sessions, { reason: 'lock', now })
  await appendChanges(
    tx,
    members.map(({ userId, status }) => ({ topic: 'member', subject: keyOf({ agentId, userId }), at: now, detail: status })),
  )
}

function keyOf({ agentId, userId }: Pick<MemberRecord, 'agentId' | 'userId'>): string {
  return `${agentId}:${userId}`
}

function memberRow(member: MemberRecord): Insertable<Tables['members']> {
  return {
    agent_id: member.agentId,
    user_id: member.userId,
    user_name: member.userName,
    description: member.desc,
    status: member.status,
    created_at: member.createdAt,
    updated_at: member.updatedAt,
  }
}

function toMember(row: Selectable<Tables['members']>): MemberRecord {
  return {
    agentId: row.agent_id,
    userId: row.user_id,
    userName: row.user_name,
    desc: row.description,
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
