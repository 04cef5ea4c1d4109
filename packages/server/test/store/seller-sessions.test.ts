import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefreshRotation, Store } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { addSeller, digest, sampleEvent, sampleSellerSession, start, uniqueName } from './samples.ts'

const graceMs = 60_000
const unseenGraceMs = 3_600_000

eachStore('seller sessions', (subject) => {
  const begin = async (store: Store = subject.store) => {
    const seller = await addSeller(store)
    const session = sampleSellerSession(seller.id)
    assert.equal(await store.sellerSessions.create(session, null), 'created')
    return { seller, sid: session.sid, session }
  }

  test('a created session is stored as given', async () => {
    const { session } = await begin()
    assert.deepEqual(plain(await subject.store.sellerSessions.find(session.sid)), plain(session))
    assert.equal(await subject.store.sellerSessions.find(uniqueName('nobody')), null)
  })

  test('the newest token rotates; within the grace its predecessor gets the successor again [check 18]', async () => {
    const { sid } = await begin()
    const first = await rotate(subject.store, sid, 0, { now: start + 1000, issuedAt: start + 1000, kid: 'kid2' })
    assert.equal(first.kind, 'rotated')
    const again = await rotate(subject.store, sid, 0, { now: start + 1000 + graceMs, issuedAt: start + 9000, kid: 'kid3' })
    assert.equal(again.kind, 'again')
    assert.ok('session' in first && 'session' in again)
    assert.deepEqual(plain(again.session), plain(first.session))
    assert.deepEqual([first.session.kid, first.session.issuedAt], ['kid2', start + 1000])
    assert.deepEqual(first.session.previousRefreshHash && [...first.session.previousRefreshHash], [...digest('refresh 0')])
    assert.equal((await rotate(subject.store, sid, 1, { now: start + 2000 })).kind, 'rotated')
  })

  test('after the grace the predecessor still gets it while the access token issued with it has not been presented [check 19]', async () => {
    const { sellerSessions } = subject.store
    const note = (sid: string, n: number) => sellerSessions.noteAccessTokenUses([{ sid, accessHash: digest(`access ${n}`) }])
    const { sid, seller } = await begin()
    // The first pair has no predecessor, and the pair before the newest does not matter.
    await note(sid, 0)
    await rotate(subject.store, sid, 0, { now: start + 1 })
    await note(sid, 1)
    await rotate(subject.store, sid, 1, { now: start + 2 })
    assert.equal((await rotate(subject.store, sid, 1, { now: start + 2 + unseenGraceMs })).kind, 'again')
    // Several families at once, in any order, including unknown ones.
    const other = sampleSellerSession(seller.id)
    await sellerSessions.create(other, null)
    await rotate(subject.store, other.sid, 0, { now: start + 2 })
    const uses = [uniqueName('sid'), other.sid, sid].map((one) => ({ sid: one, accessHash: digest(one === sid ? 'access 2' : 'access 1') }))
    await Promise.all([sellerSessions.noteAccessTokenUses(uses), sellerSessions.noteAccessTokenUses(uses.toReversed())])
    await sellerSessions.noteAccessTokenUses([])
    assert.equal((await rotate(subject.store, sid, 1, { now: start + 2 + graceMs })).kind, 'again')
    assert.equal((await rotate(subject.store, sid, 1, { now: start + 2 + graceMs + 1 })).kind, 'reused')
    assert.equal((await rotate(subject.store, other.sid, 0, { now: start + 2 + graceMs + 1 })).kind, 'reused')
  })

  test('the predecessor after both graces, or anything older: the family ends [check 19]', async () => {
    for (const { presented, now } of [
      { presented: 1, now: start + 2 + unseenGraceMs + 1 },
      { presented: 0, now: start + 3 },
    ]) {
      const { sid, seller } = await begin()
      await rotate(subject.store, sid, 0, { now: start + 1 })
      await rotate(subject.store, sid, 1, { now: start + 2 })
      const seq = await subject.store.changes.latestSeq()
      assert.deepEqual(await rotate(subject.store, sid, presented, { now }), { kind: 'reused' })
      const session = await subject.store.sellerSessions.find(sid)
      assert.deepEqual([session?.endedAt, session?.endReason], [now, 'reuse'])
      assert.deepEqual(
        (await subject.store.changes.since(seq, 10)).map((change) => change.subject),
        [sid],
      )
      assert.equal((await subject.store.events.list({ kind: 'seller.refresh_reused', subject: sid, limit: 10 })).length, 1)
      for (const token of [0, 1, 2]) assert.deepEqual(await rotate(subject.store, sid, token, { now: now + 1 }), { kind: 'dead' })
      assert.equal((await subject.store.events.list({ kind: 'seller.refresh_reused', subject: sid, limit: 10 })).length, 1)
      assert.equal((await subject.store.sellerSessions.listBySeller(seller.id, 10)).length, 1)
    }
  })

  test('unknown, ended and expired families are dead [check 17]', async () => {
    const { sid, session } = await begin()
    assert.deepEqual(await rotate(subject.store, uniqueName('sid'), 0), { kind: 'dead' })
    assert.deepEqual(await rotate(subject.store, sid, 0, { now: session.idleExpiresAt }), { kind: 'dead' })
    const far = session.absoluteExpiresAt
    assert.equal((await rotate(subject.store, sid, 0, { now: start + 1, idleExpiresAt: far + 1 })).kind, 'rotated')
    assert.deepEqual(await rotate(subject.store, sid, 1, { now: far }), { kind: 'dead' })
    assert.equal((await rotate(subject.store, sid, 1, { now: far - 1, idleExpiresAt: far + 1 })).kind, 'rotated')
    await subject.store.sellerSessions.end(sid, 'logout', far - 1, sampleEvent())
    assert.deepEqual(await rotate(subject.store, sid, 2, { now: far - 1 }), { kind: 'dead' })
  })

  test('a batch: each family separately, answered in order', async () => {
    const [newest, older, ended] = [await begin(), await begin(), await begin()]
    await rotate(subject.store, older.sid, 0)
    await subject.store.sellerSessions.end(ended.sid, 'logout', start, sampleEvent())
    const sids = [older.sid, ended.sid, newest.sid, uniqueName('sid')]
    const expiries = await subject.store.sellerSessions.rotate(sids.map((sid) => sampleRotation(sid, 0)))
    assert.deepEqual(expiries, [null, null, newest.session.absoluteExpiresAt, null])
    assert.deepEqual(await subject.store.sellerSessions.rotate([]), [])
  })

  test('batches of the same families in opposite orders, on two nodes: each family rotates once, without a deadlock', async () => {
    const stores = [subject.store, await subject.another()] as const
    const sids: string[] = []
    for (let n = 0; n < 20; n++) sids.push((await begin()).sid)
    for (let round = 0; round < 10; round++) {
      const batch = sids.map((sid) => sampleRotation(sid, round))
      const [left, right] = await Promise.all([
        stores[0].sellerSessions.rotate(batch),
        stores[1].sellerSessions.rotate(batch.toReversed()).then((expiries) => expiries.toReversed()),
      ])
      for (const [n] of sids.entries()) assert.equal([left[n], right[n]].filter((expiry) => expiry !== null).length, 1)
    }
  })

  test('the latest expiry of an access token only moves forward', async () => {
    const { sid, session } = await begin()
    const rotated = await rotate(subject.store, sid, 0, { accessExpiresAt: session.accessExpiresAt - 1 })
    assert.ok('session' in rotated)
    assert.equal(rotated.session.accessExpiresAt, session.accessExpiresAt)
  })

  test('end: once; endBySeller: what still lives; listRevoked: while an access token may', async () => {
    const { sellerSessions } = subject.store
    const { sid, seller, session } = await begin()
    const second = sampleSellerSession(seller.id, { createdAt: start + 1 })
    await sellerSessions.create(second, null)
    assert.equal(await sellerSessions.end(sid, 'logout', start + 2, sampleEvent()), true)
    assert.equal(await sellerSessions.end(sid, 'logout', start + 3, sampleEvent()), false)
    assert.equal(await sellerSessions.endBySeller(seller.id, 'operator', start + 4, sampleEvent()), 1)
    assert.equal(await sellerSessions.endBySeller(seller.id, 'operator', start + 5, sampleEvent()), 0)
    const sessions = await sellerSessions.listBySeller(seller.id, 10)
    assert.deepEqual(
      sessions.map(({ sid, endedAt, endReason }) => [sid, endedAt, endReason]),
      [
        [second.sid, start + 4, 'operator'],
        [sid, start + 2, 'logout'],
      ],
    )
    assert.equal((await sellerSessions.listBySeller(seller.id, 1)).length, 1)
    const revoked = (await sellerSessions.listRevoked(start)).filter((one) => one.sid === sid)
    assert.deepEqual(revoked, [{ sid, accessExpiresAt: session.accessExpiresAt }])
    const later = await sellerSessions.listRevoked(session.accessExpiresAt)
    assert.deepEqual(
      later.filter((one) => one.sid === sid),
      [],
    )
  })

  test('a family whose access token outlasts it can still be ended; one without a valid token cannot', async () => {
    const seller = await addSeller(subject.store)
    const { sellerSessions, sellers } = subject.store
    const outlasting = { absoluteExpiresAt: start + 10, accessExpiresAt: start + 20 }
    const sids = []
    for (let n = 0; n < 2; n++) {
      const session = sampleSellerSession(seller.id, outlasting)
      await sellerSessions.create(session, null)
      sids.push(session.sid)
    }
    assert.equal(await sellerSessions.end(sids[0] ?? '', 'logout', start + 20, sampleEvent()), false)
    assert.equal(await sellerSessions.end(sids[0] ?? '', 'logout', start + 19, sampleEvent()), true)
    await sellers.setStatus(seller.id, 'disabled', start + 19, sampleEvent())
    const revoked = (await sellerSessions.listRevoked(start + 19)).map(({ sid }) => sid)
    assert.deepEqual(
      sids.filter((sid) => revoked.includes(sid)),
      sids,
    )
  })

  test('64 parallel refreshes of one token on two nodes: one successor, all get it [check 18]', async () => {
    const stores = [subject.store, await subject.another()] as const
    for (let round = 0; round < 3; round++) {
      const { sid } = await begin()
      const outcomes = await Promise.all(
        Array.from({ length: 64 }, (_, n) => rotate(n % 2 ? stores[0] : stores[1], sid, 0, { issuedAt: start + n * 1000, kid: `kid${n}` })),
      )
      assert.equal(outcomes.filter(({ kind }) => kind === 'rotated').length, 1)
      assert.equal(outcomes.filter(({ kind }) => kind === 'again').length, 63)
      const sessions = new Set(outcomes.map((outcome) => JSON.stringify('session' in outcome && plain(outcome.session))))
      assert.equal(sessions.size, 1)
    }
  })

  test('refreshes racing a logout: nothing rotates after it [check 20]', async () => {
    const stores = [subject.store, await subject.another()] as const
    for (let round = 0; round < 10; round++) {
      const { sid } = await begin()
      let isEnded = false
      const refresh = async (store: Store) => {
        const wasEnded = isEnded
        const { kind } = await rotate(store, sid, 0)
        if (wasEnded) assert.equal(kind, 'dead')
      }
      const end = async () => {
        assert.equal(await stores[round % 2]?.sellerSessions.end(sid, 'logout', start + 1, sampleEvent()), true)
        isEnded = true
        await refresh(stores[1])
      }
      await Promise.all([refresh(stores[0]), refresh(stores[1]), end(), refresh(stores[0])])
      assert.equal((await subject.store.sellerSessions.find(sid))?.endReason, 'logout')
    }
  })
})

/** Presents refresh token number `n`, whose successor is number n + 1; returns the row afterwards where the token was accepted. */
async function rotate(store: Store, sid: string, n: number, more: Partial<RefreshRotation> = {}) {
  const rotation = sampleRotation(sid, n, more)
  const [absoluteExpiresAt] = await store.sellerSessions.rotate([rotation])
  if (absoluteExpiresAt === null) {
    const token = { ...rotation, successorAccessHash: digest(`access ${n + 1}`), graceMs, unseenGraceMs }
    return store.sellerSessions.judgeOlder(token, sampleEvent('seller.refresh_reused', { subject: sid }))
  }
  const session = (await store.sellerSessions.find(sid)) ?? assert.fail()
  assert.equal(session.absoluteExpiresAt, absoluteExpiresAt)
  return { kind: 'rotated', session } as const
}

function sampleRotation(sid: string, n: number, more: Partial<RefreshRotation> = {}): RefreshRotation {
  return {
    sid,
    presentedHash: digest(`refresh ${n}`),
    successorHash: digest(`refresh ${n + 1}`),
    now: start,
    issuedAt: start,
    kid: 'kid1',
    idleExpiresAt: start + 7 * 86_400_000,
    accessExpiresAt: start + 86_400_000,
    ...more,
  }
}

/** Bytes as plain numbers: drivers return Buffer or Uint8Array. */
function plain(value: object | null) {
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, field]) => [name, field instanceof Uint8Array ? [...field] : field]))
}
