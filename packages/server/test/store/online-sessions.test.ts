import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GuestWrite } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { addMerchant, digest, sampleEvent, sampleLogin, sampleMember, start, uniqueName } from './samples.ts'

function sampleGuest(agentId: string, more: Partial<GuestWrite> = {}): GuestWrite {
  const write = sampleLogin({ agentId, userId: uniqueName('guest'), token: uniqueName('token') })
  return { ...write, request: { ...write.request, endpoint: 'guest_login' }, opaque: { amount: '1000.12' }, ticket: null, ...more }
}

eachStore('guests', (subject) => {
  test('a guest has a session and no member; a repeat is answered while it lives', async () => {
    const { memberSessions, members } = subject.store
    const agentId = await addMerchant(subject.store)
    const guest = sampleGuest(agentId)
    assert.equal(await memberSessions.openGuest(guest), 'accepted')
    assert.equal(await memberSessions.openGuest(guest), 'repeated')
    assert.equal(await memberSessions.openGuest({ ...guest, request: { ...guest.request, unsignedDigest: digest('other') } }), 'refused')
    assert.equal(await members.find(agentId, guest.userId), null)
    const session = await memberSessions.find(guest.tokenHash)
    assert.deepEqual([session?.kind, session?.opaque.amount, session?.userId], ['guest', '1000.12', guest.userId])
    const end = { agentId, userId: guest.userId, reason: 'logout', now: start } as const
    assert.equal(await memberSessions.endByMember(end, null, sampleEvent()), 'done')
    assert.equal(await memberSessions.openGuest(guest), 'refused')
    assert.equal(await memberSessions.endByMember({ ...end, userId: 'nobody' }, null, sampleEvent()), 'not-found')
  })

  test('a guest whose user ID is imported as a locked member has no session left; other guests keep theirs', async () => {
    const { memberSessions, members } = subject.store
    const agentId = await addMerchant(subject.store)
    const guests = [sampleGuest(agentId), sampleGuest(agentId), sampleGuest(agentId)]
    for (const guest of guests) await memberSessions.openGuest(guest)
    const statuses = ['LockAll', 'LockBet'] as const
    const rows = statuses.map((status, index) => sampleMember(agentId, guests[index]?.userId ?? '', { status }))
    const events = rows.map(() => sampleEvent())
    assert.equal(await members.createMany({ agentId, members: rows, now: start }, events), 2)
    const sessions = await Promise.all(guests.map(({ tokenHash }) => memberSessions.find(tokenHash)))
    assert.deepEqual(
      sessions.map((session) => session?.endReason),
      ['lock', null, null],
    )
  })

  test('50 identical guest logins at once over two nodes: one session', async () => {
    const stores = [subject.store, await subject.another()]
    const agentId = await addMerchant(subject.store)
    const guest = sampleGuest(agentId)
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (stores[n % 2] ?? subject.store).memberSessions.openGuest(guest)),
    )
    assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'repeated').length, 49)
  })

  test('a repeat gets a new ticket and voids the previous one', async () => {
    const { memberSessions } = subject.store
    const agentId = await addMerchant(subject.store)
    const guest = sampleGuest(agentId, { ticket: { hash: digest(`${agentId} 1`), expiresAt: start + 60_000 } })
    await memberSessions.openGuest(guest)
    await memberSessions.openGuest({ ...guest, ticket: { hash: digest(`${agentId} 2`), expiresAt: start + 60_000 } })
    assert.equal(await memberSessions.redeemTicket(agentId, digest(`${agentId} 1`), start), null)
    assert.equal((await memberSessions.redeemTicket(agentId, digest(`${agentId} 2`), start))?.userId, guest.userId)
  })

  test('a ticket, new or used, opens only its own merchant’s live session, and only in its time', async () => {
    const { memberSessions } = subject.store
    const [agentId, another] = [await addMerchant(subject.store), await addMerchant(subject.store)]
    const [hash, used] = [digest(`${agentId} ticket`), digest(`${agentId} used`)]
    const ends = { session: start + 10_000, ticket: start + 5_000 }
    const guest = sampleGuest(agentId, { ticket: { hash, expiresAt: ends.ticket }, expiresAt: ends.session })
    await memberSessions.openGuest(guest)
    const redeem = async (merchant: string, now: number) => (await memberSessions.redeemTicket(merchant, hash, now, used))?.userId
    const untimely = async () => [await redeem(another, start), await redeem(agentId, ends.ticket)]
    assert.deepEqual(await untimely(), [undefined, undefined], 'a new one')
    assert.equal(await redeem(agentId, start), guest.userId)
    assert.equal(await redeem(agentId, start), guest.userId, 'again from where it was used')
    assert.deepEqual(await untimely(), [undefined, undefined], 'a used one')
    assert.equal(await memberSessions.redeemTicket(agentId, hash, start, digest('elsewhere')), null)
    await memberSessions.endLive({ agentId }, { reason: 'kick', now: start + 1, limit: 1 }, sampleEvent())
    assert.equal(await redeem(agentId, start + 1), undefined, 'of a session that is over')
    const longer = sampleGuest(agentId, {
      ticket: { hash: digest(`${agentId} longer`), expiresAt: ends.session + 1 },
      expiresAt: ends.session,
    })
    await memberSessions.openGuest(longer)
    const redeemLonger = async (now: number) => (await memberSessions.redeemTicket(agentId, digest(`${agentId} longer`), now, used))?.userId
    assert.equal(await redeemLonger(ends.session), undefined, 'a new one, of a session that ran out')
    assert.equal(await redeemLonger(start), longer.userId)
    assert.equal(await redeemLonger(ends.session), undefined, 'a used one, of a session that ran out')
  })
})

eachStore('sessions of a merchant', (subject) => {
  test('kick ends by member and by merchant, a batch at a time, counted in its event', async () => {
    const { memberSessions, changes, events } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002', 'uid003')
    const logins = ['uid001', 'uid001', 'uid002', 'uid003'].map((userId, n) => sampleLogin({ agentId, userId, token: `${n}` }))
    await memberSessions.login([...logins, sampleLogin({ agentId, userId: 'uid003', token: 'gone', lifeMs: 1 })])
    const bystander = await addMerchant(subject.store, 'uid001')
    await memberSessions.login([sampleLogin({ agentId: bystander, userId: 'uid001', token: '0' })])
    await memberSessions.enter(logins[2]?.tokenHash ?? digest(''), start + 1)

    const seq = await changes.latestSeq()
    const end = { reason: 'kick', now: start + 2, limit: 2 } as const
    const event = sampleEvent('member.kicked', { agentId })
    const byMember = await memberSessions.endLive({ agentId, userId: 'uid002' }, end, event)
    assert.deepEqual(
      byMember.map(({ userId, endReason, enteredAt }) => [userId, endReason, enteredAt]),
      [['uid002', 'kick', start + 1]],
    )
    const first = await memberSessions.endLive({ agentId }, end, event)
    const second = await memberSessions.endLive({ agentId, fromUserId: first.at(-1)?.userId ?? '' }, end, event)
    assert.deepEqual([...first, ...second].map(({ userId }) => userId).toSorted(), ['uid001', 'uid001', 'uid003'])
    assert.deepEqual(await memberSessions.endLive({ agentId }, end, event), [])
    assert.deepEqual(
      (await events.list({ kind: 'member.kicked', agentId, limit: 10 })).map(({ count }) => count),
      [1, 2, 1],
    )
    assert.equal((await changes.since(seq, 10)).filter(({ topic }) => topic === 'member-session').length, 4)
    assert.equal((await memberSessions.listLive(bystander, 'uid001', start + 2)).length, 1)
  })

  test('an end is acknowledged only when there is one', async () => {
    const { memberSessions } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001')
    const { tokenHash, ...rest } = sampleLogin({ agentId, userId: 'uid001', token: 'one' })
    await memberSessions.login([{ tokenHash, ...rest }])
    assert.equal(await memberSessions.acknowledgeEnd(tokenHash, start), false)
    await memberSessions.endLive({ agentId }, { reason: 'kick', now: start + 1, limit: 1 }, sampleEvent())
    assert.equal(await memberSessions.acknowledgeEnd(tokenHash, start + 2), true)
    assert.equal((await memberSessions.find(tokenHash))?.endAcknowledgedAt, start + 2)
    assert.equal(await memberSessions.enter(tokenHash, start + 3), null)
    assert.equal(await memberSessions.acknowledgeEnd(digest('unknown'), start), false)
  })

  test('the online list is ordered by user, and counted by platform, currency and game', async () => {
    const { memberSessions } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    const one = sampleLogin({ agentId, userId: 'uid001', token: 'one', gameCode: '101' })
    const two = { ...sampleLogin({ agentId, userId: 'uid002', token: 'two', gameCode: '101' }), platform: 'ios', currency: 'USD' }
    const three = sampleLogin({ agentId, userId: 'uid001', token: 'three', gameCode: '101' })
    const over = sampleLogin({ agentId, userId: 'uid002', token: 'over', lifeMs: 5 })
    await memberSessions.login([one, two, three, over])
    await memberSessions.openGuest(sampleGuest(agentId, { userId: 'a_guest' }))
    assert.deepEqual((await memberSessions.countOnline([agentId], start + 5))[0], {
      agentId,
      users: 3,
      sorts: [
        { platform: 'h5', currency: 'VND2', gameCode: null, count: 1 },
        { platform: 'h5', currency: 'VND2', gameCode: '101', count: 2 },
        { platform: 'ios', currency: 'USD', gameCode: '101', count: 1 },
      ],
      isComplete: true,
    })
    const another = await addMerchant(subject.store, 'uid003')
    await memberSessions.login([sampleLogin({ agentId: another, userId: 'uid003', token: 'other' })])
    const bounded = await memberSessions.countOnline([agentId, another, 'nosuch'], start + 5, 2)
    assert.deepEqual(
      bounded.map((row) => [row.users, row.sorts.length, row.isComplete]),
      [
        [2, 2, false],
        [1, 1, true],
        [0, 0, true],
      ],
    )
    assert.deepEqual(await memberSessions.countAllOnline([agentId, another], start + 5, 5), { sessions: 5, isComplete: true })
    assert.deepEqual(await memberSessions.countAllOnline([another], start + 5, 5), { sessions: 1, isComplete: true })
    assert.equal((await memberSessions.countAllOnline(null, start + 5, 1)).isComplete, false)
    const all = await memberSessions.countAllOnline(null, start + 5, 1_000)
    assert.ok(all.isComplete && all.sessions >= 5)
    const first = await memberSessions.listOnline(agentId, { now: start + 5, limit: 3 })
    const second = await memberSessions.listOnline(agentId, { now: start + 5, limit: 3, after: first.at(-1) })
    assert.deepEqual(
      [...first, ...second].map(({ userId }) => userId),
      ['a_guest', 'uid001', 'uid001', 'uid002'],
    )
  })

  test('erase: the member is removed, its sessions keep only user_id and times, and their tokens stay refused', async () => {
    const { memberSessions, members, changes, events } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    const login = {
      ...sampleLogin({ agentId, userId: 'uid001', token: 'one', gameCode: '101' }),
      opaque: { callback: 'https://a.example/', limits: {} },
    }
    const other = sampleLogin({ agentId, userId: 'uid002', token: 'two' })
    await memberSessions.login([login, other])
    const seq = await changes.latestSeq()
    assert.equal(await members.erase({ agentId, userId: 'uid001', now: start + 1 }, sampleEvent('member.erased', { agentId })), 'erased')
    assert.equal(await members.find(agentId, 'uid001'), null)
    const session = await memberSessions.find(login.tokenHash)
    assert.deepEqual([session?.endReason, session?.platform, session?.language, session?.opaque], ['erased', '', '', {}])
    assert.deepEqual(
      (await changes.since(seq, 10)).map(({ topic }) => topic),
      ['member-session', 'member'],
    )
    assert.equal((await events.list({ kind: 'member.erased', agentId, limit: 10 })).length, 1)
    assert.deepEqual(await memberSessions.login([login]), ['member-not-found'])
    assert.equal((await memberSessions.find(other.tokenHash))?.platform, 'h5')
    assert.equal(await members.erase({ agentId, userId: 'nobody', now: start }, sampleEvent()), 'not-found')
  })

  test('update sets the given fields and leaves the rest; a repeat does nothing', async () => {
    const { members } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001')
    const change = { agentId, userId: 'uid001', now: start + 1 }
    assert.equal(await members.update({ ...change, desc: 'first' }, null, sampleEvent()), 'done')
    const request = { ...sampleLogin({ agentId, userId: 'uid001', token: 'x' }).request, endpoint: 'update' }
    assert.equal(await members.update({ ...change, userName: 'Name' }, request, sampleEvent()), 'done')
    await members.update({ ...change, userName: 'Later', desc: '' }, null, sampleEvent())
    assert.equal(await members.update({ ...change, userName: 'Name' }, request, sampleEvent()), 'repeated')
    const member = await members.find(agentId, 'uid001')
    assert.deepEqual([member?.userName, member?.desc, member?.updatedAt], ['Later', '', start + 1])
    assert.equal(await members.update({ ...change, userId: 'nobody' }, null, sampleEvent()), 'not-found')
  })

  test('key uses: the latest is kept, and the keys are otherwise unchanged', async () => {
    const { merchants } = subject.store
    const agentId = await addMerchant(subject.store)
    const lastUsed = async () => (await merchants.load([agentId]))[0]?.keys.map(({ id, lastUsedAt }) => [id, lastUsedAt])
    assert.deepEqual(await lastUsed(), [['key1', null]])
    await merchants.noteKeyUses([
      { agentId, keyId: 'key1', at: start + 5 },
      { agentId, keyId: 'gone', at: start },
    ])
    await merchants.noteKeyUses([{ agentId, keyId: 'key1', at: start + 4 }])
    assert.deepEqual(await lastUsed(), [['key1', start + 5]])
  })
})
