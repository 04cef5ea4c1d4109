import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { claimMasterKey } from '../../../src/core/base/master-key-check.ts'
import { isLiveSession, LobbyEntry } from '../../../src/core/member-sessions/lobby-entry.ts'
import { SessionHandles } from '../../../src/core/member-sessions/session-handle.ts'
import { sessionTokenHasher } from '../../../src/core/members/session-token.ts'
import { MerchantAdmin } from '../../../src/core/merchants/merchant-admin.ts'
import { MerchantDirectory } from '../../../src/core/merchants/merchant-directory.ts'
import { digest, sampleEvent, sampleLogin, sampleMember } from '../../store/samples.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

eachStore('lobby entry', (subject) => {
  const hashToken = sessionTokenHasher(digest('session-token'))

  async function open(agentId: string) {
    const { store } = subject
    const clock = new ManualClock()
    const sealer = await claimMasterKey(store.meta, masterKey)
    await new MerchantAdmin({ store: store.merchants, sealer, clock, origin: { surface: 'cli' } }).add(agentId, {})
    for (const userId of ['uid001', 'uid002']) await store.members.create(sampleMember(agentId, userId), null, sampleEvent())
    const merchants = new MerchantDirectory({ store: store.merchants, sealer })
    await merchants.reload(['*'])
    const handles = new SessionHandles(digest('session-handle'))
    const pageTokens = new SessionHandles(digest('lobby-page'))
    const entry = new LobbyEntry({ sessions: store.memberSessions, merchants, hashToken, handles, pageTokens, clock })
    const login = async (userId: string, token: string, lifeMs = 60_000) => {
      const write = sampleLogin({ agentId, userId, token, now: clock.now(), lifeMs })
      assert.deepEqual(await store.memberSessions.login([{ ...write, tokenHash: hashToken(agentId, token) }]), ['accepted'])
    }
    return { entry, clock, login, store }
  }

  test('a token opens its live session at its own merchant; the handle then stands for it, even when it is over', async () => {
    const { entry, clock, login, store } = await open('entry1')
    await login('uid001', 'a-token')
    assert.equal(await entry.open('entry1', 'another-token'), null)
    assert.equal(await entry.open('nobody', 'a-token'), null)
    const visit = (await entry.open('entry1', 'a-token')) ?? assert.fail()
    assert.deepEqual([visit.session.userId, visit.session.enteredAt], ['uid001', clock.now()])
    const found = (await entry.find(entry.handleOf(visit.session))) ?? assert.fail()
    assert.equal(isLiveSession(found, clock.now()), true)
    assert.equal(await entry.acknowledgeEnd(found), false)
    await store.memberSessions.endLive({ agentId: 'entry1' }, { reason: 'kick', now: clock.now(), limit: 1 }, sampleEvent())
    const ended = (await entry.find(entry.handleOf(visit.session))) ?? assert.fail()
    assert.deepEqual([isLiveSession(ended, clock.now()), ended.endReason], [false, 'kick'])
    assert.equal(await entry.acknowledgeEnd(ended), true)
    assert.equal(await entry.open('entry1', 'a-token'), null)
    assert.equal(await entry.find('x'.repeat(51)), null)
  })

  test('[check 36] a handle does not pass to whoever takes over the token after its session expired', async () => {
    const { entry, clock, login } = await open('entry2')
    await login('uid001', 'passed-on')
    const { session } = (await entry.open('entry2', 'passed-on')) ?? assert.fail()
    const handle = entry.handleOf(session)
    clock.advance(30_000)
    await login('uid001', 'passed-on')
    assert.equal((await entry.find(handle))?.userId, 'uid001')
    clock.advance(60_000)
    await login('uid002', 'passed-on')
    assert.equal(await entry.find(handle), null)
  })
})

const masterKey = randomBytes(32)
