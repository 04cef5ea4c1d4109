import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookedAtMax } from '../../src/store/sql/log-search.ts'
import type { EventFilter, EventInput, RefusalFilter } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'

/** More than two searches look at. */
const rowCount = 2 * lookedAtMax + 1_000
const merchants = ['m0', 'm1', 'm2', 'm3']

/** Half of the rows are of `m0`; no row has both the kind `k1` and the merchant `m1`; the first one alone is `rare`. */
const rows: readonly EventInput[] = Array.from({ length: rowCount }, (_, index) => ({
  at: 1_000 + Math.floor(index / 3),
  kind: index === 0 ? 'rare' : `k${index % 2}`,
  surface: 'admin-api' as const,
  actor: `token:${index % 3}`,
  agentId: index % 2 === 0 ? 'm0' : `m${2 + (index % 4 === 1 ? 0 : 1)}`,
  subject: index % 100 === 0 ? 'seldom' : `s${index % 5}`,
  requestId: String(index),
}))

type Filter = Pick<EventFilter, 'kind' | 'agentIds' | 'subject' | 'actor' | 'since' | 'until'>

const filters: readonly Filter[] = [
  {},
  { kind: 'k1' },
  { kind: 'rare' },
  { kind: 'rare', actor: 'token:0' },
  { kind: 'rare', agentIds: ['m0'], actor: 'token:0' },
  { kind: 'k1', agentIds: ['m0'] },
  { kind: 'k1', agentIds: ['m2'] },
  { kind: 'k0', agentIds: merchants },
  { agentIds: merchants },
  { agentIds: ['m1'] },
  { agentIds: ['m1', 'nosuch'] },
  { agentIds: ['m2', 'm3', 'm2'], actor: 'token:1' },
  { agentIds: [] },
  { subject: 'seldom', kind: 'k0', agentIds: ['m0', 'm1'] },
  { subject: 's3', kind: 'k1', actor: 'token:2' },
  { since: 2_000, until: 2_500 },
  { since: 2_000, until: 2_500, kind: 'k1', agentIds: ['m2', 'm3'] },
  { until: 1_001, agentIds: merchants },
  { since: 900_000 },
]

const isMeant =
  ({ kind, agentIds, subject, actor, since, until }: Filter) =>
  (row: EventInput) =>
    (kind === undefined || row.kind === kind) &&
    (agentIds === undefined || agentIds.includes(row.agentId ?? '')) &&
    (subject === undefined || row.subject === subject) &&
    (actor === undefined || row.actor === actor) &&
    (since === undefined || row.at >= since) &&
    (until === undefined || row.at < until)

const numbersOf = (found: readonly EventInput[]) => found.map(({ requestId }) => Number(requestId))

/** Whatever the filter asks for, newest first. */
const wantedBy = (filter: Filter) => numbersOf(rows.filter(isMeant(filter)).toReversed())

eachStore('searching logs', (subject) => {
  test('events: every filter finds what it should, all at once and page by page', async () => {
    const { events } = subject.store
    await events.append(rows)
    for (const filter of filters) {
      const wanted = wantedBy(filter)
      const all = await events.list({ ...filter, limit: rowCount + 1 })
      assert.deepEqual(numbersOf(all), wanted, JSON.stringify(filter))
      const found: number[] = []
      let beforeId: number | undefined
      for (;;) {
        const page = await events.search({ ...filter, beforeId, limit: 4_000 })
        found.push(...numbersOf(page.rows))
        beforeId = page.next ?? (page.rows.length === 4_000 ? page.rows.at(-1)?.id : undefined)
        if (beforeId === undefined) break
      }
      assert.deepEqual(found, wanted, `${JSON.stringify(filter)}, page by page`)
    }
    const newest = first(await events.list({ limit: 1 })).id
    assert.equal((await events.list({ kind: 'k1', agentIds: ['m3'], afterId: newest - 40, limit: 100 })).length, 10)
  })

  test('refusals: likewise', async () => {
    const { refusals } = subject.store
    const last = { lastAt: 0, expiresAt: Number.MAX_SAFE_INTEGER, count: 1 }
    const records = rows.map(({ actor: _actor, ...row }, index) => ({ ...row, ...last, id: String(index).padStart(6, '0') }))
    for (let start = 0; start < records.length; start += 500) await refusals.put(records.slice(start, start + 500))
    for (const { actor, ...filter } of filters) {
      if (actor !== undefined) continue
      const wanted = wantedBy(filter)
      assert.deepEqual(numbersOf(await refusals.list({ ...filter, limit: rowCount + 1 })), wanted, JSON.stringify(filter))
      const found: number[] = []
      let before: RefusalFilter['before']
      for (;;) {
        const page = await refusals.search({ ...filter, before, limit: 4_000 })
        found.push(...numbersOf(page.rows))
        before = page.next ?? (page.rows.length === 4_000 ? page.rows.at(-1) : undefined)
        if (before === undefined) break
      }
      assert.deepEqual(found, wanted, `${JSON.stringify(filter)}, page by page`)
    }
  })

  test('filters of many rows that never meet end a search before its page is full; a filter of few rows does not', async () => {
    const { events } = subject.store
    const never = await events.search({ kind: 'k1', agentIds: ['m0'], limit: 50 })
    assert.deepEqual(never.rows, [])
    assert.ok(never.next !== null)
    const seldom = await events.search({ kind: 'k1', subject: 'seldom', limit: 50 })
    assert.deepEqual(seldom, { rows: [], next: null })
  })
})

function first<T>([only]: readonly T[]): T {
  assert.ok(only !== undefined)
  return only
}
