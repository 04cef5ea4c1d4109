import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredTrace, TraceInput } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'

const trace = (requestId: string, changes: Partial<TraceInput> = {}): TraceInput => ({
  at: 1_000,
  requestId,
  surface: 'member-api',
  call: 'login',
  agentId: 'agent001',
  subject: 'uid001',
  address: '127.0.0.1',
  code: '200',
  isFailed: false,
  isStranger: false,
  steps: [{ name: 'body', passed: true, facts: [['bytes', 12]] }],
  ...changes,
})

eachStore('traces', (subject) => {
  test('a trace is stored unchanged, and the newest come first', async () => {
    const { traces } = subject.store
    const failed = trace('r2', {
      agentId: undefined,
      isFailed: true,
      code: '600100',
      key: 'bad_signature',
      steps: [{ name: 'body', passed: false, facts: [['text', '\0 \ud800']] }],
    })
    await traces.append([trace('r1'), failed, trace('r3', { agentId: 'other' })])
    const { id, ...found } = (await traces.find('r2')) ?? assert.fail()
    assert.ok(id > 0)
    assert.deepEqual(found, failed)
    assert.equal(await traces.find('r9'), null)
    const ids = async (filter: Parameters<typeof traces.list>[0]) => (await traces.list(filter)).map(({ requestId }) => requestId)
    assert.deepEqual(await ids({ limit: 2 }), ['r3', 'r2'])
    assert.deepEqual(await ids({ agentIds: ['agent001'], limit: 9 }), ['r1'])
    assert.deepEqual(await ids({ onlyFailed: true, limit: 9 }), ['r2'])
    assert.deepEqual(await ids({ after: { known: id, strangers: 0 }, limit: 9 }), ['r3'])
  })

  test('old traces and those beyond the newest N are deleted, in bounded batches', async () => {
    const { traces } = subject.store
    await traces.append(Array.from({ length: 30 }, (_, index) => trace(`t${index}`, { at: 2_000 + index })))
    const left = async () => (await traces.list({ limit: 100 })).map(({ requestId }) => requestId)
    assert.equal(await traces.trim({ since: 2_000, rowsMax: 100, strangerRowsMax: 100 }, 2), 2)
    assert.equal(await traces.trim({ since: 2_000, rowsMax: 100, strangerRowsMax: 100 }, 2), 1)
    assert.equal((await left()).length, 30)
    assert.equal(await traces.trim({ since: 0, rowsMax: 10, strangerRowsMax: 10 }, 100), 20)
    assert.deepEqual([(await left()).length, (await left()).at(-1)], [10, 't20'])
    assert.equal(await traces.trim({ since: 9_000, rowsMax: 10, strangerRowsMax: 10 }, 100), 10)
    await traces.append([trace('again')])
    assert.deepEqual(await left(), ['again'], 'numbers go on')
  })

  test('[check 86] strangers have a table of their own: theirs are found and listed with the others, and never push one out', async () => {
    const { traces } = subject.store
    await traces.append([trace('known', { at: 20_000 })])
    const strangers = Array.from({ length: 300 }, (_, index) =>
      trace(`s${index}`, { at: 20_001 + index, isStranger: true, isFailed: true }),
    )
    await traces.append(strangers)
    await traces.append([trace('newest', { at: 30_000 })])
    const ids = async (filter: Parameters<typeof traces.list>[0]) => (await traces.list(filter)).map(({ requestId }) => requestId)
    assert.deepEqual(await ids({ limit: 3 }), ['newest', 's299', 's298'])
    assert.deepEqual(await ids({ after: { known: 0, strangers: 300 }, limit: 2 }), ['newest', 'known'])
    assert.equal((await traces.find('s7'))?.isStranger, true)
    await traces.trim({ since: 20_000, rowsMax: 10, strangerRowsMax: 5 }, 1_000)
    const kept = await ids({ limit: 100 })
    assert.deepEqual([kept[0], kept.at(-1), kept.filter((id) => id.startsWith('s')).length], ['newest', 'known', 5])
  })

  test('the newest come first by time, across batches and classes, page by page', async () => {
    const { traces } = subject.store
    await traces.append([
      trace('late', { at: 40_400 }),
      trace('c', { at: 40_300, isStranger: true }),
      trace('e', { at: 40_300, isStranger: true }),
    ])
    await traces.append([trace('a', { at: 40_100 }), trace('b', { at: 40_300 }), trace('d', { at: 40_300 })])
    const names: string[] = []
    let before: StoredTrace | undefined
    for (;;) {
      const [next] = await traces.list({ limit: 1, before, since: 40_100, until: 40_401 })
      if (next === undefined) break
      names.push(next.requestId)
      before = next
    }
    assert.deepEqual(names, ['late', 'd', 'b', 'e', 'c', 'a'])
    assert.deepEqual(
      (await traces.list({ limit: 9, since: 40_300, until: 40_400, agentIds: ['agent001'] })).map(({ requestId }) => requestId),
      ['d', 'b', 'e', 'c'],
    )
  })

  test('those of several merchants come in one order, whichever has them, page by page', async () => {
    const { traces } = subject.store
    const all = Array.from({ length: 60 }, (_, n) =>
      trace(`m${n}`, { at: 50_000 + ((n * 7) % 20), agentId: `m${n % 6}`, isStranger: n % 4 === 0, isFailed: n % 3 === 0 }),
    )
    await traces.append(all)
    const agentIds = ['m1', 'm2', 'm4', 'nobody', 'm2']
    for (const onlyFailed of [false, true]) {
      for (const period of [{}, { since: 50_003, until: 50_015 }]) {
        const { since = 0, until = 60_000 } = period
        const right = all.filter(
          ({ at, agentId = '', isFailed }) => agentIds.includes(agentId) && at >= since && at < until && (isFailed || !onlyFailed),
        )
        const found: StoredTrace[] = []
        for (;;) {
          const page = await traces.list({ agentIds, onlyFailed, ...period, limit: 7, before: found.at(-1) })
          found.push(...page)
          if (page.length < 7) break
        }
        assert.deepEqual(found.map(({ requestId }) => requestId).toSorted(), right.map(({ requestId }) => requestId).toSorted())
        assert.deepEqual(
          found.map(({ at }) => at),
          right.map(({ at }) => at).sort((one, other) => other - one),
        )
      }
    }
    assert.deepEqual(await traces.list({ agentIds: [], limit: 9 }), [])
  })

  test('clocks: the newest reading is kept, and warnings are limited across nodes', async () => {
    const { merchantClocks, events } = subject.store
    const other = await subject.another()
    await merchantClocks.note([])
    await merchantClocks.note([
      { agentId: 'b', differenceMs: -5, measuredAt: 10 },
      { agentId: 'a', differenceMs: 400_000, measuredAt: 10 },
    ])
    await other.merchantClocks.note([{ agentId: 'a', differenceMs: 410_000, measuredAt: 20 }])
    assert.deepEqual(await merchantClocks.load(), [
      { agentId: 'a', differenceMs: 410_000, measuredAt: 20 },
      { agentId: 'b', differenceMs: -5, measuredAt: 10 },
    ])
    const event = { at: 20, kind: 'merchant.clock_off', surface: 'member-api', agentId: 'a' } as const
    const stores = [subject.store, other, subject.store]
    const warned = await Promise.all(stores.map((store) => store.merchantClocks.warn('a', 0, event)))
    assert.deepEqual(warned.toSorted(), [false, false, true])
    assert.equal(await merchantClocks.warn('a', 21, { ...event, at: 120 }), true)
    assert.equal((await events.list({ kind: 'merchant.clock_off', limit: 9 })).length, 2)
  })

  test('conduct: the later time of each is kept, whoever writes first', async () => {
    const { merchantConduct } = subject.store
    const other = await subject.another()
    await merchantConduct.note([])
    await merchantConduct.note([
      { agentId: 'b', topic: 'login', rightAt: 5, wrongAt: 0 },
      { agentId: 'a', topic: 'repeat', rightAt: 9, wrongAt: 0 },
      { agentId: 'a', topic: 'login', rightAt: 30, wrongAt: 10 },
    ])
    const late = [
      { agentId: 'a', topic: 'login', rightAt: 20, wrongAt: 40 },
      { agentId: 'a', topic: 'callback', rightAt: 0, wrongAt: 7 },
    ]
    await Promise.all([other.merchantConduct.note(late), merchantConduct.note(late.toReversed())])
    assert.deepEqual(await merchantConduct.load('a'), [
      { agentId: 'a', topic: 'callback', rightAt: 0, wrongAt: 7 },
      { agentId: 'a', topic: 'login', rightAt: 30, wrongAt: 40 },
      { agentId: 'a', topic: 'repeat', rightAt: 9, wrongAt: 0 },
    ])
    assert.deepEqual(await merchantConduct.load('nobody'), [])
  })
})
