import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachStore } from '../support/stores.ts'
import { addMerchant, digest, sampleEvent, sampleLogin, sampleMember, sampleRequest, start, uniqueName } from './samples.ts'

eachStore('members', (subject) => {
  test('a created member is stored as given', async () => {
    const agentId = await addMerchant(subject.store)
    const member = sampleMember(agentId, 'uid001', { userName: 'name_1', desc: 'a test user' })
    assert.equal(await subject.store.members.create(member, null, sampleEvent()), 'done')
    assert.deepEqual(await subject.store.members.find(agentId, 'uid001'), member)
    assert.equal(await subject.store.members.find(agentId, 'UID001'), null)
    assert.equal(await subject.store.members.find(uniqueName('agent'), 'uid001'), null)
  })

  test('create: exists, repeated, reused', async () => {
    const { members } = subject.store
    const agentId = await addMerchant(subject.store)
    const member = sampleMember(agentId, 'uid001')
    const request = sampleRequest(agentId, 'create', { endpoint: 'create' })
    assert.equal(await members.create(member, request, sampleEvent('member.created', { agentId })), 'done')
    assert.equal(await members.create(member, request, sampleEvent('member.created', { agentId })), 'repeated')
    assert.equal(await members.create(member, sampleRequest(agentId, 'another'), sampleEvent('member.created', { agentId })), 'exists')
    assert.equal(await members.create(member, { ...request, endpoint: 'lock' }, sampleEvent()), 'reused')
    assert.equal(await members.create(member, { ...request, unsignedDigest: digest('other') }, sampleEvent()), 'reused')
    assert.equal((await subject.store.events.list({ kind: 'member.created', agentId, limit: 10 })).length, 1)
  })

  test('a failed request is not remembered: it may succeed later', async () => {
    const { members } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001')
    const request = sampleRequest(agentId, 'lock', { endpoint: 'lock' })
    const change = { agentId, userId: 'uid002', status: 'LockBet', now: start } as const
    assert.equal(await members.setStatus(change, request, sampleEvent()), 'not-found')
    await members.create(sampleMember(agentId, 'uid002'), null, sampleEvent())
    assert.equal(await members.setStatus(change, request, sampleEvent()), 'done')
  })

  test('a captured Active does not undo a later LockAll [check 32]', async () => {
    const { members } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001')
    const change = { agentId, userId: 'uid001', now: start + 1 }
    const request = sampleRequest(agentId, 'activate', { endpoint: 'lock' })
    assert.equal(await members.setStatus({ ...change, status: 'Active' }, request, sampleEvent()), 'done')
    assert.equal(await members.setStatus({ ...change, status: 'LockAll' }, sampleRequest(agentId, 'lock'), sampleEvent()), 'done')
    assert.equal(await members.setStatus({ ...change, status: 'Active' }, request, sampleEvent()), 'repeated')
    assert.equal((await members.find(agentId, 'uid001'))?.status, 'LockAll')
  })

  test('LockAll ends the live sessions, LockBet none', async () => {
    const { members, memberSessions, changes } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    const mine = [sampleLogin({ agentId, userId: 'uid001', token: 'one' }), sampleLogin({ agentId, userId: 'uid001', token: 'two' })]
    const expired = sampleLogin({ agentId, userId: 'uid001', token: 'three', lifeMs: 5 })
    const theirs = sampleLogin({ agentId, userId: 'uid002', token: 'four' })
    await memberSessions.login([...mine, expired, theirs])
    const change = { agentId, userId: 'uid001', now: start + 10 }
    const seq = await changes.latestSeq()
    await members.setStatus({ ...change, status: 'LockBet' }, null, sampleEvent())
    assert.equal((await memberSessions.listLive(agentId, 'uid001', start + 10)).length, 2)
    await members.setStatus({ ...change, status: 'LockAll' }, null, sampleEvent())
    assert.deepEqual(await memberSessions.listLive(agentId, 'uid001', start + 10), [])
    for (const { tokenHash } of mine) {
      const session = await memberSessions.find(tokenHash)
      assert.deepEqual([session?.endedAt, session?.endReason], [start + 10, 'lock'])
    }
    assert.equal((await memberSessions.find(expired.tokenHash))?.endedAt, null)
    assert.equal((await memberSessions.listLive(agentId, 'uid002', start + 10)).length, 1)
    assert.deepEqual(
      (await changes.since(seq, 10)).map(({ topic, subject: about }) => `${topic} ${about}`).toSorted(),
      [
        ...mine.map(({ tokenHash }) => `member-session ${Buffer.from(tokenHash).toString('hex')}`),
        `member ${agentId}:uid001`,
        `member ${agentId}:uid001`,
      ].toSorted(),
    )
  })

  test('members are listed by user_id, byte by byte, page by page', async () => {
    const userIds = ['uid_2', 'UID1', 'uid1', 'uid10', 'uid2', 'uid_1']
    const agentId = await addMerchant(subject.store, ...userIds)
    const { members } = subject.store
    const first = await members.list(agentId, { limit: 4 })
    const second = await members.list(agentId, { limit: 4, afterUserId: first.at(-1)?.userId ?? '' })
    assert.deepEqual(
      [...first, ...second].map(({ userId }) => userId),
      userIds.toSorted(),
    )
  })

  test('two nodes create one member at once: one does, the other sees it', async () => {
    const other = await subject.another()
    const agentId = await addMerchant(subject.store)
    for (let round = 0; round < 10; round++) {
      const member = sampleMember(agentId, `uid${round}`)
      const different = await Promise.all(
        [subject.store, other].map((store, node) =>
          store.members.create(member, sampleRequest(agentId, `create ${round} ${node}`), sampleEvent()),
        ),
      )
      assert.deepEqual(different.toSorted(), ['done', 'exists'])
      const request = sampleRequest(agentId, `same ${round}`)
      const same = await Promise.all(
        [subject.store, other].map((store) => store.members.create({ ...member, userId: `same${round}` }, request, sampleEvent())),
      )
      assert.deepEqual(same.toSorted(), ['done', 'repeated'])
    }
  })

  test('createMany: existing members stay, of two with one user ID the first counts, and each created one has its own event', async () => {
    const { members, events, changes } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001')
    const before = await members.find(agentId, 'uid001')
    const rows = [
      sampleMember(agentId, 'uid003', { status: 'LockBet' }),
      sampleMember(agentId, 'uid001', { userName: 'other', status: 'LockAll' }),
      sampleMember(agentId, 'uid002', { userName: 'first' }),
      sampleMember(agentId, 'uid002', { userName: 'second' }),
    ]
    const seq = await changes.latestSeq()
    const written = rows.map(({ userId, userName }) => sampleEvent('member.imported', { agentId, subject: userId, details: { userName } }))
    assert.equal(await members.createMany({ agentId, members: rows, now: start }, written), 2)
    assert.deepEqual(await members.list(agentId, { limit: 10 }), [before, rows[2], rows[0]])
    const kept = await events.list({ kind: 'member.imported', agentId, limit: 10 })
    assert.deepEqual(kept.map(({ subject: about, details }) => [about, details]).toSorted(), [
      ['uid002', { userName: 'first' }],
      ['uid003', { userName: rows[0]?.userName }],
    ])
    assert.deepEqual(
      (await changes.since(seq, 10)).map(({ topic, subject: about, detail }) => [topic, about, detail]),
      [['member', `${agentId}:uid003`, 'LockBet']],
    )
  })

  test('createMany: two nodes import the same members at once, in opposite orders; each member is created once', async () => {
    const other = await subject.another()
    const agentId = await addMerchant(subject.store)
    const rows = Array.from({ length: 500 }, (_, index) => sampleMember(agentId, `uid${index}`))
    const event = (userId: string) => sampleEvent('member.imported', { agentId, subject: userId })
    const counts = await Promise.all(
      [rows, rows.toReversed()].map((mine, node) =>
        [subject.store, other][node]?.members.createMany(
          { agentId, members: mine, now: start },
          mine.map(({ userId }) => event(userId)),
        ),
      ),
    )
    assert.equal((counts[0] ?? 0) + (counts[1] ?? 0), 500)
    assert.equal((await subject.store.events.list({ kind: 'member.imported', agentId, limit: 1_000 })).length, 500)
  })
})
