import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachStore } from '../support/stores.ts'
import { addMerchant, sampleEvent, sampleLogin, sampleRequest, start } from './samples.ts'

const day = 86_400_000
const kept = { callback: 'https://h5.example.com/?a="b"\\c', limits: { USD_101: '110101,110102' }, custom_language: 'en-US>en-play' }

eachStore('member login', (subject) => {
  test('an accepted login is stored as given', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const login = {
      ...sampleLogin({ agentId, userId: 'uid001', token: 'one', gameCode: '101-DYfsRc' }),
      opaque: kept,
    }
    assert.deepEqual(await subject.store.memberSessions.login([login]), ['accepted'])
    const session = await subject.store.memberSessions.find(login.tokenHash)
    assert.deepEqual(
      { ...session, tokenHash: [...(session?.tokenHash ?? [])] },
      {
        tokenHash: [...login.tokenHash],
        kind: 'member',
        agentId,
        userId: 'uid001',
        platform: 'h5',
        language: 'en-US',
        currency: 'VND2',
        gameCode: '101-DYfsRc',
        opaque: kept,
        createdAt: start,
        expiresAt: start + day,
        endedAt: null,
        endReason: null,
        enteredAt: null,
        endAcknowledgedAt: null,
      },
    )
  })

  test('a batch answers each item in its place', async () => {
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002', 'locked')
    await subject.store.members.setStatus({ agentId, userId: 'locked', status: 'LockAll', now: start }, null, sampleEvent())
    const first = sampleLogin({ agentId, userId: 'uid001', token: 'one' })
    const { memberSessions } = subject.store
    await memberSessions.login([first])
    const batch = [
      sampleLogin({ agentId, userId: 'nobody', token: 'two' }),
      sampleLogin({ agentId, userId: 'uid001', token: 'three' }),
      first,
      sampleLogin({ agentId, userId: 'locked', token: 'four' }),
      sampleLogin({ agentId, userId: 'uid002', token: 'five' }),
    ]
    assert.deepEqual(await memberSessions.login(batch), ['member-not-found', 'accepted', 'repeated', 'member_locked', 'accepted'])
    const taken = [sampleLogin({ agentId, userId: 'uid002', token: 'one' }), sampleLogin({ agentId, userId: 'uid002', token: 'six' })]
    assert.deepEqual(await memberSessions.login(taken), ['refused', 'accepted'])
    assert.deepEqual(await memberSessions.login([]), [])
  })

  test('a repeated request: the same session, not extended [check 32]', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const { memberSessions } = subject.store
    const sample = { agentId, userId: 'uid001', token: 'one', signature: 'one', unsigned: 'limits' }
    const login = sampleLogin(sample)
    assert.deepEqual(await memberSessions.login([login]), ['accepted'])
    assert.deepEqual(await memberSessions.login([sampleLogin({ ...sample, now: start + 1000 })]), ['repeated'])
    assert.equal((await memberSessions.find(login.tokenHash))?.expiresAt, start + day)
    assert.equal((await memberSessions.listLive(agentId, 'uid001', start)).length, 1)
    assert.deepEqual(await memberSessions.login([sampleLogin({ ...sample, unsigned: 'other limits' })]), ['refused'])
  })

  test('a signature of another call is refused, in both directions [check 37]', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const { memberSessions, members } = subject.store
    const lock = sampleRequest(agentId, 'lock', { endpoint: 'lock' })
    await members.setStatus({ agentId, userId: 'uid001', status: 'Active', now: start }, lock, sampleEvent())
    const login = sampleLogin({ agentId, userId: 'uid001', token: 'one', signature: 'lock' })
    assert.deepEqual(await memberSessions.login([login]), ['refused'])
    const second = sampleLogin({ agentId, userId: 'uid001', token: 'one' })
    assert.deepEqual(await memberSessions.login([second]), ['accepted'])
    const change = { agentId, userId: 'uid001', status: 'Active', now: start } as const
    assert.equal(await members.setStatus(change, { ...second.request, endpoint: 'lock' }, sampleEvent()), 'reused')
  })

  test('a new signature with the same token: the same session, new fields, a new lifetime', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const { memberSessions } = subject.store
    const first = sampleLogin({ agentId, userId: 'uid001', token: 'one', gameCode: '101' })
    const second = sampleLogin({ agentId, userId: 'uid001', token: 'one', gameCode: '102', now: start + 500 })
    assert.deepEqual(await memberSessions.login([first]), ['accepted'])
    assert.deepEqual(await memberSessions.login([second]), ['accepted'])
    const session = await memberSessions.find(first.tokenHash)
    assert.deepEqual([session?.gameCode, session?.createdAt, session?.expiresAt], ['102', start, start + 500 + day])
    assert.deepEqual(await memberSessions.login([first]), ['repeated'])
    assert.equal((await memberSessions.find(first.tokenHash))?.gameCode, '102')
  })

  for (const reason of ['logout', 'kick', 'lock'] as const) {
    test(`a token whose session ended by ${reason} is refused until it would have expired, then free`, async () => {
      const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
      const { memberSessions } = subject.store
      const sample = { agentId, userId: 'uid001', token: 'one', lifeMs: 1000 }
      const login = sampleLogin(sample)
      await memberSessions.login([login])
      await memberSessions.endByMember({ agentId, userId: 'uid001', reason, now: start + 1 }, null, sampleEvent())
      assert.deepEqual(await memberSessions.login([{ ...login, now: start + 2 }]), ['refused'], 'repeat')
      assert.deepEqual(await memberSessions.login([sampleLogin({ ...sample, now: start + 999 })]), ['refused'], 'before expiry')
      const later = sampleLogin({ ...sample, userId: 'uid002', now: start + 1000 })
      assert.deepEqual(await memberSessions.login([later]), ['accepted'], 'at expiry')
      const session = await memberSessions.find(login.tokenHash)
      assert.deepEqual([session?.userId, session?.createdAt, session?.endedAt, session?.endReason], ['uid002', start + 1000, null, null])
    })
  }

  test('a later session under the same token does not revive a repeat', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const { memberSessions } = subject.store
    const sample = { agentId, userId: 'uid001', token: 'one', lifeMs: 1000 }
    const first = sampleLogin(sample)
    await memberSessions.login([first])
    const second = sampleLogin({ ...sample, now: start + 1000 })
    assert.deepEqual(await memberSessions.login([second]), ['accepted'])
    assert.deepEqual(await memberSessions.login([{ ...first, now: start + 1001 }]), ['refused'])
    assert.deepEqual(await memberSessions.login([{ ...second, now: start + 1001 }]), ['repeated'])
  })

  test('a refused login leaves no trace: neither session nor replay row', async () => {
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    const { memberSessions } = subject.store
    const holder = sampleLogin({ agentId, userId: 'uid001', token: 'one', lifeMs: 1000 })
    await memberSessions.login([holder])
    const loser = sampleLogin({ agentId, userId: 'uid002', token: 'one' })
    assert.deepEqual(await memberSessions.login([loser]), ['refused'])
    assert.equal((await memberSessions.find(holder.tokenHash))?.userId, 'uid001')
    // After the holder's session has expired, the loser's request is still new.
    assert.deepEqual(await memberSessions.login([{ ...loser, now: start + 1000 }]), ['accepted'])
  })

  test('one token at two merchants: two sessions [check 36]', async () => {
    const agents = [await addMerchant(subject.store, 'uid001'), await addMerchant(subject.store, 'uid001')]
    const batch = agents.map((agentId) => sampleLogin({ agentId, userId: 'uid001', token: 'one' }))
    assert.deepEqual(await subject.store.memberSessions.login(batch), ['accepted', 'accepted'])
  })

  test('logout: done, repeated, reused, not found; without a session it is a success', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const { memberSessions } = subject.store
    const request = sampleRequest(agentId, 'logout', { endpoint: 'logout' })
    const end = { agentId, userId: 'uid001', reason: 'logout', now: start + 1 } as const
    assert.equal(await memberSessions.endByMember(end, request, sampleEvent()), 'done')
    const login = sampleLogin({ agentId, userId: 'uid001', token: 'one' })
    await memberSessions.login([login])
    assert.equal(await memberSessions.endByMember(end, request, sampleEvent()), 'repeated')
    assert.equal((await memberSessions.find(login.tokenHash))?.endedAt, null, 'a captured logout has no second effect')
    assert.equal(await memberSessions.endByMember(end, { ...request, endpoint: 'lock' }, sampleEvent()), 'reused')
    assert.equal(await memberSessions.endByMember({ ...end, userId: 'nobody' }, null, sampleEvent()), 'not-found')
  })

  test('[check 41] what is read has memory of its own, so that a cached row keeps no more than itself', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const login = sampleLogin({ agentId, userId: 'uid001', token: 'own memory' })
    await subject.store.memberSessions.login([login])
    const found = await subject.store.memberSessions.find(login.tokenHash)
    assert.equal(found?.tokenHash.buffer.byteLength, login.tokenHash.length)
  })

  test('live sessions are listed newest first', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const logins = [0, 1, 2].map((n) => sampleLogin({ agentId, userId: 'uid001', token: `t${n}`, now: start + n, lifeMs: 1000 }))
    await subject.store.memberSessions.login(logins)
    const live = await subject.store.memberSessions.listLive(agentId, 'uid001', start + 1000)
    assert.deepEqual(
      live.map(({ createdAt }) => createdAt),
      [start + 2, start + 1],
    )
    assert.equal(await subject.store.memberSessions.find(new Uint8Array(16)), null)
  })
})
