import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { memberCreate, memberLock, memberLogin, memberLogout, memberUpdate, type SignedCall } from '@lobbykey/contract'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { sampleBody, sendBody, sendCall } from '../../support/signed-calls.ts'
import { testStores } from '../../support/stores.ts'
import { until } from '../../support/until.ts'

for (const storeKind of testStores()) {
  const withGateway = (title: string, run: (gateway: TestGateway) => Promise<void>) =>
    test(`${title} (${storeKind.name})`, async () => {
      const gateway = await startTestGateway({ storeKind })
      try {
        await run(gateway)
      } finally {
        await gateway.close()
      }
    })
  const call = async (gateway: TestGateway, which: SignedCall, changes: Body) => {
    gateway.clock.advance(1)
    return (await sendCall(gateway, which, sampleBody(which, gateway.clock.now(), changes))).json as Body
  }
  const find = (gateway: TestGateway, userId = 'uid001') => gateway.store.members.find('agent001', userId)

  for (const sessions of ['many', 'newest-wins'] as const) {
    withGateway(`[check 20] a lock is answered after the logins that it ended (${sessions} a member)`, async (gateway) => {
      await gateway.updateMerchant({ settings: { sessions } })
      const { memberSessions } = gateway.store
      const write = memberSessions.login
      const [written, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      memberSessions.login = async (batch) => {
        const outcomes = await write(batch)
        written.resolve()
        await release.promise
        return outcomes
      }
      const answered: string[] = []
      const login = gateway.post('/api/member/login', signed(loginBody(gateway.clock.now()))).finally(() => answered.push('login'))
      await written.promise
      const lock = call(gateway, memberLock, { status: 'LockAll' }).finally(() => answered.push('lock'))
      try {
        await until(
          async () => (await find(gateway))?.status === 'LockAll',
          () => 'the lock in the store',
        )
        // Long enough for an answer that waits for nothing.
        for (let turn = 0; turn < 50; turn++) await setImmediate()
      } finally {
        // Closing the gateway waits for the login.
        release.resolve()
      }
      assert.deepEqual([((await login).json as Body).code, (await lock).code], [200, 200])
      assert.deepEqual(answered, ['login', 'lock'])
    })
  }

  withGateway('create: 700102 when the member is there; of 20 at once one makes it', async (gateway) => {
    assert.equal((await call(gateway, memberCreate, { user_id: 'fresh' })).code, 200)
    assert.deepEqual(await call(gateway, memberCreate, { user_id: 'fresh' }), { code: 700102, message: 'Member Exists', data: {} })
    const bodies = Array.from({ length: 20 }, (_, n) =>
      signed(sampleBody(memberCreate, gateway.clock.now() - n, { user_id: 'crowded' }), { call: memberCreate }),
    )
    const codes = (await Promise.all(bodies.map((body) => sendBody(gateway, memberCreate, body)))).map(({ json }) => (json as Body).code)
    assert.deepEqual(codes.toSorted(), [200, ...Array<number>(19).fill(700102)])
  })

  withGateway('update: absent fields stay, an empty desc clears, null is absent', async (gateway) => {
    assert.equal((await call(gateway, memberUpdate, { user_name: 'First', desc: 'one' })).code, 200)
    assert.deepEqual([(await find(gateway))?.userName, (await find(gateway))?.desc], ['First', 'one'])
    await call(gateway, memberUpdate, { user_name: 'Second', desc: undefined })
    assert.deepEqual([(await find(gateway))?.userName, (await find(gateway))?.desc], ['Second', 'one'])
    await call(gateway, memberUpdate, { user_name: '', desc: null })
    assert.deepEqual([(await find(gateway))?.userName, (await find(gateway))?.desc], ['Second', 'one'])
    await call(gateway, memberUpdate, { desc: '' })
    assert.deepEqual([(await find(gateway))?.userName, (await find(gateway))?.desc], ['Second', ''])
    assert.deepEqual(await call(gateway, memberUpdate, { user_id: 'stranger' }), { code: 700103, message: 'User Not Found', data: {} })
    for (const desc of ['x'.repeat(21), 'a-b', 5, ['x']]) assert.equal((await call(gateway, memberUpdate, { desc })).code, 408000)
  })

  withGateway('[check 32] an update is done once; its signature does not serve with desc emptied or left out', async (gateway) => {
    const body = signed(sampleBody(memberUpdate, gateway.clock.now(), { user_name: 'Once', desc: '' }), { call: memberUpdate })
    const { desc: _desc, ...without } = body
    const send = async (sent: Body) => ((await sendBody(gateway, memberUpdate, sent)).json as Body).code
    assert.equal(await send(body), 200)
    assert.equal(await send(without), 700106)
    await call(gateway, memberUpdate, { user_name: 'Later', desc: 'later' })
    assert.equal(await send(body), 200)
    assert.deepEqual([(await find(gateway))?.userName, (await find(gateway))?.desc], ['Later', 'later'])
  })

  withGateway('an update leaves an event that names the fields, not their values', async (gateway) => {
    await call(gateway, memberUpdate, { user_name: 'Secret_Name', desc: 'secret desc' })
    const [event] = await gateway.store.events.list({ kind: 'member.updated', limit: 1 })
    assert.deepEqual([event?.subject, event?.details], ['uid001', { changed: ['user_name', 'desc'] }])
  })

  withGateway('locks in every order: what holds is the last one, and only LockAll keeps a member out', async (gateway) => {
    const statuses = ['Active', 'LockBet', 'LockAll']
    for (const first of statuses) {
      for (const second of statuses) {
        for (const status of [first, second]) assert.equal((await call(gateway, memberLock, { status })).code, 200)
        assert.equal((await find(gateway))?.status, second)
        const login = (await sendCall(gateway, memberLogin, loginBody(gateway.clock.now()))).json as Body
        assert.equal(login.code, second === 'LockAll' ? 700108 : 200, `${first}, ${second}`)
      }
    }
    assert.equal((await call(gateway, memberLock, { user_id: 'stranger', status: 'LockAll' })).code, 700103)
  })

  withGateway('LockAll ends the sessions; unlocking brings none back', async (gateway) => {
    const body = signed(loginBody(gateway.clock.now()))
    assert.equal(((await sendBody(gateway, memberLogin, body)).json as Body).code, 200)
    await call(gateway, memberLock, { status: 'LockAll' })
    await call(gateway, memberLock, { status: 'Active' })
    assert.equal(((await sendBody(gateway, memberLogin, body)).json as Body).code, 700106)
    assert.deepEqual(await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now()), [])
  })

  withGateway('logout: a member without a session is a success, an unknown one 700103', async (gateway) => {
    assert.deepEqual(await call(gateway, memberLogout, {}), { code: 200, message: 'success', data: {} })
    assert.equal((await call(gateway, memberLogout, { user_id: 'stranger' })).code, 700103)
  })

  withGateway('logins and locks at once: none is let in once LockAll is acknowledged, and none lives', async (gateway) => {
    for (let round = 0; round < 10; round++) {
      await call(gateway, memberLock, { status: 'Active' })
      let isLocked = false
      const logins = Array.from({ length: 8 }, async () => {
        const wasLocked = isLocked
        const { code } = (await sendCall(gateway, memberLogin, loginBody(gateway.clock.now()))).json as Body
        assert.ok(code === 200 || code === 700108, String(code))
        return { code, wasLocked }
      })
      const lock = call(gateway, memberLock, { status: 'LockAll' }).then(() => {
        isLocked = true
      })
      for (const { code, wasLocked } of await Promise.all(logins)) if (wasLocked) assert.equal(code, 700108)
      await lock
      assert.deepEqual(await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now()), [])
    }
  })
}
