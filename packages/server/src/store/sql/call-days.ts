/**
 * Counts of calls by merchant and day with a column an hour, which answer what would have to add up each hour of each merchant: `merchant_days` over all
 * outcomes, `call_days` by outcome.
 */
import { acceptedCodes } from '@lobbykey/contract'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { CallCount, CallCountFilter, CallGroupFilter, GroupedCount } from '../store.ts'
import { type Connection, chunks, type Dialect, isAmong } from './database.ts'
import { type HourColumn, hourColumns } from './hour-columns.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

export const columnOf = { time: 'at', surface: 'surface', call: 'call', code: 'code', merchant: 'agent_id' } as const

/** Their keys. */
export const dayTables = {
  merchant_days: ['day', 'agent_id'],
  call_days: ['day', 'agent_id', 'surface', 'call', 'code'],
} as const

interface CallKey {
  readonly surface: string
  readonly call: string
  readonly code: string
  readonly agent_id: string
}

type DayRow = Partial<CallKey> & { readonly day: number; readonly count: number } & Partial<Record<HourColumn, number>>

export type GroupedRow = Partial<CallKey> & { readonly at?: number; readonly count: number }

export async function addDays(tx: Connection, table: keyof typeof dayTables, counts: readonly CallCount[]): Promise<void> {
  const keys = dayTables[table]
  const rows = new Map<string, DayRow>()
  const hours = new Set<HourColumn>()
  for (const { at, surface, call, code, agentId = '', count } of counts) {
    const all = { day: at - (at % dayMs), agent_id: agentId, surface, call, code }
    const key = keys.map((column) => all[column]).join(' ')
    const hour = hourColumns[Math.floor((at % dayMs) / hourMs)] ?? 'h00'
    const row = rows.get(key) ?? { ...(Object.fromEntries(keys.map((column) => [column, all[column]])) as typeof all), count: 0 }
    rows.set(key, { ...row, count: row.count + count, [hour]: (row[hour] ?? 0) + count })
    hours.add(hour)
  }
  const none = Object.fromEntries([...hours].map((hour) => [hour, 0]))
  // In one order on every node, so that writers cannot deadlock.
  const sorted = [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => ({ ...none, ...row }))
  for (const chunk of chunks(sorted)) {
    await tx
      .insertInto(table as 'call_days')
      .values(chunk as never)
      .onConflict((conflict) =>
        conflict.columns(keys as never).doUpdateSet(() => {
          const sums = (['count', ...hours] as const).map((column) => [
            column,
            sql`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`,
          ])
          return Object.fromEntries(sums)
        }),
      )
      .execute()
  }
}

/** Whether days have the answer, or most of it. A list of each hour and merchant is a part of `call_counts`, in its order. */
export function isByDays({ span, by, order }: CallGroupFilter): boolean {
  return !by.includes('time') || (span === 'hour' && (order === 'count' || !by.includes('merchant')))
}

export function groupDays(db: Connection, dialect: Dialect, filter: CallGroupFilter): Promise<GroupedCount[]> {
  return filter.by.includes('time') ? groupByTime(db, dialect, filter) : groupOverTime(db, dialect, filter)
}

/** Adds up whole hours from the days, and the minutes before and after them. */
async function groupOverTime(db: Connection, dialect: Dialect, filter: CallGroupFilter): Promise<GroupedCount[]> {
  const { span, since, until, by, order, after, limit } = filter
  const whole = wholeHours(filter)
  const columns = by.map((dimension) => sql.ref(columnOf[dimension]))
  const days = daysOf(whole).map(({ days, from, to }) => {
    const hours = hourColumns.slice(from, to).map((hour) => sql.ref(hour))
    const sum = hours.length === hourColumns.length ? sql.ref('count') : sql.join(hours, sql` + `)
    return sql`select ${sql.join(columns)}, ${sum} as count from ${sql.table(tableFor(filter))} where ${allOf([days, ...conditions(dialect, filter)])}`
  })
  const ends = [
    [since, Math.min(until, whole.since)],
    [Math.max(since, whole.until), until],
  ] as const
  const minutes = ends.map(([from, to]) => {
    const isMeant = allOf([sql`span = 'minute' and at >= ${from} and at < ${to}`, ...conditions(dialect, filter)])
    return sql`select ${sql.join(columns)}, count from call_counts where ${isMeant}`
  })
  const parts = span === 'minute' ? [...days, ...minutes] : days
  if (parts.length === 0) return []
  const isLater = after === undefined ? sql`` : sql`where (${sql.join(columns)}) > (${sql.join(after)})`
  const { rows } = await sql<GroupedRow>`
    select ${sql.join(columns)}, cast(sum(count) as bigint) as count from (${sql.join(parts, sql` union all `)}) as counts ${isLater}
    group by ${sql.join(columns)} having sum(count) > 0
    order by ${sql.join([...(order === 'count' ? [sql`${sql.ref('count')} desc`] : []), ...columns])} limit ${limit}`.execute(db)
  return rows.map(toGroup)
}

/** Adds up each hour's column. For the most frequent those days are read that have the highest hours: all of these hours are among theirs. */
async function groupByTime(db: Connection, dialect: Dialect, filter: CallGroupFilter): Promise<GroupedCount[]> {
  const { by, order, after, limit } = filter
  const [afterTime = 0] = after ?? []
  const table = tableFor(filter)
  const own = by.filter((dimension) => dimension !== 'time').map((dimension) => columnOf[dimension])
  const keys = ['day', ...own].map((column) => sql.ref(column))
  const hours = hourColumns.map((column) => sql.ref(column))
  const parts = daysOf(wholeHours({ ...filter, since: Math.max(filter.since, Number(afterTime)) })).map(({ days, from, to }) => {
    const wanted = hours.map((column, hour) => (hour >= from && hour < to ? column : sql`0 as ${column}`))
    return sql`select ${sql.join([...keys, ...wanted])} from ${sql.table(table)} where ${allOf([days, ...conditions(dialect, filter)])}`
  })
  if (parts.length === 0) return []
  const read = sql`(${sql.join(parts, sql` union all `)}) as days`
  const sums = sql.join(hours.map((column) => sql`cast(sum(${column}) as bigint) as ${column}`))
  const areGroups = keys.length === dayTables[table].length
  const days = areGroups ? sql`select * from ${read}` : sql`select ${sql.join(keys)}, ${sums} from ${read} group by ${sql.join(keys)}`
  const highest = sql`${sql.raw(dialect === 'postgres' ? 'greatest' : 'max')}(${sql.join(hours)})`
  const query =
    order === 'key' ? days : sql`select * from (${days}) as sums order by ${sql.join([sql`${highest} desc`, ...keys])} limit ${limit}`
  const { rows } = await (query as RawBuilder<DayRow>).execute(db)
  // Twenty-four times as many as there are rows: a group is made only of those that are wanted.
  const counts = rows.flatMap((row) =>
    hourColumns.flatMap((column, hour) => {
      const { day, [column]: count = 0 } = row
      return count === 0 ? [] : [{ at: day + hour * hourMs, count, row }]
    }),
  )
  const keyOf = ({ at, row }: (typeof counts)[number]) =>
    by.map((dimension) => (dimension === 'time' ? at : (row[columnOf[dimension] as keyof CallKey] ?? '')))
  return counts
    .filter((found) => after === undefined || compare(keyOf(found), after) > 0)
    .sort((one, other) => (order === 'count' ? other.count - one.count : 0) || compare(keyOf(one), keyOf(other)))
    .slice(0, limit)
    .map(({ at, count, row }) => toGroup({ at, ...Object.fromEntries(own.map((name) => [name, row[name]])), count }))
}

function tableFor({ surface, call, code, onlyFailed = false, by }: CallGroupFilter): keyof typeof dayTables {
  const isOfOutcome = onlyFailed || [surface, call, code].some((wanted) => wanted !== undefined)
  return isOfOutcome || by.some((dimension) => dimension !== 'time' && dimension !== 'merchant') ? 'call_days' : 'merchant_days'
}

interface Period {
  readonly since: number
  readonly until: number
}

/** The hours of which all is wanted. */
function wholeHours({ span, since, until }: CallCountFilter): Period {
  const next = (time: number, unit: number) => Math.ceil(time / unit) * unit
  const begin = next(since, hourMs)
  if (span === 'hour') return { since: begin, until: next(until, hourMs) }
  const last = next(until, minuteMs)
  return { since: begin, until: Math.max(begin, last - (last % hourMs)) }
}

/** Days and, of each, the hours wanted: from the first until before the second. */
function daysOf({ since, until }: Period): { days: RawBuilder<SqlBool>; from: number; to: number }[] {
  if (since >= until) return []
  const first = since - (since % dayMs)
  const last = until - 1 - ((until - 1) % dayMs)
  const hourAt = (time: number, day: number) => Math.floor((time - day) / hourMs)
  const one = (day: number, from: number, to: number) => ({ days: sql<SqlBool>`day = ${day}`, from, to })
  if (first === last) return [one(first, hourAt(since, first), hourAt(until, first))]
  return [
    one(first, hourAt(since, first), 24),
    { days: sql<SqlBool>`day > ${first} and day < ${last}`, from: 0, to: 24 },
    one(last, 0, hourAt(until, last)),
  ]
}

/** What a filter says besides the time. */
export function conditions(
  dialect: Dialect,
  { agentId, agentIds, surface, call, code, onlyFailed = false }: CallCountFilter,
): RawBuilder<SqlBool>[] {
  const equal = (column: string, value: string | undefined) => (value === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} = ${value}`])
  return [
    ...equal('agent_id', agentId),
    ...(agentIds === undefined ? [] : [isAmong(dialect, 'agent_id', agentIds)]),
    ...equal('surface', surface),
    ...equal('call', call),
    ...equal('code', code),
    ...(onlyFailed ? [sql<SqlBool>`code not in (${sql.join(acceptedCodes.map((accepted) => sql.lit(accepted)))})`] : []),
  ]
}

function allOf(all: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.join(all, sql` and `)}`
}

export function toGroup({ agent_id: agentId, ...row }: GroupedRow): GroupedCount {
  return { ...row, ...(agentId === undefined ? {} : { agentId }) }
}

function compare(one: readonly (string | number)[], other: readonly (string | number)[]): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] ?? ''
    if (part !== against) return part < against ? -1 : 1
  }
  return 0
}
