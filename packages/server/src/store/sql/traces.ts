import { type Selectable, sql } from 'kysely'
import type { StoredTrace, TraceInput, TracePlace, TraceStore } from '../store.ts'
import { type Connection, chunks, type Database } from './database.ts'
import type { TracesTable } from './tables.ts'

/** Two tables, each with its own numbers, so that neither class of callers pushes out the other's traces. */
type TraceTable = 'traces' | 'stranger_traces'
const tables = ['traces', 'stranger_traces'] as const satisfies TraceTable[]

export function traceStore(database: Database): TraceStore {
  return {
    append: (traces) =>
      database.transaction(async (tx) => {
        for (const table of tables) {
          for (const chunk of chunks(traces.filter(({ isStranger }) => tableOf(isStranger) === table))) {
            await tx.insertInto(table).values(chunk.map(toRow)).execute()
          }
        }
      }),

    find: async (requestId) => {
      const found: StoredTrace[] = []
      for (const table of tables) {
        const row = await database.run((db) =>
          db.selectFrom(table).selectAll().where('request_id', '=', requestId).orderBy('id', 'desc').limit(1).executeTakeFirst(),
        )
        if (row !== undefined) found.push(toTrace(row, table))
      }
      return found.toSorted(newestFirst)[0] ?? null
    },

    list: async ({ agentIds, onlyFailed, since, until, after, before, limit }) => {
      const found: StoredTrace[] = []
      for (const table of tables) {
        const afterId = table === 'traces' ? after?.known : after?.strangers
        const rows = await database.run((db) => {
          let query = db.selectFrom(table).selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
          if (agentIds !== undefined) query = query.where('agent_id', 'in', agentIds)
          // A literal, which lets the index of failed ones serve the query.
          if (onlyFailed) query = query.where('is_failed', '=', sql.lit(1))
          if (since !== undefined) query = query.where('at', '>=', since)
          if (until !== undefined) query = query.where('at', '<', until)
          if (afterId !== undefined) query = query.where('id', '>', afterId)
          if (before !== undefined) {
            const beforeId = idBefore(table, before)
            query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(before.at, beforeId)))
          }
          return query.execute()
        })
        found.push(...rows.map((row) => toTrace(row, table)))
      }
      return found.toSorted(newestFirst).slice(0, limit)
    },

    trim: async ({ since, rowsMax, strangerRowsMax }, batchMax) => {
      const known = await database.transaction((tx) => trim(tx, 'traces', since, rowsMax, batchMax))
      return known + (await database.transaction((tx) => trim(tx, 'stranger_traces', since, strangerRowsMax, batchMax)))
    },
  }
}

async function trim(tx: Connection, table: TraceTable, since: number, rowsMax: number, batchMax: number): Promise<number> {
  const deleted = await tx
    .with('oldest', (db) => db.selectFrom(table).select('id').orderBy('id').limit(batchMax))
    .deleteFrom(table)
    .where('id', 'in', (is) => is.selectFrom('oldest').select('id'))
    // Numbers are consecutive, so that rows beyond the newest `rowsMax` are found without counting.
    .where(({ eb, or, selectFrom }) =>
      or([
        eb('at', '<', since),
        eb(
          'id',
          '<=',
          selectFrom(`${table} as t`).select((t) => t(t.fn.max('t.id'), '-', rowsMax).as('id')),
        ),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(deleted.numDeletedRows)
}

function tableOf(isStranger: boolean): TraceTable {
  return isStranger ? 'stranger_traces' : 'traces'
}

/**
 * Rows of the table below this number come after the place within the same millisecond; the whole table or none when the place is in the other one.
 */
function idBefore(table: TraceTable, { isStranger, id }: TracePlace): number {
  if (tableOf(isStranger) === table) return id
  return isStranger ? 0 : Number.MAX_SAFE_INTEGER
}

/** By time; within one millisecond strangers come last, and higher numbers first. */
function newestFirst(left: StoredTrace, right: StoredTrace): number {
  return right.at - left.at || Number(left.isStranger) - Number(right.isStranger) || right.id - left.id
}

function toRow({ at, requestId, agentId, isFailed, isStranger: _table, ...rest }: TraceInput) {
  return { at, request_id: requestId, agent_id: agentId ?? null, is_failed: isFailed ? 1 : 0, trace: JSON.stringify(rest) }
}

function toTrace(row: Selectable<TracesTable>, table: TraceTable): StoredTrace {
  const rest = JSON.parse(row.trace) as Omit<StoredTrace, 'id' | 'at' | 'requestId' | 'agentId' | 'isFailed' | 'isStranger'>
  return {
    id: row.id,
    at: row.at,
    requestId: row.request_id,
    agentId: row.agent_id ?? undefined,
    isFailed: row.is_failed === 1,
    isStranger: table === 'stranger_traces',
    ...rest,
  }
}
