import type { EventRecord, EventStore, Surface } from '../store.ts'
import type { Database } from './database.ts'
import { appendEvents } from './log.ts'
import type { EventsTable } from './tables.ts'

export function eventStore(database: Database): EventStore {
  return {
    append: async (events) => {
      if (events.length > 0) await database.transaction((tx) => appendEvents(tx, events))
    },

    list: async ({ kind, agentId, subject, limit }) => {
      const rows = await database.run((db) => {
        let query = db.selectFrom('events').selectAll().orderBy('id', 'desc').limit(limit)
        if (kind !== undefined) query = query.where('kind', '=', kind)
        if (agentId !== undefined) query = query.where('agent_id', '=', agentId)
        if (subject !== undefined) query = query.where('subject', '=', subject)
        return query.execute()
      })
      return rows.map(toEvent)
    },
  }
}

type EventRow = Omit<EventsTable, 'id'> & { id: number }

function toEvent(row: EventRow): EventRecord {
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
