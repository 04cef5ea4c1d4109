import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginOutcome, LoginWrite, Store } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { addMerchant, digest, sampleEvent, sampleLogin, start } from './samples.ts'

eachStore('two nodes', (subject) => {
  const nodes = async (): Promise<[Store, Store]> => [subject.store, await subject.another()]

  test('200 identical logins: one session, one acceptance, the rest repeats [check 33]', async () => {
    const stores = await nodes()
    const agentId = await addMerchant(subject.store, 'uid001')
    const login = sampleLogin({ agentId, userId: 'uid001', token: 'one' })
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, n) => loginUntilDecided(at(stores, n), login)))
    assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'repeated').length, 199)
    assert.equal((await subject.store.memberSessions.listLive(agentId, 'uid001', start)).length, 1)
  })

  test('identical batches, in opposite orders, from both at once', async () => {
    const stores = await nodes()
    const agentId = await addMerchant(subject.store, 'uid001')
    for (let round = 0; round < 20; round++) {
      const batch = Array.from({ length: 20 }, (_, n) => sampleLogin({ agentId, userId: 'uid001', token: `token ${round} ${n}` }))
      const [left, right] = await Promise.all([
        stores[0].memberSessions.login(batch),
        stores[1].memberSessions.login(batch.toReversed()).then((outcomes) => outcomes.toReversed()),
      ])
      for (const [n, login] of batch.entries()) {
        const both = [left[n], right[n]].map((outcome) => outcome as LoginOutcome)
        for (const [node, outcome] of both.entries()) if (outcome === 'retry') both[node] = await loginUntilDecided(at(stores, node), login)
        assert.deepEqual(both.toSorted(), ['accepted', 'repeated'])
      }
    }
  })

  test('one Idempotency-Key claimed and given back again and again: each claim succeeds, one after another', async () => {
    const stores = await nodes()
    const key = { keyHash: digest('idempotent'), requestDigest: digest('request'), now: start, expiresAt: start + 1_000 }
    const states = new Set<string>()
    const claim = async (node: number) => {
      for (let round = 0; round < 60; round++) {
        const refused = new Error('the request was refused')
        const attempt = at(stores, node).together(async ({ idempotentAnswers }) => {
          states.add((await idempotentAnswers.claim(key)).state)
          throw refused
        })
        await assert.rejects(attempt, refused)
      }
    }
    await Promise.all([0, 1, 2, 3].map(claim))
    assert.deepEqual([...states], ['claimed'])
  })

  test('one token for two members: exactly one gets it, and the loser leaves no replay row [check 36]', async () => {
    const stores = await nodes()
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    for (let round = 0; round < 40; round++) {
      const logins = ['uid001', 'uid002'].map((userId) => sampleLogin({ agentId, userId, token: `token ${round}`, lifeMs: 1000 }))
      const outcomes = await Promise.all(logins.map((login, node) => loginUntilDecided(at(stores, node), login)))
      assert.deepEqual(outcomes.toSorted(), ['accepted', 'refused'])
      const loser = logins[outcomes.indexOf('refused')] as LoginWrite
      assert.deepEqual(await subject.store.memberSessions.login([{ ...loser, now: start + 1000 }]), ['accepted'])
    }
  })

  test('one token, two signatures of the same member: both accepted, one session', async () => {
    const stores = await nodes()
    const agentId = await addMerchant(subject.store, 'uid001')
    for (let round = 0; round < 20; round++) {
      const logins = [0, 1].map(() => sampleLogin({ agentId, userId: 'uid001', token: `token ${round}` }))
      const outcomes = await Promise.all(logins.map((login, node) => loginUntilDecided(at(stores, node), login)))
      assert.deepEqual(outcomes, ['accepted', 'accepted'])
    }
    assert.equal((await subject.store.memberSessions.listLive(agentId, 'uid001', start)).length, 20)
  })

  test('logins racing LockAll: none lives once the lock is acknowledged, none is accepted afterwards [check 20]', async () => {
    const stores = await nodes()
    for (let round = 0; round < 15; round++) {
      const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
      let isLocked = false
      const login = async (lane: number) => {
        for (let n = 0; n < 6; n++) {
          const wasLocked = isLocked
          const batch = ['uid001', 'uid002'].map((userId) => sampleLogin({ agentId, userId, token: `${userId} ${lane} ${n}` }))
          const [first, second] = await at(stores, lane).memberSessions.login(batch)
          if (wasLocked) assert.equal(first, 'member_locked')
          assert.equal(second, 'accepted')
        }
      }
      const lock = async () => {
        await at(stores, round).memberSessions.login([sampleLogin({ agentId, userId: 'uid002', token: 'warm' })])
        await at(stores, round).members.setStatus({ agentId, userId: 'uid001', status: 'LockAll', now: start }, null, sampleEvent())
        isLocked = true
        assert.deepEqual(await at(stores, round + 1).memberSessions.listLive(agentId, 'uid001', start), [])
      }
      await Promise.all([login(0), login(1), login(2), lock()])
      assert.deepEqual(await subject.store.memberSessions.listLive(agentId, 'uid001', start), [])
      assert.equal((await subject.store.memberSessions.listLive(agentId, 'uid002', start)).length, 19)
    }
  })

  test('logins racing logouts and sweeps: only regular outcomes [check 78]', async () => {
    const stores = await nodes()
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    const login = async (lane: number) => {
      for (let n = 0; n < 10; n++) {
        const batch = Array.from({ length: 8 }, (_, t) =>
          sampleLogin({ agentId, userId: t % 2 ? 'uid001' : 'uid002', token: `shared ${t}`, now: start + n, lifeMs: 3 }),
        )
        for (const outcome of await at(stores, lane).memberSessions.login(lane % 2 ? batch : batch.toReversed())) {
          assert.ok(['accepted', 'refused', 'retry'].includes(outcome), outcome)
        }
      }
    }
    const logout = async (lane: number) => {
      for (let n = 0; n < 10; n++) {
        const end = { agentId, userId: n % 2 ? 'uid001' : 'uid002', reason: 'logout', now: start + n } as const
        assert.equal(await at(stores, lane).memberSessions.endByMember(end, null, sampleEvent()), 'done')
        await at(stores, lane).sweep(start + n, 3)
      }
    }
    await Promise.all([login(0), login(1), logout(0), logout(1)])
  })

  test('one name in meta: the first value stays, and both get it', async () => {
    const stores = await nodes()
    for (let round = 0; round < 10; round++) {
      const values = await Promise.all(stores.map((store, node) => store.meta.putIfAbsent(`name ${round}`, digest(`value ${node}`))))
      assert.deepEqual([...(values[0] ?? [])], [...(values[1] ?? [])])
    }
  })
})

function at(stores: readonly [Store, Store], node: number): Store {
  return stores[node % 2 === 0 ? 0 : 1]
}

async function loginUntilDecided(store: Store, login: LoginWrite): Promise<LoginOutcome> {
  for (;;) {
    const [outcome = 'retry'] = await store.memberSessions.login([login])
    if (outcome !== 'retry') return outcome
  }
}
