import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Catalogue, SigningKeyRecord } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { digest, sampleEvent, start, uniqueName } from './samples.ts'

eachStore('throttles', (subject) => {
  const failure = { now: start, tatStepMs: 1000, expiresAt: start + 60_000 }

  test('a failure can count several times', async () => {
    const { throttles } = subject.store
    for (const count of [99, 1]) await throttles.fail(['many'], { now: 5, tatStepMs: 0, expiresAt: 10, count })
    assert.deepEqual(await throttles.read(['many']), [{ key: 'many', failures: 100, lastFailedAt: 5, tat: 5 }])
  })

  test('a failure counts once for each key', async () => {
    const { throttles } = subject.store
    const [account, address] = [uniqueName('account'), uniqueName('address')] as const
    assert.deepEqual(await throttles.read([account, address]), [])
    await throttles.fail([address, account, account], failure)
    await throttles.fail([account], { now: start + 200, tatStepMs: 1000, expiresAt: start + 60_200 })
    assert.deepEqual(await throttles.read([account, address]), [
      { key: account, failures: 2, lastFailedAt: start + 200, tat: start + 2000 },
      { key: address, failures: 1, lastFailedAt: start, tat: start + 1000 },
    ])
    await throttles.fail([account], { now: start + 9000, tatStepMs: 1000, expiresAt: start + 69_000 })
    assert.equal((await throttles.read([account]))[0]?.tat, start + 10_000, 'an arrival after tat starts from now')
    await throttles.clear([account])
    assert.deepEqual(
      (await throttles.read([account, address])).map(({ key }) => key),
      [address],
    )
    await throttles.fail([], failure)
    await throttles.clear([])
    assert.deepEqual(await throttles.read([]), [])
  })

  test('an expired row starts again from one, swept or not', async () => {
    const key = uniqueName('account')
    await subject.store.throttles.fail([key], failure)
    await subject.store.throttles.fail([key], { ...failure, now: failure.expiresAt, expiresAt: failure.expiresAt + 60_000 })
    assert.equal((await subject.store.throttles.read([key]))[0]?.failures, 1)
  })

  test('100 parallel guesses on two nodes count as 100 [check 8]', async () => {
    const stores = [subject.store, await subject.another()]
    const keys = [uniqueName('account'), uniqueName('address')]
    await Promise.all(Array.from({ length: 100 }, (_, n) => stores[n % 2]?.throttles.fail(n % 3 ? keys : keys.toReversed(), failure)))
    for (const { failures, tat } of await subject.store.throttles.read(keys)) {
      assert.deepEqual([failures, tat], [100, start + 100_000])
    }
  })
})

eachStore('signing keys', (subject) => {
  test('two nodes in their first run agree on one key', async () => {
    const other = await subject.another()
    assert.deepEqual(await subject.store.signingKeys.list(), [])
    const keys = ['left', 'right'].map((kid) => signingKey(kid))
    const held = await Promise.all(
      keys.map((key, node) =>
        (node ? other : subject.store).signingKeys.addFirst(key, sampleEvent('signing_key.created', { subject: key.kid })),
      ),
    )
    assert.deepEqual(
      held.map((list) => list.map(({ kid }) => kid)),
      Array(2).fill(held[0]?.map(({ kid }) => kid)),
    )
    assert.equal(held[0]?.length, 1)
    const [key] = await subject.store.signingKeys.list()
    assert.deepEqual(
      { ...key, sealedPrivate: [...(key?.sealedPrivate ?? [])] },
      { ...signingKey(key?.kid ?? ''), sealedPrivate: [...digest('private')] },
    )
    assert.deepEqual(
      (await subject.store.changes.since(0, 10)).map(({ topic, subject: about }) => [topic, about]),
      [['signing-key', key?.kid]],
    )
    assert.equal((await subject.store.events.list({ kind: 'signing_key.created', limit: 10 })).length, 1)
  })
})

eachStore('catalogue', (subject) => {
  const catalogue: Catalogue = {
    games: [
      { gameId: '101', names: { en: 'Baccarat', 'zh-CN': '百家乐' } },
      { gameId: '102', names: {} },
    ],
    tables: [{ gameId: '101', instId: 'DYfsRc', names: { en: 'Table 1' }, status: 1 }],
    limits: [
      { redId: '110101', gameId: '101', currency: 'USD', minLimit: '1', maxLimit: '100.50', seq: 1, status: 1 },
      { redId: '110103', gameId: '101', currency: 'USD', minLimit: '1', maxLimit: '100', seq: 2, status: 0 },
      { redId: '110102', gameId: '101', currency: 'USD', minLimit: '1', maxLimit: '100', seq: 10, status: 1 },
      { redId: '110101', gameId: '101', currency: 'VND', minLimit: '1000', maxLimit: '2000', seq: 1, status: 1 },
    ],
  }

  test('load returns exactly what replace stored', async () => {
    const { catalogue: store } = subject.store
    assert.deepEqual(await store.load(), { games: [], tables: [], limits: [] })
    await store.replace(catalogue, sampleEvent('catalogue.replaced'))
    assert.deepEqual(await store.load(), catalogue)
    const many = Array.from({ length: 2500 }, (_, n) => ({ gameId: String(10_000 + n), names: {} }))
    await store.replace({ games: many, tables: [], limits: [] }, sampleEvent('catalogue.replaced'))
    assert.deepEqual(await store.load(), { games: many, tables: [], limits: [] })
    assert.deepEqual(
      (await subject.store.changes.since(0, 10)).map(({ topic, subject: about }) => [topic, about]),
      Array(2).fill(['catalogue', '*']),
    )
  })

  test('two concurrent imports: one of them, completely', async () => {
    const other = await subject.another()
    const second: Catalogue = { games: [{ gameId: '999', names: {} }], tables: [], limits: [] }
    for (let round = 0; round < 5; round++) {
      await Promise.all([subject.store.catalogue.replace(catalogue, sampleEvent()), other.catalogue.replace(second, sampleEvent())])
      const loaded = await subject.store.catalogue.load()
      assert.deepEqual(loaded, loaded.games.length === 1 ? second : catalogue)
    }
  })

  test('a catalogue that cannot be written leaves the old one in place', async () => {
    await subject.store.catalogue.replace(catalogue, sampleEvent())
    const twice = { ...catalogue, games: [...catalogue.games, ...catalogue.games] }
    await assert.rejects(subject.store.catalogue.replace(twice, sampleEvent()))
    assert.deepEqual(await subject.store.catalogue.load(), catalogue)
  })
})

eachStore('events and changes', (subject) => {
  test('events are listed newest first, by kind, merchant and subject', async () => {
    const { events } = subject.store
    const agentId = uniqueName('agent')
    const full = {
      at: start,
      kind: 'member.locked',
      surface: 'member-api',
      agentId,
      subject: 'uid001',
      address: '::1',
      requestId: 'r1',
      code: '200',
      count: 3,
      details: { status: 'LockAll', nested: [1, null] },
    } as const
    await events.append([full, sampleEvent('member.created', { agentId }), sampleEvent('member.locked', { agentId, subject: 'uid002' })])
    await events.append([])
    const all = await events.list({ agentId, limit: 10 })
    assert.deepEqual(
      all.map(({ kind, subject: about }) => [kind, about]),
      [
        ['member.locked', 'uid002'],
        ['member.created', undefined],
        ['member.locked', 'uid001'],
      ],
    )
    assert.deepEqual(all[2], { ...full, id: all[2]?.id, actor: `merchant:${agentId}` }, "the surface's own caller, where nobody is named")
    assert.equal(all[1]?.count, 1)
    assert.equal((await events.list({ agentId, kind: 'member.locked', subject: 'uid001', limit: 10 })).length, 1)
    assert.equal((await events.list({ agentId, limit: 2 })).length, 2)
  })

  test('refused input may be any text', async () => {
    const kind = uniqueName('test')
    await subject.store.events.append([sampleEvent(kind, { subject: 'a\0b\uD800c', details: { text: '\0\uD800' } })])
    const [event] = await subject.store.events.list({ kind, limit: 1 })
    assert.deepEqual([event?.subject, event?.details], ['a\uFFFDb\uFFFDc', { text: '\0\uD800' }])
  })

  test('no row can be changed or deleted, not even manually', async () => {
    const kind = uniqueName('test')
    await subject.store.events.append([sampleEvent(kind)])
    const statements = [`update events set kind = 'other'`, 'delete from events']
    if (subject.store.dialect === 'postgres') statements.push('truncate events')
    for (const statement of statements) {
      await assert.rejects(
        subject.store.database.run((db) => sql.raw(statement).execute(db)),
        /events are append-only/,
      )
    }
    assert.equal((await subject.store.events.list({ kind, limit: 10 })).length, 1)
  })

  test('changes are returned in order, after a number, up to a limit', async () => {
    const { changes, catalogue } = subject.store
    const empty: Catalogue = { games: [], tables: [], limits: [] }
    const first = await changes.latestSeq()
    for (let n = 0; n < 3; n++) await catalogue.replace(empty, sampleEvent())
    const some = await changes.since(first, 2)
    assert.equal(some.length, 2)
    const rest = await changes.since(some[1]?.seq ?? 0, 2)
    assert.equal(rest.length, 1)
    assert.equal(rest[0]?.seq, await changes.latestSeq())
    assert.deepEqual(await changes.since(await changes.latestSeq(), 10), [])
  })

  test('meta: absent, written once, the first value stays', async () => {
    const { meta } = subject.store
    const name = uniqueName('name')
    assert.equal(await meta.find(name), null)
    assert.deepEqual([...(await meta.putIfAbsent(name, digest('one')))], [...digest('one')])
    assert.deepEqual([...(await meta.putIfAbsent(name, digest('two')))], [...digest('one')])
    assert.deepEqual([...((await meta.find(name)) ?? [])], [...digest('one')])
  })
})

function signingKey(kid: string): SigningKeyRecord {
  const times = { createdAt: start, activeAt: start, retiredAt: null, tokenLifeMs: 1_000 }
  return { kid, publicJwk: '{"kty":"RSA"}', sealedPrivate: digest('private'), ...times, epoch: kid }
}

eachStore('the policy of approvals', (subject) => {
  test('[check 94] it is changed only by whoever has read it as it is', async () => {
    const { proposals } = subject.store
    const policy = (updatedAt: number) => ({ operations: ['merchant.disable'], agentIds: null, updatedAt }) as const
    assert.equal(await proposals.setPolicy(policy(start), 0, sampleEvent()), true)
    assert.equal(await proposals.setPolicy({ ...policy(start + 1), operations: [] }, 0, sampleEvent()), false)
    assert.deepEqual(await proposals.findPolicy(), policy(start))
    assert.equal(await proposals.setPolicy(policy(start + 1), start, sampleEvent()), true)
  })
})
