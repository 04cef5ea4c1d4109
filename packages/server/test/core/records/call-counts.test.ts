import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { CallCounts } from '../../../src/core/records/call-counts.ts'
import { type CallCount, type CallCountFilter, type CallDimension, type GroupedCount, originsMax } from '../../../src/store/store.ts'
import { decidedCall } from '../../support/decided-calls.ts'
import { eachStore } from '../../support/stores.ts'

const hour = 3_600_000
const whole = { since: 0, until: Number.MAX_SAFE_INTEGER }

eachStore('counts of calls', (subject) => {
  const open = (store = subject.store) => new CallCounts({ store: store.callCounts, onError: (error) => assert.fail(String(error)) })

  test("[check 73] processes' counts add up, by minute and hour, and a batch written twice counts once", async () => {
    const { callCounts } = subject.store
    const processes = [open(), open(await subject.another())]
    for (const counts of processes) {
      for (let n = 0; n < 120; n++) counts.note(decidedCall({ at: hour + n * 1_000, agentId: 'acme', isKnown: true, keyId: 'k1' }), true)
      counts.note(decidedCall({ at: hour, agentId: 'acme', code: '408003' }), false)
      counts.note(decidedCall({ at: hour, code: '700101' }), false)
    }
    await Promise.all(processes.map((counts) => counts.close()))
    const login = { surface: 'member-api', call: 'login' } as const
    const acme = await callCounts.list({ span: 'minute', ...whole, agentId: 'acme' })
    assert.deepEqual(acme, [
      { ...login, at: hour, code: '200', agentId: 'acme', count: 120 },
      { ...login, at: hour, code: '408003', agentId: 'acme', count: 2 },
      { ...login, at: hour + 60_000, code: '200', agentId: 'acme', count: 120 },
    ])
    assert.deepEqual(await callCounts.sum({ span: 'hour', since: hour, until: 2 * hour }), [
      { ...login, code: '200', agentId: 'acme', count: 240 },
      { ...login, code: '408003', agentId: 'acme', count: 2 },
      { ...login, code: '700101', agentId: undefined, count: 2 },
    ])
    const grouped = (by: readonly CallDimension[], filter: Partial<CallCountFilter> = {}) =>
      callCounts.group({ span: 'hour', since: hour, until: 2 * hour, ...filter, by, order: 'key', limit: 10 })
    const codes = [
      { code: '200', count: 240 },
      { code: '408003', count: 2 },
      { code: '700101', count: 2 },
    ]
    assert.deepEqual(await grouped(['code']), codes)
    assert.deepEqual(
      (await grouped(['code', 'merchant'])).map(({ code, count }) => ({ code, count })),
      codes,
      'over all merchants as by merchant',
    )
    assert.deepEqual(await grouped(['time', 'code'], { span: 'minute', call: 'login', agentIds: ['acme'] }), [
      { at: hour, ...codes[0], count: 120 },
      { at: hour, ...codes[1] },
      { at: hour + 60_000, ...codes[0], count: 120 },
    ])
    assert.deepEqual(
      (await grouped(['time'], { span: 'minute', surface: 'member-api' })).map(({ count }) => count),
      [124, 120],
    )
    assert.deepEqual(await callCounts.list({ span: 'minute', since: hour + 1, until: hour + 60_000 }), [])
    assert.deepEqual(await callCounts.listOrigins({ ...whole, agentId: 'acme' }), [
      { at: hour, agentId: 'acme', isStranger: false, address: '203.0.113.9', keyId: 'k1', accepted: 240, refused: 0 },
      { at: hour, agentId: 'acme', isStranger: true, address: '203.0.113.9', keyId: null, accepted: 0, refused: 2 },
    ])
    const batch = { id: 'once', at: hour, counts: [{ ...login, at: hour, code: '1', agentId: undefined, count: 1 }], origins: [] }
    await Promise.all([callCounts.add(batch), callCounts.add(batch)])
    const [counted] = (await callCounts.sum({ span: 'minute', ...whole })).filter(({ code }) => code === '1')
    assert.equal(counted?.count, 1)
  })

  test('sums are those of the calls, whatever they are asked by, page by page and the most frequent first', async () => {
    const { callCounts } = subject.store
    const first = 40 * 24 * hour
    const minutes = Array.from({ length: 200 }, (_, n) => first + 60_000 * ((n * 1_013) % (3 * 24 * 60)))
    const counts: CallCount[] = minutes.map((at, n) => ({
      at,
      surface: n % 5 === 0 ? 'seller-api' : 'member-api',
      call: 'login',
      code: ['200', '408003', '600100'][n % 3] ?? '',
      agentId: n % 5 === 0 ? undefined : `sum${n % 4}`,
      count: 1 + ((n * 7) % 40),
    }))
    for (const half of [0, 1]) {
      const own = counts.filter((_, n) => n % 2 === half)
      await callCounts.add({ id: `half${half}`, at: first, counts: own, origins: [] })
    }
    const periods = [
      { since: first, until: first + 72 * hour },
      { since: first + 5 * hour, until: first + 29 * hour },
      { since: first + 5 * hour + 420_000, until: first + 66 * hour + 1_260_001 },
      { since: first + 30 * hour, until: first + 33 * hour },
      { since: first + 30 * hour + 60_000, until: first + 30 * hour + 1_800_000 },
      { since: first + 24 * hour, until: first + 24 * hour },
    ]
    const filters: Partial<CallCountFilter>[] = [{}, { agentIds: ['sum1', 'sum3'] }, { agentId: 'sum2', onlyFailed: true }, { code: '200' }]
    const groupings: CallDimension[][] = [
      ['merchant'],
      ['time', 'code'],
      ['code', 'merchant'],
      ['time', 'surface', 'call', 'code', 'merchant'],
    ]
    for (const span of ['minute', 'hour'] as const) {
      for (const period of periods) {
        for (const filter of filters) {
          for (const by of groupings) {
            const asked = { span, ...period, ...filter, by }
            const right = groupsOf(counts, asked)
            const all = await callCounts.group({ ...asked, order: 'key', limit: 1_000 })
            assert.deepEqual(all, right, JSON.stringify(asked))
            const place = right[Math.floor(right.length / 2)]
            const after = place === undefined ? undefined : keyOf(place, by)
            const rest = await callCounts.group({ ...asked, order: 'key', after, limit: 3 })
            assert.deepEqual(rest, right.filter((group) => after === undefined || compare(keyOf(group, by), after) > 0).slice(0, 3))
            const top = await callCounts.group({ ...asked, order: 'count', limit: 4 })
            const most = right.map(({ count }) => count).sort((one, other) => other - one)
            assert.deepEqual(
              top.map(({ count }) => count),
              most.slice(0, 4),
              JSON.stringify(asked),
            )
            for (const group of top) assert.ok(right.some((one) => isDeepStrictEqual(one, group)))
          }
        }
      }
    }
  })

  test("[check 86] strangers' part is bounded per merchant, over all processes, and pushes nothing else out", async () => {
    const processes = [open(), open(await subject.another())]
    for (const [index, counts] of processes.entries()) {
      for (let n = 0; n < 1_000; n++) {
        const address = `10.${index}.${n >> 8}.${n & 255}`
        counts.note(decidedCall({ at: 2 * hour, agentId: 'attacked', address, call: `c${n % 10}`, code: String(n % 100) }), false)
      }
      counts.note(decidedCall({ at: 2 * hour, agentId: 'attacked', isKnown: true, keyId: 'k1', address: `2001:db8::${index}` }), true)
      await counts.close()
    }
    const rows = await subject.store.callCounts.list({ span: 'minute', ...whole, agentId: 'attacked' })
    assert.equal(rows.length, 10, 'eight kinds, the others joined, and the accepted')
    assert.equal(rows.find(({ code }) => code === '200')?.count, 2)
    assert.equal(
      rows.reduce((sum, { count }) => sum + count, 0),
      2_002,
    )
    const origins = await subject.store.callCounts.listOrigins({ ...whole, agentId: 'attacked' })
    const strangers = origins.filter(({ isStranger }) => isStranger)
    assert.equal(strangers.length, originsMax + 1)
    assert.equal(
      strangers.reduce((sum, { refused }) => sum + refused, 0),
      2_000,
    )
    assert.deepEqual(
      origins.filter(({ isStranger }) => !isStranger).map(({ address }) => address),
      ['2001:db8::0', '2001:db8::1'],
    )
  })

  test('eight days are kept, and older counts are deleted in bounded batches', async () => {
    const { store } = subject
    const before = (await store.callCounts.list({ span: 'minute', ...whole })).length
    const counts = open()
    const now = 100 * 24 * hour
    for (let n = 0; n < 30; n++) counts.note(decidedCall({ at: now + n * 60_000, agentId: 'kept' }), true)
    await counts.close()
    for (let left = 1; left > 0; left = await store.sweep(now + 8 * 24 * hour + 10 * 60_000, 7)) assert.ok(left <= 9 * 7)
    const kept = await store.callCounts.list({ span: 'minute', ...whole })
    assert.ok(before > 0)
    assert.deepEqual([kept.length, kept[0]?.at], [20, now + 10 * 60_000])
    assert.equal((await store.callCounts.list({ span: 'hour', ...whole })).length, 0)
    const totals = (span: 'minute' | 'hour') => store.callCounts.group({ span, ...whole, by: ['time'], order: 'key', limit: 100 })
    assert.deepEqual([(await totals('minute')).length, (await totals('hour')).length], [20, 0])
    assert.equal((await store.callCounts.listOrigins(whole)).length, 0)
    const days = async (by: CallDimension) =>
      (await store.callCounts.group({ span: 'hour', ...whole, agentIds: ['kept'], by: [by], order: 'key', limit: 9 })).map(
        ({ count }) => count,
      )
    assert.deepEqual([await days('merchant'), await days('code')], [[30], [30]], 'a day is kept whole')
    await store.sweep(now + 9 * 24 * hour, 7)
    assert.deepEqual([await days('merchant'), await days('code')], [[], []])
  })
})

test('while the store is unavailable for an hour, memory is bounded, and the number of uncounted calls is reported', async () => {
  let isAway = true
  let added = 0
  const errors: unknown[] = []
  const add = async ({ counts }: { counts: readonly { count: number }[] }) => {
    if (isAway) throw new Error('away')
    for (const { count } of counts) added += count
  }
  const counts = new CallCounts({ store: { add }, onError: (error) => errors.push(error) })
  for (let minute = 0; minute < 100; minute++) {
    counts.note(decidedCall({ at: minute * 60_000 }), true)
    await counts.flush()
  }
  assert.deepEqual([counts.lostCount, errors.length], [40, 100])
  isAway = false
  await counts.close()
  assert.equal(added, 60)
})

/** What `CallCountStore.group` has to answer, by key. */
function groupsOf(
  counts: readonly CallCount[],
  { span, since, until, agentId, agentIds, code, onlyFailed, by }: CallCountFilter & { by: readonly CallDimension[] },
): GroupedCount[] {
  const groups = new Map<string, GroupedCount>()
  for (const { at: minute, ...own } of counts) {
    const at = span === 'minute' ? minute : minute - (minute % hour)
    if (at < since || at >= until || (agentId !== undefined && own.agentId !== agentId) || (code !== undefined && own.code !== code))
      continue
    if ((agentIds !== undefined && !agentIds.includes(own.agentId ?? '')) || (onlyFailed && own.code === '200')) continue
    const whole = { at, surface: own.surface, call: own.call, code: own.code, agentId: own.agentId ?? '' }
    const group = Object.fromEntries(by.map((dimension) => [fieldOf[dimension], whole[fieldOf[dimension]]]))
    const name = JSON.stringify(group)
    groups.set(name, { ...group, count: own.count + (groups.get(name)?.count ?? 0) })
  }
  return [...groups.values()].sort((one, other) => compare(keyOf(one, by), keyOf(other, by)))
}

const fieldOf = { time: 'at', surface: 'surface', call: 'call', code: 'code', merchant: 'agentId' } as const

function keyOf(group: GroupedCount, by: readonly CallDimension[]): (string | number)[] {
  return by.map((dimension) => group[fieldOf[dimension]] ?? '')
}

function compare(one: readonly (string | number)[], other: readonly (string | number)[]): number {
  const index = one.findIndex((part, place) => part !== other[place])
  return index === -1 ? 0 : (one[index] ?? '') < (other[index] ?? '') ? -1 : 1
}
