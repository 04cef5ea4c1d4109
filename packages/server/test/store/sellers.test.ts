import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachStore } from '../support/stores.ts'
import { addSeller, sampleEvent, sampleSeller, sampleSellerSession, start, uniqueName } from './samples.ts'

eachStore('sellers', (subject) => {
  test('an added seller is found by ID and by e-mail', async () => {
    const { sellers } = subject.store
    const seller = sampleSeller()
    assert.equal(await sellers.add(seller, sampleEvent()), 'added')
    assert.deepEqual(await sellers.findById(seller.id), seller)
    assert.deepEqual(await sellers.findByEmail(seller.email), seller)
    assert.equal(await sellers.findById(uniqueName('nobody')), null)
    assert.equal(await sellers.findByEmail(uniqueName('nobody')), null)
  })

  test('one e-mail is one account, also from two nodes at once [check 47]', async () => {
    const stores = [subject.store, await subject.another()]
    for (let round = 0; round < 10; round++) {
      const email = `${uniqueName('shared')}@example.com`
      const outcomes = await Promise.all(stores.map((store) => store.sellers.add(sampleSeller({ email }), sampleEvent())))
      assert.deepEqual(outcomes.toSorted(), ['added', 'exists'])
    }
  })

  test('sellers are listed by e-mail, page by page', async () => {
    const { sellers } = subject.store
    for (let n = 0; n < 3; n++) await addSeller(subject.store)
    const all = (await sellers.list({ limit: 1000 })).map(({ email }) => email)
    assert.deepEqual(all, all.toSorted())
    const [first, second] = all
    const page = await sellers.list({ afterEmail: first ?? '', limit: 1 })
    assert.deepEqual(
      page.map(({ email }) => email),
      [second],
    )
  })

  test('disabling ends every session of the seller and no others', async () => {
    const { sellers, sellerSessions, changes } = subject.store
    const seller = await addSeller(subject.store)
    const other = await addSeller(subject.store)
    const mine = [sampleSellerSession(seller.id), sampleSellerSession(seller.id)]
    const theirs = sampleSellerSession(other.id)
    for (const session of [...mine, theirs]) await sellerSessions.create(session, null)
    const seq = await changes.latestSeq()
    assert.equal(await sellers.setStatus(seller.id, 'disabled', start + 1, sampleEvent('seller.disabled', { subject: seller.id })), true)
    for (const { sid } of mine) {
      const session = await sellerSessions.find(sid)
      assert.deepEqual([session?.endedAt, session?.endReason], [start + 1, 'disabled'])
    }
    assert.equal((await sellerSessions.find(theirs.sid))?.endedAt, null)
    assert.deepEqual((await changes.since(seq, 10)).map((change) => `${change.topic} ${change.subject}`).toSorted(), [
      `seller ${seller.id}`,
      ...mine.map(({ sid }) => `seller-session ${sid}`).toSorted(),
    ])
    assert.equal((await subject.store.events.list({ subject: seller.id, limit: 10 })).length, 1)
    const changed = await sellers.findById(seller.id)
    assert.deepEqual([changed?.status, changed?.updatedAt], ['disabled', start + 1])
    assert.equal(await sellers.setStatus(uniqueName('nobody'), 'disabled', start, sampleEvent()), false)
  })

  test('a new password ends every session; a stronger hash of the same one ends none', async () => {
    const { sellers, sellerSessions } = subject.store
    const seller = await addSeller(subject.store)
    const session = sampleSellerSession(seller.id)
    await sellerSessions.create(session, null)
    await sellers.replaceHash(seller.id, '$argon2id$first', '$argon2id$stronger')
    await sellers.replaceHash(seller.id, '$argon2id$first', '$argon2id$late')
    assert.equal((await sellers.findById(seller.id))?.passwordHash, '$argon2id$stronger')
    assert.equal((await sellerSessions.find(session.sid))?.endedAt, null)
    assert.equal(await sellers.setPassword({ id: seller.id, passwordHash: '$argon2id$second', now: start + 1 }, sampleEvent()), true)
    assert.equal((await sellers.findById(seller.id))?.passwordHash, '$argon2id$second')
    assert.equal((await sellerSessions.find(session.sid))?.endReason, 'password')
    assert.equal(await sellers.setPassword({ id: uniqueName('nobody'), passwordHash: '$argon2id$', now: start }, sampleEvent()), false)
  })

  test('a login that verified the old password, or an enabled seller, comes too late [check 20]', async () => {
    const { sellers, sellerSessions } = subject.store
    const seller = await addSeller(subject.store)
    // The change is in the same millisecond as the record's last one, and still counts.
    await sellers.setPassword({ id: seller.id, passwordHash: '$argon2id$second', now: seller.updatedAt }, sampleEvent())
    assert.equal(await sellerSessions.create(sampleSellerSession(seller.id), null, seller.updatedAt), 'refused')
    const current = await sellers.findById(seller.id)
    assert.equal(await sellerSessions.create(sampleSellerSession(seller.id), null, current?.updatedAt), 'created')
    await sellers.setStatus(seller.id, 'disabled', start, sampleEvent())
    assert.equal(await sellerSessions.create(sampleSellerSession(seller.id), null), 'refused')
  })

  test('a new password keeps the session that is named, and fails on a record that is out of date [check 9]', async () => {
    const { sellers, sellerSessions } = subject.store
    const seller = await addSeller(subject.store)
    const sids = ['kept', 'other'].map(() => uniqueName('sid'))
    for (const sid of sids) await sellerSessions.create(sampleSellerSession(seller.id, { sid }), null)
    const change = { id: seller.id, passwordHash: '$argon2id$second', now: start + 1, updatedAt: seller.updatedAt, keptSid: sids[0] ?? '' }
    assert.equal(await sellers.setPassword(change, sampleEvent()), true)
    assert.equal(await sellers.setPassword(change, sampleEvent()), false)
    const ends = await Promise.all(sids.map(async (sid) => (await sellerSessions.find(sid))?.endReason))
    assert.deepEqual(ends, [null, 'password'])
  })

  test('a reset token is used once, is replaced by a newer one, and expires [check 9]', async () => {
    const { sellers } = subject.store
    const seller = await addSeller(subject.store)
    const [older, newer] = [Buffer.from(uniqueName('older')), Buffer.from(uniqueName('newer'))]
    const put = (tokenHash: Uint8Array) =>
      sellers.putPasswordReset({ sellerId: seller.id, tokenHash, expiresAt: start + 10 }, sampleEvent())
    assert.equal(await put(older), true)
    assert.equal(await put(newer), true)
    assert.equal(await sellers.putPasswordReset({ sellerId: 'nobody', tokenHash: older, expiresAt: start }, sampleEvent()), false)
    assert.equal(await sellers.findByPasswordReset(older, start), null)
    assert.equal(await sellers.findByPasswordReset(newer, start + 10), null)
    assert.equal((await sellers.findByPasswordReset(newer, start + 9))?.id, seller.id)
    const use = (tokenHash: Uint8Array, now = start) =>
      sellers.usePasswordReset({ tokenHash, passwordHash: '$argon2id$reset', now }, sampleEvent())
    assert.equal(await use(older), false)
    assert.equal(await use(newer, start + 10), false)
    assert.equal((await sellers.findById(seller.id))?.passwordHash, seller.passwordHash)
    const stores = [subject.store, await subject.another()]
    await put(newer)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        stores[n % 2]?.sellers.usePasswordReset({ tokenHash: newer, passwordHash: `$argon2id$${n}`, now: start }, sampleEvent()),
      ),
    )
    assert.equal(outcomes.filter(Boolean).length, 1)
    assert.equal((await sellers.findById(seller.id))?.passwordHash, `$argon2id$${outcomes.indexOf(true)}`)
    await put(older)
    await sellers.setPassword({ id: seller.id, passwordHash: '$argon2id$set', now: start }, sampleEvent())
    assert.equal(await use(older), false)
    await put(older)
    await subject.store.sweep(start + 10, 100)
    assert.equal(await sellers.findByPasswordReset(older, start), null)
  })

  test('a login records time and address', async () => {
    const { sellers, sellerSessions } = subject.store
    const seller = await addSeller(subject.store)
    const isKnown = async (email: string, addressKey: string) =>
      (await sellers.findForLogin({ email, addressKey, decoyFrom: '' })).isKnownAddress
    assert.equal(await isKnown(seller.email, 'network1'), false)
    await sellerSessions.create(sampleSellerSession(seller.id, { createdAt: start + 7 }), 'network1')
    await sellerSessions.create(sampleSellerSession(seller.id, { createdAt: start + 5 }), 'network1')
    await sellerSessions.create(sampleSellerSession(seller.id, { createdAt: start + 6 }), null)
    assert.equal((await sellers.findById(seller.id))?.lastLoginAt, start + 7)
    assert.equal(await isKnown(seller.email, 'network1'), true)
    assert.equal(await isKnown(seller.email, 'network2'), false)
    assert.equal(await isKnown(uniqueName('nobody'), 'network1'), false)
  })

  test('the decoy hash: of the first seller from an ID on, or of the first of all', async () => {
    const { sellers } = subject.store
    const findHashFrom = async (decoyFrom: string) =>
      (await sellers.findForLogin({ email: uniqueName('nobody'), addressKey: '', decoyFrom })).decoyHash
    await sellers.add(sampleSeller({ id: '-first', passwordHash: 'of the first' }), sampleEvent())
    await sellers.add(sampleSeller({ id: 'zzz', passwordHash: 'of the last' }), sampleEvent())
    assert.equal(await findHashFrom('zzy'), 'of the last')
    assert.equal(await findHashFrom('zzz'), 'of the last')
    assert.equal(await findHashFrom('zzzz'), 'of the first')
  })

  test('logins racing a disabling, on two nodes: no session lives after it [check 20]', async () => {
    const stores = [subject.store, await subject.another()]
    for (let round = 0; round < 10; round++) {
      const seller = await addSeller(subject.store)
      const logins = Array.from({ length: 6 }, (_, n) => stores[n % 2]?.sellerSessions.create(sampleSellerSession(seller.id), null))
      await Promise.all([...logins, stores[round % 2]?.sellers.setStatus(seller.id, 'disabled', start + 1, sampleEvent())])
      const sessions = await subject.store.sellerSessions.listBySeller(seller.id, 100)
      assert.deepEqual(
        sessions.filter(({ endedAt }) => endedAt === null),
        [],
      )
    }
  })
})
