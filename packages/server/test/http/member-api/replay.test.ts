import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memberCreate, memberLock, memberLogout, type SignedCall } from '@lobbykey/contract'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

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
  const send = async (gateway: TestGateway, body: Body) => (await gateway.post('/api/member/login', body)).json as Body
  const act = async (gateway: TestGateway, call: SignedCall, fields: Body) => {
    gateway.clock.advance(1)
    const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: gateway.clock.now(), ...fields }
    return (await gateway.post(call.path, signed(body, { call }))).json as Body
  }
  const sessions = (gateway: TestGateway) => gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())

  withGateway('[check 32] the same signed request again: the same answer, no second session, no longer life', async (gateway) => {
    const body = signed(loginBody(gateway.clock.now()))
    const first = await send(gateway, body)
    const [before] = await sessions(gateway)
    gateway.clock.advance(300_000)
    assert.deepEqual(await send(gateway, body), first)
    const after = await sessions(gateway)
    assert.equal(after.length, 1)
    assert.equal(after[0]?.expiresAt, before?.expiresAt)
  })

  withGateway('[check 33] 50 identical requests at once: one session, 50 equal answers', async (gateway) => {
    const body = signed(loginBody(gateway.clock.now()))
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(gateway, body)))
    assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1)
    assert.equal(answers[0]?.code, 200)
    assert.equal((await sessions(gateway)).length, 1)
  })

  withGateway('[check 33] 200 identical requests over two nodes: one session, 200 equal answers, nothing refused', async (gateway) => {
    const other = await gateway.openSecondNode()
    const body = signed(loginBody(gateway.clock.now()))
    const post = (index: number) => (index % 2 === 0 ? gateway : other).post('/api/member/login', body)
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => post(index)))
    await other.close()
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal((answers.at(0)?.json as Body | undefined)?.code, 200)
    assert.equal((await sessions(gateway)).length, 1)
    await gateway.flushRefusals()
    assert.deepEqual(await gateway.store.refusals.list({ kind: 'member.login_refused', limit: 10 }), [])
  })

  withGateway('[check 32] the same signature with other unsigned fields is refused', async (gateway) => {
    const body = signed(loginBody(gateway.clock.now()))
    assert.equal((await send(gateway, body)).code, 200)
    const others: Body[] = [{ limits: { USD_101: '110101' } }, { callback: 'https://h5-uat.aig1234.com/home' }, { custom_language: 'en' }]
    for (const other of others) assert.equal((await send(gateway, { ...body, ...other })).code, 700106, JSON.stringify(other))
    assert.equal((await send(gateway, body)).code, 200)
  })

  withGateway('[check 32] the same signature with an unsigned field changed, taken away or added is refused', async (gateway) => {
    const home = 'https://h5-uat.aig1234.com'
    const sent = { limits: { USD_101: '110101', VND_101: '110101' }, callback: `${home}/home`, custom_language: 'en' }
    const changed = { limits: { USD_101: '110102', VND_101: '110101' }, callback: `${home}/away`, custom_language: 'de' }
    const body = { ...signed(loginBody(gateway.clock.now())), ...sent }
    assert.equal((await send(gateway, body)).code, 200)
    for (const name of ['limits', 'callback', 'custom_language'] as const) {
      const { [name]: value, ...without } = body
      assert.equal((await send(gateway, without)).code, 700106, `without ${name}`)
      assert.equal((await send(gateway, { ...body, [name]: changed[name] })).code, 700106, `another ${name}`)
      const one = { ...signed(loginBody(gateway.clock.now(), { token: `one-${name}` })), [name]: value }
      assert.equal((await send(gateway, one)).code, 200)
      assert.equal((await send(gateway, { ...one, [name]: changed[name] })).code, 700106, `another ${name} alone`)
    }
    // An object's keys have no order.
    assert.equal((await send(gateway, { ...body, limits: { VND_101: '110101', USD_101: '110101' } })).code, 200)
  })

  withGateway('a new signature for the same token restarts its life with the new fields', async (gateway) => {
    const token = 'token-that-stays'
    await send(gateway, signed(loginBody(gateway.clock.now(), { token })))
    gateway.clock.advance(1_000)
    assert.equal((await send(gateway, signed(loginBody(gateway.clock.now(), { token, platform: 'ios' })))).code, 200)
    const [session, ...more] = await sessions(gateway)
    assert.equal(more.length, 0)
    assert.equal(session?.platform, 'ios')
    assert.equal(session?.expiresAt, gateway.clock.now() + 86_400_000)
  })

  withGateway(
    '[check 32] after its session ended, neither the repeat nor a new signature for the token is accepted until it expires',
    async (gateway) => {
      const token = 'token-that-ends'
      const body = signed(loginBody(gateway.clock.now(), { token }))
      await send(gateway, body)
      assert.equal((await act(gateway, memberLogout, {})).code, 200)
      assert.equal((await send(gateway, body)).code, 700106)
      assert.equal((await send(gateway, signed(loginBody(gateway.clock.now(), { token })))).code, 700106)
      gateway.clock.advance(86_400_000)
      assert.equal((await send(gateway, signed(loginBody(gateway.clock.now(), { token })))).code, 200)
    },
  )

  withGateway('a repeat of a member now locked is 700108', async (gateway) => {
    const body = signed(loginBody(gateway.clock.now()))
    await send(gateway, body)
    await act(gateway, memberLock, { status: 'LockAll' })
    assert.equal((await send(gateway, body)).code, 700108)
    assert.equal((await sessions(gateway)).length, 0)
  })

  withGateway('an expired token is free for another member', async (gateway) => {
    await gateway.addMember('uid002')
    const token = 'token-passed-on'
    await send(gateway, signed(loginBody(gateway.clock.now(), { token })))
    gateway.clock.advance(86_400_000 - 1)
    assert.equal((await send(gateway, signed(loginBody(gateway.clock.now(), { token, user_id: 'uid002' })))).code, 700106)
    gateway.clock.advance(1)
    assert.equal((await send(gateway, signed(loginBody(gateway.clock.now(), { token, user_id: 'uid002' })))).code, 200)
  })

  withGateway('[check 32] a captured Active does not undo a later LockAll; a repeat is answered alike', async (gateway) => {
    const at = gateway.clock.now()
    const active = signed({ agent_id: 'agent001', user_id: 'uid001', status: 'Active', timestamp: at }, { call: memberLock })
    const post = async () => (await gateway.post('/api/member/lock', active)).json as Body
    assert.equal((await post()).code, 200)
    await act(gateway, memberLock, { status: 'LockAll' })
    assert.equal((await post()).code, 200)
    assert.equal((await gateway.store.members.find('agent001', 'uid001'))?.status, 'LockAll')
  })

  withGateway('a repeated create is a success once more, a repeated logout ends nothing that came after it', async (gateway) => {
    const at = gateway.clock.now()
    const create = signed({ agent_id: 'agent001', user_id: 'twice', user_name: 'twice', timestamp: at }, { call: memberCreate })
    for (let i = 0; i < 2; i++) assert.equal(((await gateway.post('/api/member/create', create)).json as Body).code, 200)
    const logout = signed({ agent_id: 'agent001', user_id: 'uid001', timestamp: at }, { call: memberLogout })
    await gateway.post('/api/member/logout', logout)
    await send(gateway, signed(loginBody(gateway.clock.now())))
    assert.equal(((await gateway.post('/api/member/logout', logout)).json as Body).code, 200)
    assert.equal((await sessions(gateway)).length, 1)
  })

  withGateway('[check 32] a replay row lives until timestamp + window + skew, not until now + window', async (gateway) => {
    const timestamp = gateway.clock.now() + 600_000
    const create = { agent_id: 'agent001', user_id: 'newcomer', user_name: 'newcomer', timestamp }
    const body = signed(create, { call: memberCreate })
    const post = async () => ((await gateway.post(memberCreate.path, body)).json as Body).code
    assert.equal(await post(), 200)
    // At the very end of the window, after a sweep by a node whose clock is nearly the skew ahead: still remembered, it gets the same answer.
    gateway.clock.advance(1_200_000)
    await gateway.store.sweep(timestamp + 600_000 + 59_999, 1_000)
    assert.equal(await post(), 200)
    await gateway.store.sweep(timestamp + 600_000 + 60_000, 1_000)
    assert.equal(await post(), 700102)
  })

  withGateway('sessions and replay rows outlive a restart', async (gateway) => {
    const body = signed(loginBody(gateway.clock.now()))
    const first = await send(gateway, body)
    await gateway.restart()
    assert.deepEqual(await send(gateway, body), first)
    assert.equal((await sessions(gateway)).length, 1)
  })

  withGateway('a refused login leaves an event with its code', async (gateway) => {
    await send(gateway, signed(loginBody(gateway.clock.now(), { user_id: 'stranger' })))
    await gateway.flushRefusals()
    const [event] = await gateway.store.refusals.list({ kind: 'member.login_refused', limit: 1 })
    assert.deepEqual([event?.code, event?.agentId, event?.subject, event?.address], ['700103', 'agent001', 'stranger', '127.0.0.1'])
  })
}
