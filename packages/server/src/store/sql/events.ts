import type { EventRecord, EventStore, Surface } from '../store.ts'
import type { Connection, Database } from './database.ts'
import { appendEvents } from './log.ts'
import type { EventsTable } from './tables.ts'

export function eventStore(database: Database): EventStore {
  return {
    append: async (events) => {
      if (events.length > 0) await database.transaction((tx) => appendEvents(tx, events))
    },

    list: async ({ kind, agentId, agentIds, subject, actor, since, until, afterId, beforeId, limit }) => {
      const rows = await database.run(async (db) => {
        let query = db.selectFrom('events').selectAll().orderBy('id', 'desc').limit(limit)
        if (kind !== undefined) query = query.where('kind', '=', kind)
        if (agentId !== undefined) query = query.where('agent_id', '=', agentId)
        if (subject !== undefined) query = query.where('subject', '=', subject)
        if (agentIds !== undefined) query = query.where('agent_id', 'in', agentIds)
        if (actor !== undefined) query = query.where('actor', '=', actor)
        if (afterId !== undefined) query = query.where('id', '>', afterId)
        if (beforeId !== undefined) query = query.where('id', '<', beforeId)
        if (since !== undefined) query = query.where('at', '>=', since).where('id', '>=', await firstId(db, since - orderToleranceMs))
        if (until !== undefined) query = query.where('at', '<', until).where('id', '<=', await lastId(db, until + orderToleranceMs))
        return query.execute()
      })
      return rows.map(toEvent)
    },
  }
}

/** How far the orders of event numbers and event times may differ, through nodes' clocks and long transactions. */
const orderToleranceMs = 600_000

/** The first number that may belong to this time, so that older rows are skipped. */
async function firstId(db: Connection, at: number): Promise<number> {
  const first = await db.selectFrom('events').select('id').where('at', '>=', at).orderBy('at').orderBy('id').limit(1).executeTakeFirst()
  return first?.id ?? Number.MAX_SAFE_INTEGER
}

async function lastId(db: Connection, at: number): Promise<number> {
  const last = await db
    .selectFrom('events')
    .select('id')
    .where('at', '<=', at)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last?.id ?? 0
}

type EventRow = Omit<EventsTable, 'id'> & { id: number }

export function toEvent(row: EventRow): EventRecord {
  return {
    id: row.id,
    at: row.at,
    kind: row.kind,
    surface: row.surface as Surface,
    actor: row.actor ?? undefined,
    agentId: row.agent_id ?? undefined,
    subject: row.subject ?? undefined,
    address: row.address ?? undefined,
    requestId: row.request_id ?? undefined,
    code: row.code ?? undefined,
    count: row.count,
    details: row.details === null ? undefined : JSON.parse(row.details),
  }
}
