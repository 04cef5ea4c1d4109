import { type Selectable, sql } from 'kysely'
import type { ConnectionRequestRecord, ConnectionRequestStore } from '../store.ts'
import { type Connection, type Database, lockTable } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import type { ConnectionRequestsTable } from './tables.ts'

export function connectionRequestStore(database: Database): ConnectionRequestStore {
  return {
    add: async (request, limits) => {
      // A flood finds the table full without waiting for anybody.
      if (await database.run((db) => isFull(db, request, limits))) return 'full'
      return database.transaction(async (tx) => {
        // Counting and adding are one step, for any number of nodes.
        await lockTable(database.dialect, tx, 'connection_requests')
        if (await isFull(tx, request, limits)) return 'full'
        await tx.insertInto('connection_requests').values(rowOf(request)).execute()
        return 'added'
      })
    },

    findOpen: async (codeHash, now) => {
      const row = await database.run((db) =>
        db
          .selectFrom('connection_requests')
          .selectAll()
          .where('code_hash', '=', codeHash)
          .where('expires_at', '>', now)
          .where('decision', 'is', null)
          .executeTakeFirst(),
      )
      return row === undefined ? null : toRequest(row)
    },

    decide: (id, { decision, operatorId, rights, agentIds }, now, event) =>
      database.transaction(async (tx) => {
        const decided = await tx
          .updateTable('connection_requests')
          .set({ decision, operator_id: operatorId, rights: textOf(rights), agent_ids: textOf(agentIds) })
          .where('id', '=', id)
          .where('expires_at', '>', now)
          .where('decision', 'is', null)
          .returning('id')
          .executeTakeFirst()
        if (decided === undefined) return false
        await appendEvents(tx, [event])
        return true
      }),

    poll: (deviceHash, now, slowDown) =>
      database.transaction(async (tx) => {
        const row = await tx
          .selectFrom('connection_requests')
          .selectAll()
          .where('device_hash', '=', deviceHash)
          .where('expires_at', '>', now)
          .executeTakeFirst()
        if (row === undefined) return null
        const isTooSoon = row.polled_at !== null && now < row.polled_at + row.poll_seconds * 1_000
        if (isTooSoon && row.poll_seconds >= slowDown.secondsMax) return { request: toRequest(row), isTooSoon }
        const pollSeconds = row.poll_seconds + (isTooSoon ? slowDown.seconds : 0)
        await tx.updateTable('connection_requests').set({ polled_at: now, poll_seconds: pollSeconds }).where('id', '=', row.id).execute()
        return { request: { ...toRequest(row), pollSeconds }, isTooSoon }
      }),

    take: (deviceHash, now) =>
      database.transaction(async (tx) => {
        const row = await tx
          .deleteFrom('connection_requests')
          .where('device_hash', '=', deviceHash)
          .where('expires_at', '>', now)
          .where('decision', '=', 'allowed')
          .returningAll()
          .executeTakeFirst()
        if (row === undefined) return null
        // So that a store that goes back does not let it be taken again.
        await appendChanges(tx, [{ topic: 'connection', subject: row.id, at: now, detail: 'ended' }])
        return toRequest(row)
      }),

    remove: (id, event) =>
      database.transaction(async (tx) => {
        const { numDeletedRows } = await tx.deleteFrom('connection_requests').where('id', '=', id).executeTakeFirst()
        if (numDeletedRows === 0n) return false
        await appendEvents(tx, [event])
        return true
      }),
  }
}

async function isFull(
  db: Connection,
  { addressKey, createdAt: now }: ConnectionRequestRecord,
  { perAddressMax, max }: { readonly perAddressMax: number; readonly max: number },
): Promise<boolean> {
  const { own, all } = await db
    .selectFrom('connection_requests')
    .select(({ fn }) => [
      fn.countAll<number>().as('all'),
      sql<number>`coalesce(sum(case when address_key = ${addressKey} then 1 else 0 end), 0)`.as('own'),
    ])
    .where('expires_at', '>', now)
    .where('decision', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(all) >= max || Number(own) >= perAddressMax
}

function rowOf(request: ConnectionRequestRecord) {
  return {
    id: request.id,
    device_hash: request.deviceHash,
    code_hash: request.codeHash,
    host: request.host,
    user_name: request.user,
    address: request.address,
    address_key: request.addressKey,
    name: request.name,
    rights: textOf(request.rights),
    agent_ids: textOf(request.agentIds),
    days: request.days,
    allow_confirmed: request.allowConfirmed ? 1 : 0,
    created_at: request.createdAt,
    expires_at: request.expiresAt,
    polled_at: request.polledAt,
    poll_seconds: request.pollSeconds,
    decision: request.decision,
    operator_id: request.operatorId,
  }
}

function toRequest(row: Selectable<ConnectionRequestsTable>): ConnectionRequestRecord {
  return {
    id: row.id,
    deviceHash: row.device_hash,
    codeHash: row.code_hash,
    host: row.host,
    user: row.user_name,
    address: row.address,
    addressKey: row.address_key,
    name: row.name,
    rights: row.rights === null ? undefined : JSON.parse(row.rights),
    agentIds: row.agent_ids === null ? undefined : JSON.parse(row.agent_ids),
    days: row.days,
    allowConfirmed: row.allow_confirmed === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    polledAt: row.polled_at,
    pollSeconds: row.poll_seconds,
    decision: row.decision,
    operatorId: row.operator_id,
  }
}

/** JSON, in which null is a value; SQL's null is none. */
function textOf(value: readonly string[] | null | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
