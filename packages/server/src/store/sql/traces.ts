import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { StoredTrace, TraceFilter, TraceInput, TracePlace, TraceStore } from '../store.ts'
import { type Connection, chunks, type Database, type Dialect } from './database.ts'
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

    list: async (filter) => {
      const found: StoredTrace[] = []
      for (const table of tables) {
        const rows = await database.run((db) => listTable(db, database.dialect, table, filter))
        found.push(...rows.map((row) => toTrace(row, table)))
      }
      return found.toSorted(newestFirst).slice(0, filter.limit)
    },

    trim: async ({ since, rowsMax, strangerRowsMax }, batchMax) => {
      const known = await database.transaction((tx) => trim(tx, 'traces', since, rowsMax, batchMax))
      return known + (await database.transaction((tx) => trim(tx, 'stranger_traces', since, strangerRowsMax, batchMax)))
    },
  }
}

type TraceRow = Selectable<TracesTable>

/** Of several merchants the newest of each are found first, in the index by merchant: those of quiet ones may be anywhere among all traces. */
async function listTable(db: Connection, dialect: Dialect, table: TraceTable, filter: TraceFilter): Promise<TraceRow[]> {
  const { agentIds, limit } = filter
  const isMeant = conditions(table, filter)
  const newest = sql`order by at desc, id desc limit ${limit}`
  if (agentIds === undefined || agentIds.length < 2) {
    const own = agentIds === undefined ? [] : [agentIds[0] === undefined ? sql<SqlBool>`1 = 0` : sql<SqlBool>`agent_id = ${agentIds[0]}`]
    const all = sql.join([sql`1 = 1`, ...own, ...isMeant], sql` and `)
    return (await sql<TraceRow>`select * from ${sql.table(table)} where ${all} ${newest}`.execute(db)).rows
  }
  const of = (column: RawBuilder<unknown>) => sql`
    select id, at from ${sql.table(table)} where ${sql.join([sql`agent_id = ${column}`, ...isMeant], sql` and `)} order by agent_id desc, at desc, id desc limit ${limit}`
  const named = [...new Set(agentIds)]
  const ids =
    dialect === 'postgres'
      ? sql`select own.id from unnest(${named}::text[]) as named (value) cross join lateral (${of(sql.ref('named.value'))}) as own order by own.at desc, own.id desc limit ${limit}`
      : sql`select own.id from json_each(${JSON.stringify(named)}) as named join ${sql.table(table)} as own
          on own.id in (select id from (${of(sql.ref('named.value'))})) order by own.at desc, own.id desc limit ${limit}`
  return (await sql<TraceRow>`select * from ${sql.table(table)} where id in (${ids}) ${newest}`.execute(db)).rows
}

function conditions(table: TraceTable, { onlyFailed, since, until, after, before }: TraceFilter): RawBuilder<SqlBool>[] {
  const afterId = table === 'traces' ? after?.known : after?.strangers
  return [
    // A literal, which lets the index of failed ones serve the query.
    ...(onlyFailed ? [sql<SqlBool>`is_failed = 1`] : []),
    ...(since === undefined ? [] : [sql<SqlBool>`at >= ${since}`]),
    ...(until === undefined ? [] : [sql<SqlBool>`at < ${until}`]),
    ...(afterId === undefined ? [] : [sql<SqlBool>`id > ${afterId}`]),
    ...(before === undefined ? [] : [sql<SqlBool>`(at, id) < (${before.at}, ${idBefore(table, before)})`]),
  ]
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

function toTrace(row: TraceRow, table: TraceTable): StoredTrace {
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
