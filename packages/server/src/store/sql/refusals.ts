import type { Selectable } from 'kysely'
import type { LogPage, RefusalFilter, RefusalPlace, RefusalRecord, RefusalStore, Surface } from '../store.ts'
import { chunks, type Database } from './database.ts'
import { storable } from './log.ts'
import { logFilters, readOn, searchLog } from './log-search.ts'
import type { RefusalsTable } from './tables.ts'

export function refusalStore(database: Database): RefusalStore {
  return {
    put: async (refusals) => {
      if (refusals.length === 0) return
      await database.transaction(async (tx) => {
        for (const chunk of chunks(refusals)) {
          await tx
            .insertInto('refusals')
            .values(chunk.map(toRow))
            .onConflict((conflict) =>
              conflict
                .columns(['at', 'id'])
                .doUpdateSet((is) => ({ count: is.ref('excluded.count'), last_at: is.ref('excluded.last_at') })),
            )
            .execute()
        }
      })
    },

    list: (filter) =>
      readOn<RefusalRecord, RefusalPlace>(filter.limit, (limit, before = filter.before) => search(database, { ...filter, limit, before })),

    search: (filter) => search(database, filter),
  }
}

/** Sorts after every time and ID. */
const end = [Number.MAX_SAFE_INTEGER, ''] as const

async function search(
  database: Database,
  { since = 0, until, before, limit, ...filter }: RefusalFilter,
): Promise<LogPage<RefusalRecord, RefusalPlace>> {
  const last = before === undefined ? end : ([before.at, before.id] as const)
  const { rows, next } = await database.run((db) =>
    searchLog<Selectable<RefusalsTable>>(db, database.dialect, {
      table: 'refusals',
      key: ['at', 'id'],
      filters: logFilters(filter),
      from: [since, ''],
      before: until !== undefined && until <= last[0] ? [until, ''] : last,
      limit,
    }),
  )
  return { rows: rows.map(toRefusal), next: next === null ? null : { at: Number(next[0]), id: String(next[1]) } }
}

function toRow(refusal: RefusalRecord) {
  const { at, id, lastAt, expiresAt, kind, surface, agentId, subject, address, requestId, code, count, details } = refusal
  return {
    at,
    id,
    last_at: lastAt,
    expires_at: expiresAt,
    kind,
    surface,
    agent_id: storable(agentId),
    subject: storable(subject),
    address: storable(address),
    request_id: storable(requestId),
    code: storable(code),
    count,
    details: details === undefined ? null : JSON.stringify(details),
  }
}

function toRefusal(row: Selectable<RefusalsTable>): RefusalRecord {
  return {
    id: row.id,
    at: row.at,
    lastAt: row.last_at,
    expiresAt: row.expires_at,
    kind: row.kind,
    surface: row.surface as Surface,
    agentId: row.agent_id ?? undefined,
    subject: row.subject ?? undefined,
    address: row.address ?? undefined,
    requestId: row.request_id ?? undefined,
    code: row.code ?? undefined,
    count: row.count,
    details: row.details === null ? undefined : JSON.parse(row.details),
  }
}
