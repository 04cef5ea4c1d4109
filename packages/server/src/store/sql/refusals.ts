import type { Selectable } from 'kysely'
import type { RefusalRecord, RefusalStore, Surface } from '../store.ts'
import { chunks, type Database } from './database.ts'
import { storable } from './log.ts'
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

    list: async ({ kind, agentId, agentIds, subject, since, until, before, limit }) => {
      const rows = await database.run((db) => {
        let query = db.selectFrom('refusals').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
        if (kind !== undefined) query = query.where('kind', '=', kind)
        if (agentId !== undefined) query = query.where('agent_id', '=', agentId)
        if (subject !== undefined) query = query.where('subject', '=', subject)
        if (agentIds !== undefined) query = query.where('agent_id', 'in', agentIds)
        if (since !== undefined) query = query.where('at', '>=', since)
        if (until !== undefined) query = query.where('at', '<', until)
        if (before !== undefined)
          query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(before.at, before.id)))
        return query.execute()
      })
      return rows.map(toRefusal)
    },
  }
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
