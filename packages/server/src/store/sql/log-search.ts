/**
 * Reads logs newest first, in any combination of filters, at a bounded cost: each filter's column has an index that ends in the log's key.
 *
 * PostgreSQL would serve `where kind = … order by id desc limit 50` by reading the log from its end when it takes the kind to be frequent, and read the
 * whole log when the kind's rows are old. A list of one kind, and an order that begins with it, make the index cheaper for a few rows; for many only a
 * comparison of rows leaves nothing else. But below a lower bound of that form PostgreSQL reads on, through all older rows of the kind.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { LogPage } from '../store.ts'
import type { Connection, Dialect } from './database.ts'

/** Rows of an index that one search looks at, if more than one filter has to be met. */
export const lookedAtMax = 5_000

export type LogKey = readonly (number | string)[]

export interface LogFilter {
  readonly column: string
  readonly values: readonly string[]
}

export interface LogSearch {
  readonly table: 'events' | 'refusals'
  readonly key: readonly string[]
  /** In the order of how many rows they usually leave, fewest first. */
  readonly filters: readonly LogFilter[]
  /** What the bounds of the key do not say exactly. */
  readonly and?: readonly RawBuilder<SqlBool>[]
  readonly from: LogKey
  readonly before: LogKey
  readonly limit: number
}

/** The filters that operators have for logs, by column. */
export function logFilters(wanted: {
  readonly subject?: string | undefined
  readonly actor?: string | undefined
  readonly agentId?: string | undefined
  readonly agentIds?: readonly string[] | undefined
  readonly kind?: string | undefined
}): LogFilter[] {
  const { subject, actor, agentId, agentIds, kind } = wanted
  const one = (column: string, value: string | undefined) => (value === undefined ? [] : [{ column, values: [value] }])
  return [
    ...one('subject', subject),
    ...one('actor', actor),
    ...one('agent_id', agentId),
    ...(agentIds === undefined ? [] : [{ column: 'agent_id', values: [...new Set(agentIds)] }]),
    ...one('kind', kind),
  ]
}

/** Searches on until enough is found. */
export async function readOn<Row, Place>(
  limit: number,
  search: (limit: number, before?: Place) => Promise<LogPage<Row, Place>>,
): Promise<Row[]> {
  const found: Row[] = []
  let before: Place | undefined
  for (;;) {
    const { rows, next } = await search(limit - found.length, before)
    found.push(...rows)
    if (next === null) return found
    before = next
  }
}

/** A page of a log; see LogPage. */
export async function searchLog<Row>(db: Connection, dialect: Dialect, search: LogSearch): Promise<LogPage<Row, LogKey>> {
  const { filters, and = [], limit, from, before } = search
  if (filters.some(({ values }) => values.length === 0) || compare(from, before) >= 0) return { rows: [], next: null }
  const [only, ...others] = filters
  const ordered = others.length === 0 && (only === undefined || only.values.length === 1)
  if (ordered) {
    const { rows } = await sql<Row>`${orderedRows(dialect, search, only)} limit ${limit}`.execute(db)
    return { rows, next: null }
  }
  const { filter, next } = await furthest(db, dialect, search)
  const rest = [...filters.filter((other) => other !== filter).map(isAmong), ...and, isFrom(search.key.map(ref), next ?? from)]
  const window = sql`(${rowsLookedAt(dialect, search, filter, next)})`
  const { rows } =
    await sql<Row>`select * from ${window} as looked_at where ${sql.join(rest, sql` and `)} order by ${descending(search.key)} limit ${limit}`.execute(
      db,
    )
  return { rows, next: rows.length === limit ? null : next }
}

/** The filter whose index reaches furthest back within `lookedAtMax` rows; `next` is where, null for the whole log. */
async function furthest(db: Connection, dialect: Dialect, search: LogSearch) {
  let found: { filter: LogFilter; next: LogKey } | undefined
  for (const filter of search.filters) {
    const next = await reachOf(db, dialect, search, filter)
    if (next === null) return { filter, next }
    if (found === undefined || compare(next, found.next) < 0) found = { filter, next }
  }
  if (found === undefined) throw new TypeError('a search without filters needs no index of one')
  return found
}

/** The key down to which the filter has no more than `lookedAtMax` rows, an equal number of each value; null if it has no more at all. */
async function reachOf(db: Connection, dialect: Dialect, search: LogSearch, filter: LogFilter): Promise<LogKey | null> {
  const rows = (key: RawBuilder<unknown>) =>
    sql`${oneValue(dialect, search, filter.column, sql.ref('value'), key)} limit 1 offset ${shareOf(filter) - 1}`
  const keys = sql.join(search.key.map((name) => sql.ref(name)))
  const query =
    dialect === 'postgres'
      ? sql<Record<string, number | string>>`select last.* from ${given(filter)} cross join lateral (${rows(keys)}) as last`
      : sql<{ last: string | null }>`select (${rows(sql`json_array(${keys})`)}) as last from json_each(${JSON.stringify(filter.values)})`
  const found = (await (query as RawBuilder<Record<string, number | string | null>>).execute(db)).rows
    .map((row) => (dialect === 'postgres' ? search.key.map((name) => row[name] ?? 0) : (JSON.parse(String(row.last)) as LogKey | null)))
    .filter((key) => key !== null)
  return found.length === 0 ? null : found.reduce((one, other) => (compare(one, other) < 0 ? other : one))
}

/** A query of the only filter's rows, or of the whole log's, newest first. */
function orderedRows(dialect: Dialect, search: LogSearch, filter: LogFilter | undefined): RawBuilder<unknown> {
  const { table, key, from, before, and = [] } = search
  if (filter !== undefined) return oneValue(dialect, search, filter.column, sql`${filter.values[0]}`, sql`*`, and)
  const bounds = sql.join([isBetween(key.map(ref), from, before), ...and], sql` and `)
  return sql`select * from ${sql.table(table)} where ${bounds} order by ${descending(key)}`
}

/**
 * A query of the filter's rows, not more than a search looks at: down to `next`, which leaves exactly as many, or to the lower bound, on PostgreSQL below it.
 * The limits keep planners from other indexes.
 */
function rowsLookedAt(dialect: Dialect, search: LogSearch, filter: LogFilter, next: LogKey | null): RawBuilder<unknown> {
  const { table, key, before } = search
  const from = next ?? search.from
  const [value, ...more] = filter.values
  if (more.length === 0) {
    const rows = dialect === 'sqlite' ? 'between' : next === null ? 'all before' : 'exactly'
    return sql`${oneValue(dialect, { ...search, from }, filter.column, sql`${value}`, sql`*`, [], rows)} limit ${lookedAtMax}`
  }
  if (dialect === 'sqlite') {
    return sql`select * from ${sql.table(table)} where ${isAmong(filter)} and ${isBetween(key.map(ref), from, before)}`
  }
  const rows = oneValue(dialect, search, filter.column, sql.ref('value'), sql`*`, [], 'all before')
  return sql`select own.* from ${given(filter)} cross join lateral (${rows} limit ${shareOf(filter)}) as own`
}

/** A query of one value's rows, newest first; those `exactly` between the bounds are at least as many as the limit. */
function oneValue(
  dialect: Dialect,
  { table, key, from, before }: LogSearch,
  column: string,
  value: RawBuilder<unknown>,
  columns: RawBuilder<unknown>,
  and: readonly RawBuilder<SqlBool>[] = [],
  rows: 'between' | 'exactly' | 'all before' = 'between',
): RawBuilder<unknown> {
  const isValue = dialect === 'postgres' ? sql`${ref(column)} = any(array[${value}])` : sql`${ref(column)} = ${value}`
  const ofValue = [column, ...key].map(ref)
  const isMeant = {
    between: [isValue, isBetween(key.map(ref), from, before)],
    exactly: [isBetween(ofValue, [value, ...from], [value, ...before])],
    'all before': [sql`${ref(column)} >= ${value}`, sql`(${sql.join(ofValue)}) < (${sql.join([value, ...before])})`],
  }[rows]
  const order = dialect === 'postgres' ? [column, ...key] : key
  const bounds = sql.join([...isMeant, ...and], sql` and `)
  return sql`select ${columns} from ${sql.table(table)} where ${bounds} order by ${descending(order)}`
}

/** Rows of each value that a search looks at. */
function shareOf({ values }: LogFilter): number {
  return Math.ceil(lookedAtMax / values.length)
}

function given({ values }: LogFilter): RawBuilder<unknown> {
  return sql`unnest(${sql.val(values)}::text[]) as given (value)`
}

function isAmong({ column, values }: LogFilter): RawBuilder<SqlBool> {
  return sql<SqlBool>`${ref(column)} in (${sql.join(values)})`
}

function isFrom(columns: readonly RawBuilder<unknown>[], from: readonly unknown[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${sql.join(columns)}) >= (${sql.join(from)})`
}

function isBetween(columns: readonly RawBuilder<unknown>[], from: readonly unknown[], before: readonly unknown[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${isFrom(columns, from)} and (${sql.join(columns)}) < (${sql.join(before)})`
}

function descending(columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql`${ref(column)} desc`))
}

function ref(column: string): RawBuilder<unknown> {
  return sql`${sql.ref(column)}`
}

function compare(one: LogKey, other: LogKey): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] ?? 0
    if (part !== against) return part < against ? -1 : 1
  }
  return 0
}
