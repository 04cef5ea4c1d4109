import type { Selectable } from 'kysely'
import type { StoredTrace, TraceStore } from '../store.ts'
import { chunks, type Database } from './database.ts'
import type { TracesTable } from './tables.ts'

export function traceStore(database: Database): TraceStore {
  return {
    append: (traces) =>
      database.transaction(async (tx) => {
        for (const chunk of chunks(traces)) {
          const rows = chunk.map(({ at, requestId, agentId, isFailed, ...rest }) => ({
            at,
            request_id: requestId,
            agent_id: agentId ?? null,
            is_failed: isFailed ? 1 : 0,
            trace: JSON.stringify(rest),
          }))
          await tx.insertInto('traces').values(rows).execute()
        }
      }),

    find: async (requestId) => {
      const row = await database.run((db) =>
        db.selectFrom('traces').selectAll().where('request_id', '=', requestId).orderBy('id', 'desc').limit(1).executeTakeFirst(),
      )
      return row === undefined ? null : toTrace(row)
    },

    list: async ({ agentId, onlyFailed, afterId, limit }) => {
      const rows = await database.run((db) => {
        let query = db.selectFrom('traces').selectAll().orderBy('id', 'desc').limit(limit)
        if (agentId !== undefined) query = query.where('agent_id', '=', agentId)
        if (onlyFailed) query = query.where('is_failed', '=', 1)
        if (afterId !== undefined) query = query.where('id', '>', afterId)
        return query.execute()
      })
      return rows.map(toTrace)
    },

    trim: async ({ since, rowsMax }, batchMax) => {
      const deleted = await database.transaction((tx) =>
        tx
          .with('oldest', (db) => db.selectFrom('traces').select('id').orderBy('id').limit(batchMax))
          .deleteFrom('traces')
          .where('id', 'in', (is) => is.selectFrom('oldest').select('id'))
          // Numbers are given in order, so that those beyond the newest `rowsMax` are known without counting.
          .where(({ eb, or, selectFrom }) =>
            or([
              eb('at', '<', since),
              eb(
                'id',
                '<=',
                selectFrom('traces as t').select((t) => t(t.fn.max('t.id'), '-', rowsMax).as('id')),
              ),
            ]),
          )
          .executeTakeFirstOrThrow(),
      )
      return Number(deleted.numDeletedRows)
    },
  }
}

function toTrace(row: Selectable<TracesTable>): StoredTrace {
  const rest = JSON.parse(row.trace) as Omit<StoredTrace, 'id' | 'at' | 'requestId' | 'agentId' | 'isFailed'>
  return {
    id: row.id,
    at: row.at,
    requestId: row.request_id,
    agentId: row.agent_id ?? undefined,
    isFailed: row.is_failed === 1,
    ...rest,
  }
}
