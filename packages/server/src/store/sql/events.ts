import { type SqlBool, sql } from 'kysely'
import type { EventFilter, EventRecord, EventStore, LogPage, Surface } from '../store.ts'
import type { Connection, Database } from './database.ts'
import { appendEvents } from './log.ts'
import { logFilters, readOn, searchLog } from './log-search.ts'
import type { EventsTable } from './tables.ts'

export function eventStore(database: Database): EventStore {
  return {
    append: async (events) => {
      if (events.length > 0) await database.transaction((tx) => appendEvents(tx, events))
    },

    list: (filter) =>
      readOn<EventRecord, number>(filter.limit, (limit, beforeId = filter.beforeId) => search(database, { ...filter, limit, beforeId })),

    search: (filter) => search(database, filter),
  }
}

async function search(database: Database, filter: EventFilter): Promise<LogPage<EventRecord, number>> {
  const { since, until, afterId = -1, beforeId = Number.MAX_SAFE_INTEGER, limit } = filter
  const { rows, next } = await database.run(async (db) => {
    const first = since === undefined ? 0 : await firstId(db, since - orderToleranceMs)
    const last = until === undefined ? Number.MAX_SAFE_INTEGER - 1 : await lastId(db, until + orderToleranceMs)
    return searchLog<EventRow>(db, database.dialect, {
      table: 'events',
      key: ['id'],
      filters: logFilters(filter),
      and: [...(since === undefined ? [] : [sql<SqlBool>`at >= ${since}`]), ...(until === undefined ? [] : [sql<SqlBool>`at < ${until}`])],
      from: [Math.max(first, afterId + 1)],
      before: [Math.min(beforeId, last + 1)],
      limit,
    })
  })
  return { rows: rows.map(toEvent), next: next === null ? null : Number(next[0]) }
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
