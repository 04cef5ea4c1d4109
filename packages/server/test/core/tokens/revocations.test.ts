import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Revocations } from '../../../src/core/tokens/revocations.ts'
import type { SellerSession, Store } from '../../../src/store/store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

const event = { at: 0, kind: 'test', surface: 'server' } as const

async function addSeller(store: Store, id: string): Promise<void> {
  const seller = {
    id,
    email: `${id}@example.com`,
    passwordHash: 'x',
    status: 'enabled',
    createdAt: 0,
    updatedAt: 0,
    lastLoginAt: null,
    needlessLogins: 0,
    labels: {},
  } as const
  await store.sellers.add(seller, event)
}

async function addFamily(store: Store, sid: string, sellerId: string, now: number, lifeMs = 1_000): Promise<void> {
  const session: SellerSession = {
    sid,
    sellerId,
    refreshHash: Buffer.from(sid.padEnd(32)),
    previousRefreshHash: null,
    issuedAt: now,
    kid: 'k',
    createdAt: now,
    idleExpiresAt: now + 10 * lifeMs,
    absoluteExpiresAt: now + 10 * lifeMs,
    accessExpiresAt: now + lifeMs,
    endedAt: null,
    endReason: null,
    address: null,
  }
  assert.notEqual(await store.sellerSessions.create(session, null), 'refused')
}

eachStore('revocations', (subject) => {
  test('[check 21] ended families are known after a reload, one by one or many at once, and live ones are not listed', async () => {
    const { store } = subject
    const clock = new ManualClock()
    await addSeller(store, 'one')
    const sids = Array.from({ length: 30 }, (_, index) => `one-${index}`)
    for (const sid of sids) await addFamily(store, sid, 'one', clock.now())
    const [few, many, all] = [1, 2, 3].map(() => new Revocations({ store: store.sellerSessions, clock })) as [
      Revocations,
      Revocations,
      Revocations,
    ]
    for (const sid of sids.slice(0, 25)) await store.sellerSessions.end(sid, 'logout', clock.now(), event)
    await few.reload(['one-0', 'one-29', 'unknown'])
    assert.deepEqual([few.isRevoked('one-0'), few.isRevoked('one-29'), few.isRevoked('unknown')], [true, false, false])
    await many.reload(sids)
    await all.reload(['*'])
    for (const revocations of [many, all]) {
      for (const [index, sid] of sids.entries()) assert.equal(revocations.isRevoked(sid), index < 25, sid)
    }
  })

  test('an entry stays while an access token of its family may be valid, and then goes', async () => {
    const clock = new ManualClock()
    const revocations = new Revocations({ store: subject.store.sellerSessions, clock })
    revocations.add('short', clock.now() + 1_000)
    revocations.add('long', clock.now() + 86_400_000)
    // A later entry never shortens an earlier one.
    revocations.add('long', clock.now() + 1)
    clock.advance(120_000)
    revocations.add('another', clock.now() + 1_000)
    assert.deepEqual([revocations.isRevoked('short'), revocations.isRevoked('long')], [false, true])
  })

  test('[check 21] a revoked family is known and listed to the last millisecond of its access tokens', () => {
    const clock = new ManualClock()
    const revocations = new Revocations({ store: subject.store.sellerSessions, clock })
    const expiresAt = clock.now() + 90_000
    revocations.add('first', expiresAt)
    clock.advance(89_999)
    // Adding forgets those that are over.
    revocations.add('second', expiresAt + 60_000)
    assert.equal(revocations.isRevoked('first'), true)
    assert.deepEqual(revocations.list(), [
      ['first', expiresAt],
      ['second', expiresAt + 60_000],
    ])
    clock.advance(1)
    assert.deepEqual(revocations.list(), [['second', expiresAt + 60_000]])
  })
})
