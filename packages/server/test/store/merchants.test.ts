import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allMerchants } from '../../src/core/merchants/all-merchants.ts'
import type { MerchantFilter, MerchantKeyRecord, MerchantWithKeys, Store } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { addMerchant, digest, sampleEvent, sampleKey, sampleMerchant, start, uniqueName } from './samples.ts'

type MerchantKey = Pick<MerchantKeyRecord, 'id' | 'createdAt' | 'lastUsedAt' | 'retiredAt'>
type MerchantKeys = readonly [MerchantKey, ...MerchantKey[]]

eachStore('merchants', (subject) => {
  test('an added merchant is loaded as given', async () => {
    const { merchants } = subject.store
    const merchant = sampleMerchant(uniqueName('agent'))
    const key = sampleKey(merchant.agentId)
    assert.equal(await merchants.add(merchant, key, sampleEvent()), 'added')
    const [loaded] = await merchants.load([merchant.agentId])
    assert.deepEqual({ ...loaded, keys: undefined }, { ...merchant, keys: undefined })
    assert.equal(loaded?.keys.length, 1)
    assert.deepEqual({ ...loaded?.keys[0], sealed: [...(loaded?.keys[0]?.sealed ?? [])] }, { ...key, sealed: [...key.sealed] })
  })

  test('a second one with the same agent_id changes nothing', async () => {
    const { merchants } = subject.store
    const agentId = await addMerchant(subject.store)
    const before = await subject.store.changes.latestSeq()
    const again = sampleMerchant(agentId, { status: 'disabled' })
    assert.equal(await merchants.add(again, sampleKey(agentId, 'other'), sampleEvent('test.second', { agentId })), 'exists')
    const [loaded] = await merchants.load([agentId])
    assert.equal(loaded?.status, 'enabled')
    assert.equal(loaded?.keys.length, 1)
    assert.equal(await subject.store.changes.latestSeq(), before)
    assert.deepEqual(await subject.store.events.list({ agentId, limit: 10 }), [])
  })

  test('load returns all, or the named ones, ordered by agent_id, byte by byte', async () => {
    const { merchants } = subject.store
    const stem = uniqueName('order')
    const agentIds = ['b', 'B', '_', '-', 'a', '1'].map((end) => `${stem}${end}`)
    for (const agentId of agentIds) await merchants.add(sampleMerchant(agentId), sampleKey(agentId), sampleEvent())
    const named = (await merchants.load(agentIds)).map(({ agentId }) => agentId)
    assert.deepEqual(named, agentIds.toSorted())
    const all = (await merchants.load()).map(({ agentId }) => agentId)
    assert.deepEqual(all, all.toSorted())
    assert.deepEqual(
      all.filter((agentId) => agentId.startsWith(stem)),
      agentIds.toSorted(),
    )
    assert.deepEqual(await merchants.load([]), [])
    assert.deepEqual(await merchants.load([uniqueName('nobody')]), [])
  })

  test('the latest are those changed last, newest first, with their keys; of the named ones only those', async () => {
    const { merchants } = subject.store
    const stem = uniqueName('latest')
    const later = Number.MAX_SAFE_INTEGER
    for (const [end, updatedAt] of [
      ['a', later - 3],
      ['b', later - 1],
      ['c', later - 3],
      ['d', later - 2],
    ] as const)
      await merchants.add(sampleMerchant(`${stem}${end}`, { updatedAt }), sampleKey(`${stem}${end}`), sampleEvent())
    const latest = async (limit: number, ends?: readonly string[]) =>
      (
        await merchants.loadLatest(
          limit,
          ends?.map((end) => `${stem}${end}`),
        )
      ).map(({ agentId, keys }) => `${agentId.slice(stem.length)} ${keys.length}`)
    assert.deepEqual(await latest(3), ['b 1', 'd 1', 'a 1'])
    assert.deepEqual(await latest(2, ['c', 'd', 'a', 'none']), ['d 1', 'a 1'])
    assert.deepEqual(await latest(2, []), [])
  })

  test('thousands are loaded page by page: each once, in order, with its keys', async () => {
    const { merchants, database } = subject.store
    const prefix = uniqueName('many')
    const ids = Array.from({ length: 1_100 }, (_, n) => `${prefix}${String(n).padStart(4, '0')}`)
    const row = { status: 'enabled', settings: '{}', labels: '{}', created_at: start, updated_at: start } as const
    const key = { id: 'key1', sealed: digest('key'), created_at: start }
    await database.transaction(async (tx) => {
      await tx
        .insertInto('merchants')
        .values(ids.map((agentId) => ({ agent_id: agentId, ...row })))
        .execute()
      await tx
        .insertInto('merchant_keys')
        .values(ids.map((agentId) => ({ agent_id: agentId, ...key })))
        .execute()
    })
    const own = (all: readonly MerchantWithKeys[]) => all.filter(({ agentId }) => agentId.startsWith(prefix))
    const loaded = await merchants.load()
    assert.deepEqual(
      own(loaded).map(({ agentId, keys }) => [agentId, keys.length]),
      ids.map((agentId) => [agentId, 1]),
    )
    assert.deepEqual(await Array.fromAsync(allMerchants(merchants)), loaded)
  })

  test('update replaces status and settings and records changes and events', async () => {
    const agentId = await addMerchant(subject.store)
    const seq = await subject.store.changes.latestSeq()
    const settings = { ...sampleMerchant(agentId).settings, currencies: ['THB'], ratePerSecond: 0 }
    const event = sampleEvent('merchant.updated', { agentId, details: { currencies: ['THB'] } })
    const next = { agentId, status: 'disabled', settings, updatedAt: start + 5 } as const
    assert.equal(await subject.store.merchants.update(next, start - 1, event), 'changed')
    assert.equal(await subject.store.merchants.update(next, start, event), 'updated')
    const [loaded] = await subject.store.merchants.load([agentId])
    assert.deepEqual([loaded?.status, loaded?.settings, loaded?.createdAt, loaded?.updatedAt], ['disabled', settings, start, start + 5])
    assert.deepEqual(
      (await subject.store.changes.since(seq, 10)).filter(({ subject: about }) => about === agentId).map(({ topic }) => topic),
      ['merchant'],
    )
    const [recorded] = await subject.store.events.list({ agentId, limit: 1 })
    assert.deepEqual([recorded?.kind, recorded?.details], ['merchant.updated', { currencies: ['THB'] }])
    const nobody = { agentId: uniqueName('nobody'), status: 'enabled', settings, updatedAt: start } as const
    assert.equal(await subject.store.merchants.update(nobody, start, sampleEvent()), 'not-found')
  })

  test('a list by label has the merchants with exactly this name and value', async () => {
    const { merchants } = subject.store
    const name = uniqueName('tier')
    const add = async (labels: Record<string, string>) => {
      const merchant = sampleMerchant(uniqueName('agent'))
      await merchants.add({ ...merchant, settings: { ...merchant.settings, labels } }, sampleKey(merchant.agentId), sampleEvent())
      return merchant.agentId
    }
    const upper = await add({ [name]: 'Gold_1' })
    const lower = await add({ another: 'x', [name]: 'gold_1' })
    await add({ [name]: 'goldx1', [`${name}x`]: 'gold_1', [`x${name}`]: 'gold_1' })
    const listed = async (value: string) => (await merchants.list({ limit: 10, label: { name, value } })).map(({ agentId }) => agentId)
    assert.deepEqual(await listed('gold_1'), [lower])
    assert.deepEqual(await listed('Gold_1'), [upper])
    assert.deepEqual(await listed('gold'), [])
  })

  test('a list has only merchants whose clock is off, or whose old key nobody uses beside a newer one', async () => {
    const { merchants, merchantClocks } = subject.store
    const prefix = uniqueName('due')
    const day = 86_400_000
    const key = (id: string, createdAt: number, lastUsedAt: number | null, retiredAt: number | null = null): MerchantKey => ({
      id,
      createdAt,
      lastUsedAt,
      retiredAt,
    })
    const cases: [string, MerchantKeys, number | null][] = [
      ['single', [key('a', 0, 5)], 2_001],
      ['fresh', [key('a', 0, 5), key('b', 1, null)], 2_000],
      ['both', [key('a', 0, 3 * day), key('b', 1, 9)], null],
      ['old', [key('a', 0, day), key('b', 1, 9)], -2_001],
      ['unused', [key('a', 0, null), key('b', 0, 9)], 0],
      ['over', [key('a', 0, 5, 9), key('b', 1, 9)], null],
      ['zzz', [key('b', 1, 5), key('a', 2, 9)], 90_000],
    ]
    for (const [name, [first, ...others], differenceMs] of cases) {
      const agentId = `${prefix}${name}`
      await merchants.add(sampleMerchant(agentId), sampleKey(agentId, first.id, { ...first, retiredAt: null }), sampleEvent())
      for (const other of others) await merchants.addKey(sampleKey(agentId, other.id, other), 2, sampleEvent())
      if (first.retiredAt !== null) await merchants.retireKey(agentId, first.id, first.retiredAt, sampleEvent())
      if (differenceMs !== null) await merchantClocks.note([{ agentId, differenceMs, measuredAt: start }])
    }
    const listed = async (filter: Partial<MerchantFilter>) =>
      (await merchants.list({ prefix, limit: 9, ...filter })).map(({ agentId }) => agentId.slice(prefix.length))
    assert.deepEqual(await listed({ clockOffBy: 2_000 }), ['old', 'single', 'zzz'])
    assert.deepEqual(await listed({ oldKeyUnusedSince: 2 * day }), ['old', 'unused', 'zzz'])
    assert.deepEqual(await listed({ oldKeyUnusedSince: 2 * day, clockOffBy: 2_000, limit: 1 }), ['old'])
    assert.deepEqual(await listed({ clockOffBy: 2_000, agentIds: [`${prefix}zzz`, `${prefix}fresh`] }), ['zzz'])
  })

  test('keys: bounded while active, oldest first; the last one stays', async () => {
    const { merchants } = subject.store
    const agentId = await addMerchant(subject.store)
    assert.equal(await merchants.addKey(sampleKey(agentId, 'key2', { createdAt: start + 1 }), 2, sampleEvent()), 'added')
    assert.equal(await merchants.addKey(sampleKey(agentId, 'key3', { createdAt: start + 2 }), 2, sampleEvent()), 'too-many')
    assert.equal(await merchants.retireKey(agentId, 'key1', start + 3, sampleEvent()), 'retired')
    assert.equal(await merchants.retireKey(agentId, 'key1', start + 3, sampleEvent()), 'not-found')
    assert.equal(await merchants.retireKey(agentId, 'key2', start + 3, sampleEvent()), 'last-key')
    assert.equal(await merchants.retireKey(agentId, 'key9', start + 3, sampleEvent()), 'not-found')
    assert.equal(await merchants.addKey(sampleKey(agentId, 'key3', { createdAt: start + 2 }), 2, sampleEvent()), 'added')
    assert.deepEqual(await keysOf(subject.store, agentId), [
      ['key1', start + 3],
      ['key2', null],
      ['key3', null],
    ])
    const nobody = uniqueName('nobody')
    assert.equal(await merchants.addKey(sampleKey(nobody), 2, sampleEvent()), 'not-found')
    assert.equal(await merchants.retireKey(nobody, 'key1', start, sampleEvent()), 'not-found')
  })

  test('two nodes that add keys at once do not exceed the bound; two that retire leave one', async () => {
    const other = await subject.another()
    const agentId = await addMerchant(subject.store)
    const added = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => [subject.store, other][n % 2]?.merchants.addKey(sampleKey(agentId, `more${n}`), 3, sampleEvent())),
    )
    assert.deepEqual(added.toSorted(), ['added', 'added', 'too-many', 'too-many', 'too-many', 'too-many'])
    const ids = (await keysOf(subject.store, agentId)).map(([id]) => String(id))
    const retired = await Promise.all(
      ids.map((id, n) => [subject.store, other][n % 2]?.merchants.retireKey(agentId, id, start + 1, sampleEvent())),
    )
    assert.deepEqual(retired.toSorted(), ['last-key', 'retired', 'retired'])
  })

  test('[check 87] whether a key may be retired is decided on the current keys, and a refusal retires nothing', async () => {
    const agentId = await addMerchant(subject.store)
    await subject.store.merchants.addKey(sampleKey(agentId, 'key2'), 3, sampleEvent())
    const seen: string[][] = []
    const refusal = new Error('no')
    const refuse = (keys: readonly { id: string }[]) => {
      seen.push(keys.map(({ id }) => id))
      throw refusal
    }
    await assert.rejects(subject.store.merchants.retireKey(agentId, 'key2', start + 1, sampleEvent(), refuse), refusal)
    assert.deepEqual(
      (await keysOf(subject.store, agentId)).filter(([, retiredAt]) => retiredAt !== null),
      [],
    )
    assert.equal(seen[0]?.includes('key2'), true)
  })

  test('two nodes that add one merchant agree', async () => {
    const other = await subject.another()
    for (let round = 0; round < 10; round++) {
      const agentId = uniqueName('agent')
      const outcomes = await Promise.all(
        [subject.store, other].map((store) => store.merchants.add(sampleMerchant(agentId), sampleKey(agentId), sampleEvent())),
      )
      assert.deepEqual(outcomes.toSorted(), ['added', 'exists'])
    }
  })
})

async function keysOf(store: Store, agentId: string) {
  const [merchant] = await store.merchants.load([agentId])
  return merchant?.keys.map(({ id, retiredAt }) => [id, retiredAt]) ?? []
}
