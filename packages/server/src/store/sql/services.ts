import type { Selectable } from 'kysely'
import type { EventInput, ServiceRecord, ServiceStore } from '../store.ts'
import { type Connection, type Database, larger } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { noteRemoval, withoutRemoved } from './removals.ts'
import type { ServicesTable } from './tables.ts'

export function serviceStore(database: Database): ServiceStore {
  const { dialect } = database
  return {
    load: async (ids) => {
      if (ids?.length === 0) return []
      const rows = await database.run((db) => {
        const all = db.selectFrom('services').selectAll().orderBy('id')
        return (ids === undefined ? all : all.where('id', 'in', ids)).execute()
      })
      return rows.map(toService)
    },

    add: (service, event) =>
      database.transaction(async (tx) => {
        const added = await tx
          .insertInto('services')
          .values(serviceRow(service))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .executeTakeFirst()
        if (added === undefined) return 'exists'
        await note(tx, service.id, event)
        return 'added'
      }),

    setLabels: ({ id, labels, updatedAt }, expectedUpdatedAt, event) =>
      database.transaction(async (tx) => {
        const updated = await tx
          .updateTable('services')
          .set({ labels: JSON.stringify(labels), updated_at: updatedAt })
          .where('id', '=', id)
          .where('updated_at', '=', expectedUpdatedAt)
          .returning('id')
          .executeTakeFirst()
        if (updated !== undefined) {
          await note(tx, id, event)
          return 'updated'
        }
        const held = await tx.selectFrom('services').select('id').where('id', '=', id).executeTakeFirst()
        return held === undefined ? 'not-found' : 'changed'
      }),

    setStatus: (id, status, now, event) =>
      database.transaction(async (tx) => {
        const updated = await tx
          .updateTable('services')
          .set((is) => ({ status, updated_at: larger(dialect, now, is('updated_at', '+', 1)) }))
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
        if (updated !== undefined) await note(tx, id, event)
        return updated !== undefined
      }),

    restore: (services, now) =>
      database.transaction(async (tx) => {
        let count = 0
        for (const service of await withoutRemoved(dialect, tx, 'service', services, ({ id }) => id)) {
          const { id: _id, ...values } = serviceRow(service)
          const written = await tx
            .insertInto('services')
            .values(serviceRow(service))
            .onConflict((conflict) => conflict.column('id').doUpdateSet(values).where('services.updated_at', '<', service.updatedAt))
            .returning('id')
            .executeTakeFirst()
          if (written === undefined) continue
          count++
          await noteChange(tx, service.id, now)
        }
        return count
      }),

    rotateSecret: (id, { secretHash, now, previousGoodUntil }, event) =>
      database.transaction(async (tx) => {
        const updated = await tx
          .updateTable('services')
          .set((is) => ({
            // The right-hand sides are the values before this update.
            previous_secret_hash: is.ref('secret_hash'),
            previous_good_until: previousGoodUntil,
            secret_hash: secretHash,
            secret_created_at: now,
            updated_at: larger(dialect, now, is('updated_at', '+', 1)),
          }))
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
        if (updated !== undefined) await note(tx, id, event)
        return updated !== undefined
      }),

    remove: (id, event, againSince) =>
      database.transaction(async (tx) => {
        const removed = await tx
          .deleteFrom('services')
          .where('id', '=', id)
          .where('updated_at', '<=', againSince ?? Number.MAX_SAFE_INTEGER)
          .returning('id')
          .executeTakeFirst()
        if (removed !== undefined) await appendEvents(tx, [event])
        if (removed !== undefined || againSince !== undefined) await noteRemoval(tx, 'service', id, againSince ?? event.at)
        return removed !== undefined
      }),
  }
}

async function note(tx: Connection, id: string, event: EventInput): Promise<void> {
  await appendEvents(tx, [event])
  await noteChange(tx, id, event.at)
}

async function noteChange(tx: Connection, id: string, at: number): Promise<void> {
  await appendChanges(tx, [{ topic: 'service', subject: id, at, detail: null }])
}

function serviceRow(service: ServiceRecord) {
  return {
    id: service.id,
    status: service.status,
    labels: JSON.stringify(service.labels),
    secret_hash: service.secretHash,
    secret_created_at: service.secretCreatedAt,
    previous_secret_hash: service.previousSecretHash,
    previous_good_until: service.previousGoodUntil,
    created_at: service.createdAt,
    updated_at: service.updatedAt,
  }
}

function toService(row: Selectable<ServicesTable>): ServiceRecord {
  return {
    id: row.id,
    status: row.status,
    labels: JSON.parse(row.labels),
    secretHash: row.secret_hash,
    secretCreatedAt: row.secret_created_at,
    previousSecretHash: row.previous_secret_hash,
    previousGoodUntil: row.previous_good_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
