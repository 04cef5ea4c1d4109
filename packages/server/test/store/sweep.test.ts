import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { eachStore } from '../support/stores.ts'
import { addMerchant, addSeller, sampleEvent, sampleLogin, sampleRequest, sampleSellerSession, start } from './samples.ts'

const hour = 3_600_000

eachStore('sweep', (subject) => {
  test('deletes expired rows, in bounded batches, and nothing else [check 80]', async () => {
    const { store } = subject
    const agentId = await addMerchant(store, 'uid001')
    const seller = await addSeller(store)
    const logins = [0, 1, 2, 3].map((n) => {
      const login = sampleLogin({ agentId, userId: 'uid001', token: `t${n}`, lifeMs: n < 3 ? 1000 : 5000 })
      return { ...login, request: { ...login.request, timestamp: start + n, expiresAt: start + n + 2000 } }
    })
    await store.memberSessions.login(logins)
    const dying = { idleExpiresAt: start + 10, absoluteExpiresAt: start + 1000 }
    const sessions = [
      sampleSellerSession(seller.id, { ...dying, accessExpiresAt: start + 1000 }),
      sampleSellerSession(seller.id, { ...dying, accessExpiresAt: start + 1001 }),
      sampleSellerSession(seller.id, { absoluteExpiresAt: start + 1001, accessExpiresAt: start + 10 }),
    ]
    for (const session of sessions) await store.sellerSessions.create(session, null)
    await store.throttles.fail(['gone'], { now: start, tatStepMs: 1, expiresAt: start + 1000 })
    await store.throttles.fail(['stays'], { now: start, tatStepMs: 1, expiresAt: start + 1001 })

    assert.equal(await store.sweep(start + 999, 100), 0)
    assert.equal(await store.sweep(start + 1000, 2), 4, 'two of three member sessions, a seller session, a throttle')
    assert.equal(await store.sweep(start + 1000, 2), 1)
    assert.equal(await store.sweep(start + 1000, 2), 0)
    assert.deepEqual(await rowCount('member_sessions'), 1)
    assert.deepEqual(await rowCount('seller_sessions'), 2)
    assert.deepEqual(
      (await store.throttles.read(['gone', 'stays'])).map(({ key }) => key),
      ['stays'],
    )

    assert.equal(await rowCount('signed_requests'), 4)
    const [first] = logins
    assert.ok(first)
    assert.deepEqual(
      await store.memberSessions.login([{ ...first, now: start + 1500 }]),
      ['refused'],
      'its session is gone, its replay row not',
    )
    await store.sweep(start + 2001, 100)
    assert.equal(await rowCount('signed_requests'), 2, 'those that expired at 2000 and 2001')
  })

  test('the event loop turns between two kinds of rows', async () => {
    const { store } = subject
    const agentId = await addMerchant(store, 'uid001')
    await store.memberSessions.login([sampleLogin({ agentId, userId: 'uid001', token: 'gone', lifeMs: 1000 })])
    await store.throttles.fail(['gone'], { now: start, tatStepMs: 1, expiresAt: start + 1000 })
    const turns: number[] = []
    let isSwept = false
    const count = () => {
      turns.push(turns.length)
      if (!isSwept) setImmediate(count)
    }
    setImmediate(count)
    assert.equal(await store.sweep(start + 1000, 100), 2)
    isSwept = true
    assert.ok(turns.length >= 2, String(turns.length))
  })

  test('keeps replay rows of other windows until they expire [check 32]', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const { members } = subject.store
    const change = { agentId, userId: 'uid001', status: 'Active', now: start } as const
    const early = sampleRequest(agentId, 'early', { timestamp: start - 600_000, expiresAt: start + 5000, endpoint: 'lock' })
    const late = sampleRequest(agentId, 'late', { timestamp: start + 600_000, expiresAt: start + 1_200_000, endpoint: 'lock' })
    for (const request of [early, late]) assert.equal(await members.setStatus(change, request, sampleEvent()), 'done')
    await subject.store.sweep(start + 4999, 100)
    for (const request of [early, late]) assert.equal(await members.setStatus(change, request, sampleEvent()), 'repeated')
    await subject.store.sweep(start + 5000, 100)
    assert.equal(await members.setStatus(change, late, sampleEvent()), 'repeated')
    assert.equal(await members.setStatus(change, early, sampleEvent()), 'done')
  })

  test('changes are deleted after an hour, except the newest, by which a process recognises the store', async () => {
    const { store } = subject
    await addMerchant(store)
    await addMerchant(store)
    await store.sweep(start + hour + 1, 100)
    assert.ok((await store.changes.since(0, 10)).length > 1)
    // Continues a million later.
    await store.changes.resumeAfter(await store.changes.latestSeq(), { at: start, detail: null })
    const latest = await store.changes.latestSeq()
    await store.sweep(start + hour, 100)
    assert.ok((await store.changes.since(0, 10)).length > 1)
    await store.sweep(start + hour + 1, 100)
    assert.deepEqual(
      (await store.changes.since(0, 10)).map(({ seq }) => seq),
      [latest],
    )
    assert.equal(await store.changes.latestSeq(), latest)
  })

  test('two concurrent sweeps delete each row once', async () => {
    const { store } = subject
    const other = await subject.another()
    const agentId = await addMerchant(store, 'uid001')
    await store.sweep(start + 10 * hour, 1000)
    const logins = Array.from({ length: 60 }, (_, n) => sampleLogin({ agentId, userId: 'uid001', token: `n${n}`, lifeMs: 10 }))
    await store.memberSessions.login(logins)
    let swept = 0
    while (swept < 60) for (const count of await Promise.all([store.sweep(start + 10, 7), other.sweep(start + 10, 7)])) swept += count
    assert.equal(swept, 60)
  })

  async function rowCount(table: 'member_sessions' | 'seller_sessions' | 'signed_requests'): Promise<number> {
    const { rows } = await subject.store.database.run((db) =>
      sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db),
    )
    return rows[0]?.count ?? -1
  }
})
