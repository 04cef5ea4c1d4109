import type { Selectable } from 'kysely'
import type { ConsoleSessionRecord, ConsoleSessionStore } from '../store.ts'
import type { Connection, Database } from './database.ts'
import { appendChanges, appendEvents, storable } from './log.ts'
import { isEnabled, maySignIn, spendProof } from './operator-proofs.ts'
import { toOperator } from './operators.ts'
import type { ConsoleSessionsTable } from './tables.ts'

export function consoleSessionStore(database: Database): ConsoleSessionStore {
  return {
    findByHash: async (tokenHash) => {
      const found = await database.run(async (db) => {
        const session = await db.selectFrom('console_sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
        if (session === undefined) return null
        const operator = await db.selectFrom('operators').selectAll().where('id', '=', session.operator_id).executeTakeFirst()
        return operator === undefined ? null : { session, operator }
      })
      return found === null ? null : { session: toSession(found.session), operator: toOperator(found.operator) }
    },

    list: async ({ operatorId, limit, afterId }) => {
      const rows = await database.run((db) => {
        const page = db.selectFrom('console_sessions').selectAll().where('operator_id', '=', operatorId).orderBy('id', 'desc').limit(limit)
        return (afterId === undefined ? page : page.where('id', '<', afterId)).execute()
      })
      return rows.map(toSession)
    },

    open: (session, proof, event) =>
      database.transaction(async (tx) => {
        const { operatorId, createdAt } = session
        if (!(await maySignIn(tx, operatorId, proof)) || !(await spendProof(tx, operatorId, proof, createdAt))) return false
        await insertSession(tx, session)
        await appendEvents(tx, [event])
        return true
      }),

    confirm: ({ id, operatorId }, proof, now, event) =>
      database.transaction(async (tx) => {
        const open = await tx
          .selectFrom('console_sessions')
          .select('id')
          .where('id', '=', id)
          .where('operator_id', '=', operatorId)
          .where('ended_at', 'is', null)
          .executeTakeFirst()
        if (open === undefined || !(await isEnabled(tx, operatorId)) || !(await spendProof(tx, operatorId, proof, now))) return false
        await tx.updateTable('console_sessions').set({ confirmed_at: now }).where('id', '=', id).execute()
        await appendEvents(tx, [event])
        return true
      }),

    noteSeen: async (id, at) => {
      await database.run((db) => db.updateTable('console_sessions').set({ seen_at: at }).where('id', '=', id).execute())
    },

    end: (id, operatorId, now, event) =>
      database.transaction(async (tx) => {
        const ended = await endSessions(tx, { id, ...(operatorId === null ? {} : { operatorId }) }, now)
        if (ended.length === 0) return false
        await appendEvents(tx, [event])
        return true
      }),

    endOthers: (operatorId, keptId, now, event) =>
      database.transaction(async (tx) => {
        const ended = await endSessions(tx, { operatorId, keptId }, now)
        if (ended.length > 0) await appendEvents(tx, [{ ...event, details: { ...event.details, count: ended.length } }])
        return ended.length
      }),
  }
}

export async function insertSession(tx: Connection, session: ConsoleSessionRecord): Promise<void> {
  await tx
    .insertInto('console_sessions')
    .values({
      id: session.id,
      operator_id: session.operatorId,
      token_hash: session.tokenHash,
      method: session.method,
      address: session.address,
      address_key: session.addressKey,
      user_agent: storable(session.userAgent ?? undefined),
      created_at: session.createdAt,
      seen_at: session.seenAt,
      expires_at: session.expiresAt,
      confirmed_at: session.confirmedAt,
      ended_at: session.endedAt,
    })
    .execute()
}

/** Ends the open ones among the selected sessions; returns them. */
export async function endSessions(
  tx: Connection,
  which: { readonly id?: string; readonly operatorId?: string; readonly keptId?: string },
  now: number,
): Promise<string[]> {
  let query = tx.updateTable('console_sessions').set({ ended_at: now }).where('ended_at', 'is', null)
  if (which.id !== undefined) query = query.where('id', '=', which.id)
  if (which.operatorId !== undefined) query = query.where('operator_id', '=', which.operatorId)
  if (which.keptId !== undefined) query = query.where('id', '<>', which.keptId)
  const ids = (await query.returning('id').execute()).map(({ id }) => id)
  if (ids.length > 0) {
    await appendChanges(
      tx,
      ids.map((id) => ({ topic: 'console-session' as const, subject: id, at: now, detail: 'ended' })),
    )
  }
  return ids
}

function toSession(row: Selectable<ConsoleSessionsTable>): ConsoleSessionRecord {
  return {
    id: row.id,
    operatorId: row.operator_id,
    tokenHash: row.token_hash,
    method: row.method,
    address: row.address,
    addressKey: row.address_key,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    confirmedAt: row.confirmed_at,
    endedAt: row.ended_at,
  }
}
