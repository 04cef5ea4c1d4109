import { sql } from 'kysely'
import {
  type CallCount,
  type CallCountFilter,
  type CallCountStore,
  type CallDimension,
  type CallGroupFilter,
  type CallOrigin,
  type GroupedCount,
  originsMax,
  type Surface,
} from '../store.ts'
import { addDays, columnOf, conditions, type GroupedRow, groupDays, isByDays, toGroup } from './call-days.ts'
import { type Connection, chunks, type Database, type Dialect } from './database.ts'
import type { Tables } from './tables.ts'

const hourMs = 3_600_000

export function callCountStore(database: Database): CallCountStore {
  return {
    add: (batch) =>
      database.transaction(async (tx) => {
        const { id, at } = batch
        const isNew = await tx
          .insertInto('call_batches')
          .values({ id, at })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .executeTakeFirst()
        if (isNew === undefined) return
        await addCounts(tx, batch.counts)
        for (const table of ['call_days', 'merchant_days'] as const) await addDays(tx, table, batch.counts)
        await addOrigins(tx, batch.origins)
        // Last, since every node adds to these rows.
        await addTotals(tx, batch.counts)
      }),

    list: async (filter) => {
      const rows = await database.run((db) =>
        within(db, database.dialect, filter)
          .selectAll()
          .orderBy('at')
          .orderBy('surface')
          .orderBy('call')
          .orderBy('code')
          .orderBy('agent_id')
          .execute(),
      )
      return rows.map((row) => ({ at: row.at, ...toCount(row) }))
    },

    sum: async (filter) => {
      const rows = await database.run((db) =>
        within(db, database.dialect, filter)
          .select(['surface', 'call', 'code', 'agent_id'])
          .select(sumOf('count').as('count'))
          .groupBy(['surface', 'call', 'code', 'agent_id'])
          .orderBy('count', 'desc')
          .orderBy('surface')
          .orderBy('call')
          .orderBy('code')
          .orderBy('agent_id')
          .execute(),
      )
      return rows.map(toCount)
    },

    group: (filter) =>
      database.run((db) => {
        if (isOverAll(filter, filter.by)) return groupHours(db, database.dialect, filter, 'call_totals')
        return isByDays(filter) ? groupDays(db, database.dialect, filter) : groupHours(db, database.dialect, filter, 'call_counts')
      }),

    sumOrigins: async ({ agentId, since, until, limit }) => {
      const rows = await database.run((db) =>
        db
          .selectFrom('call_origins')
          .select(['is_stranger', 'address', 'key_id'])
          .select(({ fn }) => [fn.max('at').as('at'), sumOf('accepted').as('accepted'), sumOf('refused').as('refused')])
          .where('agent_id', '=', agentId)
          .where('at', '>=', since)
          .where('at', '<', until)
          .groupBy(['is_stranger', 'address', 'key_id'])
          .orderBy(sql`sum(accepted) + sum(refused)`, 'desc')
          .orderBy('address')
          .orderBy('key_id')
          .limit(limit)
          .execute(),
      )
      return rows.map((row) => toOrigin({ ...row, agent_id: agentId }))
    },

    listOrigins: async ({ agentId, since, until }) => {
      const rows = await database.run((db) => {
        const query = db.selectFrom('call_origins').selectAll().where('at', '>=', since).where('at', '<', until)
        const own = agentId === undefined ? query : query.where('agent_id', '=', agentId)
        return own.orderBy('at').orderBy('agent_id').orderBy('is_stranger').orderBy('address').orderBy('key_id').execute()
      })
      return rows.map(toOrigin)
    },
  }
}

/** A 64-bit sum is a numeric in PostgreSQL, which pg returns as text. */
function sumOf(column: string) {
  return sql<number>`cast(sum(${sql.ref(column)}) as bigint)`
}

/** Whether the totals have the answer. */
function isOverAll({ agentId, agentIds }: CallCountFilter, by: readonly CallDimension[]): boolean {
  return agentId === undefined && agentIds === undefined && !by.includes('merchant')
}

async function groupHours(
  db: Connection,
  dialect: Dialect,
  { by, order, after, limit, ...filter }: CallGroupFilter,
  table: 'call_counts' | 'call_totals',
): Promise<GroupedCount[]> {
  const columns = by.map((dimension) => columnOf[dimension])
  const sorted = sql.join([...(order === 'count' ? [sql`${sql.ref('count')} desc`] : []), ...columns.map((column) => sql.ref(column))])
  let sums = within(db, dialect, filter, table).select(columns).select(sumOf('count').as('count')).groupBy(columns)
  if (after !== undefined && columns.length > 0) {
    sums = sums.where(sql<boolean>`(${sql.join(columns.map((column) => sql.ref(column)))}) > (${sql.join(after)})`)
  }
  // For the limit PostgreSQL would read the counts of all merchants in their order, and leave out those of the others.
  if ((filter.agentIds?.length ?? 0) > 1) {
    const found = await sql<GroupedRow>`with sums as materialized ${sums} select * from sums order by ${sorted} limit ${limit}`.execute(db)
    return found.rows.map(toGroup)
  }
  return (await sums.orderBy(sorted).limit(limit).execute()).map(toGroup)
}

function within(db: Connection, dialect: Dialect, filter: CallCountFilter, table: 'call_counts' | 'call_totals' = 'call_counts') {
  const { span, since, until } = filter
  // Only the columns that both have are read of the totals.
  const counts = db.selectFrom(`${table} as counts` as 'call_counts as counts')
  const own = conditions(dialect, filter).reduce((query, condition) => query.where(condition), counts.where('span', '=', span))
  return own.where('at', '>=', since).where('at', '<', until)
}

function toOrigin(row: Tables['call_origins']): CallOrigin {
  return {
    at: row.at,
    agentId: row.agent_id,
    isStranger: row.is_stranger === 1,
    address: row.address === '' ? null : row.address,
    keyId: row.key_id === '' ? null : row.key_id,
    accepted: row.accepted,
    refused: row.refused,
  }
}

function toCount(row: Omit<Tables['call_counts'], 'span' | 'at'>): Omit<CallCount, 'at'> {
  const { surface, call, code, count } = row
  return { surface: surface as Surface, call, code, agentId: row.agent_id === '' ? undefined : row.agent_id, count }
}

async function addCounts(tx: Connection, counts: readonly CallCount[]): Promise<void> {
  const key = ['span', 'at', 'surface', 'call', 'code', 'agent_id'] as const
  const rows = counts.map(({ at, surface, call, code, agentId = '', count }) => ({ at, surface, call, code, agent_id: agentId, count }))
  for (const chunk of chunks(inBothSpans(rows, key))) {
    await tx
      .insertInto('call_counts')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(key).doUpdateSet((is) => ({ count: is('call_counts.count', '+', is.ref('excluded.count')) })),
      )
      .execute()
  }
}

async function addTotals(tx: Connection, counts: readonly CallCount[]): Promise<void> {
  const key = ['span', 'at', 'surface', 'call', 'code'] as const
  const rows = counts.map(({ at, surface, call, code, count }) => ({ at, surface, call, code, count }))
  for (const chunk of chunks(inBothSpans(rows, key))) {
    await tx
      .insertInto('call_totals')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(key).doUpdateSet((is) => ({ count: is('call_totals.count', '+', is.ref('excluded.count')) })),
      )
      .execute()
  }
}

type Spanned<Row> = Row & { readonly span: 'minute' | 'hour' }

/** Each row by minute and by hour, those of one key added up. Sorted by key, so that nodes lock rows in one order. */
function inBothSpans<Row extends { readonly at: number; readonly count: number }>(
  counted: readonly Row[],
  key: readonly (keyof Spanned<Row>)[],
): Spanned<Row>[] {
  const rows = new Map<string, Spanned<Row>>()
  for (const row of counted) {
    for (const [span, at] of [['minute', row.at] as const, ['hour', row.at - (row.at % hourMs)] as const]) {
      const spanned = { ...row, span, at }
      const name = JSON.stringify(key.map((column) => spanned[column]))
      rows.set(name, { ...spanned, count: row.count + (rows.get(name)?.count ?? 0) })
    }
  }
  return [...rows].sort(byKey).map(([, row]) => row)
}

/** Merges addresses beyond `originsMax` of an hour, whichever process wrote the others. */
async function addOrigins(tx: Connection, origins: readonly CallOrigin[]): Promise<void> {
  if (origins.length === 0) return
  const known = await knownAddresses(tx, origins)
  const rows = new Map<string, Tables['call_origins']>()
  for (const { at, agentId, isStranger, address, keyId, accepted, refused } of origins) {
    const there = known.get(groupOf(at, agentId, isStranger ? 1 : 0)) ?? new Set()
    known.set(groupOf(at, agentId, isStranger ? 1 : 0), there)
    const isSeparate = address !== null && (there.has(address) || there.size < originsMax)
    if (isSeparate) there.add(address)
    const shown = isSeparate ? address : ''
    const key = JSON.stringify([at, agentId, isStranger, shown, keyId])
    const before = rows.get(key)
    rows.set(key, {
      at,
      agent_id: agentId,
      is_stranger: isStranger ? 1 : 0,
      address: shown,
      key_id: keyId ?? '',
      accepted: accepted + (before?.accepted ?? 0),
      refused: refused + (before?.refused ?? 0),
    })
  }
  for (const chunk of chunks([...rows].sort(byKey).map(([, row]) => row))) {
    await tx
      .insertInto('call_origins')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['at', 'agent_id', 'is_stranger', 'address', 'key_id']).doUpdateSet((is) => ({
          accepted: is('call_origins.accepted', '+', is.ref('excluded.accepted')),
          refused: is('call_origins.refused', '+', is.ref('excluded.refused')),
        })),
      )
      .execute()
  }
}

async function knownAddresses(tx: Connection, origins: readonly CallOrigin[]): Promise<Map<string, Set<string>>> {
  const known = new Map<string, Set<string>>()
  const hours = [...new Set(origins.map(({ at }) => at))]
  for (const agentIds of chunks([...new Set(origins.map(({ agentId }) => agentId))])) {
    const rows = await tx
      .selectFrom('call_origins')
      .select(['at', 'agent_id', 'is_stranger', 'address'])
      .distinct()
      .where('at', 'in', hours)
      .where('agent_id', 'in', agentIds)
      .where('address', '<>', '')
      .execute()
    for (const row of rows) {
      const group = groupOf(row.at, row.agent_id, row.is_stranger)
      known.set(group, (known.get(group) ?? new Set()).add(row.address))
    }
  }
  return known
}

function groupOf(at: number, agentId: string, isStranger: number): string {
  return `${at}|${isStranger}|${agentId}`
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1
}
