import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guestLogin, memberLogin, memberLogout } from '@lobbykey/contract'
import { arrive } from '../../support/enter-lobby.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { hostileCallbacks } from '../../support/hostile-callbacks.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { sampleBody, sendBody, sendCall } from '../../support/signed-calls.ts'
import { testStores } from '../../support/stores.ts'

interface GuestAnswer {
  readonly code: number
  readonly message: string
  readonly data: { readonly url?: string; readonly token?: string }
}

const callback = 'https://h5-uat.aig1234.com/home'

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
  const guestBody = (gateway: TestGateway, changes: Body = {}) => sampleBody(guestLogin, gateway.clock.now(), changes)
  const enter = async (gateway: TestGateway, changes: Body = {}) =>
    (await sendCall(gateway, guestLogin, guestBody(gateway, changes))).json as GuestAnswer
  const send = async (gateway: TestGateway, body: Body) => (await sendBody(gateway, guestLogin, body)).json as GuestAnswer
  const sessionOf = async (gateway: TestGateway, { data }: GuestAnswer) => {
    const uid = new URL(data.url ?? '').searchParams.get('uid') ?? ''
    return (await gateway.store.memberSessions.listLive('agent001', uid, gateway.clock.now()))[0]
  }

  withGateway('200: url and token as in member login; the platform makes uid and a token of 32 characters', async (gateway) => {
    const answer = await enter(gateway, { game_code: '101-DYfsRc', callback, amount: '1000.12' })
    assert.equal(answer.code, 200)
    assert.match(answer.data.token ?? '', /^[\w-]{32}$/)
    const url = new URL(answer.data.url ?? '')
    assert.deepEqual(
      [...url.searchParams.keys()],
      ['agent_id', 'uid', 'token', 'language', 'platform', 'currency', 'game_code', 'callback'],
    )
    assert.match(url.searchParams.get('uid') ?? '', /^guest_[0-9a-f]{26}$/)
    assert.equal(url.searchParams.get('token'), answer.data.token)
    const session = await sessionOf(gateway, answer)
    assert.deepEqual([session?.kind, session?.gameCode, session?.opaque], ['guest', '101-DYfsRc', { amount: '1000.12', callback }])
    assert.equal((await arrive(gateway, url.href.slice(gateway.publicUrl.length))).status, 303)
  })

  withGateway('[check 34] the callback that was judged is the one that is answered and kept', async (gateway) => {
    const answer = await enter(gateway, { callback: 'https://H5-UAT.aig1234.com:443/away/../home' })
    assert.equal(new URL(answer.data.url ?? '').searchParams.get('callback'), callback)
    assert.equal((await sessionOf(gateway, answer))?.opaque.callback, callback)
  })

  withGateway('[check 33] the same request again, and 50 at once: the same uid and token, one session', async (gateway) => {
    const body = signed(guestBody(gateway), { call: guestLogin })
    const first = await send(gateway, body)
    gateway.clock.advance(300_000)
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(gateway, body)))
    for (const answer of answers) assert.deepEqual(answer, first)
    assert.ok(await sessionOf(gateway, first))
    assert.equal((await gateway.store.memberSessions.listOnline('agent001', { now: gateway.clock.now(), limit: 10 })).length, 1)
    await gateway.restart()
    assert.deepEqual(await send(gateway, body), first)
  })

  withGateway('two requests are two guests', async (gateway) => {
    const [one, two] = [await enter(gateway), await enter(gateway)]
    assert.notEqual(one.data.token, two.data.token)
    assert.notEqual((await sessionOf(gateway, one))?.userId, (await sessionOf(gateway, two))?.userId)
  })

  withGateway('[check 32] a guest that was logged out stays out; its token serves no member', async (gateway) => {
    const body = signed(guestBody(gateway), { call: guestLogin })
    const answer = await send(gateway, body)
    const uid = (await sessionOf(gateway, answer))?.userId
    const logout = { agent_id: 'agent001', user_id: uid, timestamp: gateway.clock.now() }
    assert.equal(((await sendCall(gateway, memberLogout, logout)).json as Body).code, 200)
    assert.equal((await send(gateway, body)).code, 700106)
    const login = loginBody(gateway.clock.now(), { token: answer.data.token })
    assert.equal(((await sendCall(gateway, memberLogin, login)).json as Body).code, 408000)
    assert.equal(((await sendCall(gateway, memberLogin, loginBody(gateway.clock.now(), { user_id: uid }))).json as Body).code, 700103)
  })

  withGateway('[check 26] callback and amount are inside the signature, whatever the profile', async (gateway) => {
    const body = signed(guestBody(gateway, { callback, amount: '5' }), { call: guestLogin })
    const { callback: _callback, ...withoutCallback } = body
    const changes: Body[] = [{ ...body, callback: `${callback}/x` }, withoutCallback, { ...body, amount: '50' }, { ...body, amount: null }]
    for (const changed of changes) assert.equal((await send(gateway, changed)).code, 600100)
    for (const profile of ['signed', 'unsigned'] as const) {
      await gateway.updateMerchant({ settings: { callback: profile } })
      assert.equal((await send(gateway, body)).code, 200, profile)
    }
  })

  withGateway("700208: a currency that is not the merchant's", async (gateway) => {
    assert.equal((await enter(gateway, { currency: 'EUR' })).code, 700208)
  })

  withGateway('408000: amount is a decimal number as a string; no other field is taken', async (gateway) => {
    for (const amount of ['0', '1', '0.5', '1000.12', '9'.repeat(16), '', null]) {
      assert.equal((await enter(gateway, { amount })).code, 200, JSON.stringify(amount))
    }
    const wrong = ['01', '1.', '.5', '-1', '+1', '1e3', '1,000', ' 1', '1 ', 'NaN', '１', '1.123456789', '9'.repeat(17), [5], {}, true]
    for (const amount of [...wrong, 5]) {
      const { code, message } = await enter(gateway, { amount })
      assert.equal(code, 408000, JSON.stringify(amount))
      assert.match(message, /amount must be a decimal number as a string/)
    }
    for (const name of ['user_id', 'token', 'limits', 'custom_language', 'uid']) {
      assert.match((await enter(gateway, { [name]: 'x' })).message, new RegExp(`${name} is not a field of this call`))
    }
  })

  withGateway('[check 25] in ticket mode the URL of a guest carries a ticket, and the token opens no lobby', async (gateway) => {
    await gateway.updateMerchant({ settings: { launch: 'ticket' } })
    const body = signed(guestBody(gateway), { call: guestLogin })
    const [first, second] = [await send(gateway, body), await send(gateway, body)]
    assert.equal(first.data.token, second.data.token)
    const visit = async (url: string) => {
      const { status, headers } = await arrive(gateway, url.slice(gateway.publicUrl.length))
      return status === 404 ? 'over' : String(headers.location).replace(/\?.*/, '')
    }
    const byToken = new URL(second.data.url ?? '')
    byToken.searchParams.set('token', second.data.token ?? '')
    assert.equal(await visit(byToken.href), 'over')
    assert.equal(await visit(first.data.url ?? ''), 'over')
    assert.equal(await visit(second.data.url ?? ''), 'lobby')
    assert.equal(await visit(second.data.url ?? ''), 'over')
  })

  withGateway('a guest leaves with its session', async (gateway) => {
    const answer = await enter(gateway)
    const session = await sessionOf(gateway, answer)
    assert.ok(session)
    gateway.clock.advance(86_400_000)
    await gateway.store.sweep(gateway.clock.now(), 1_000)
    assert.equal(await gateway.store.memberSessions.find(session.tokenHash), null)
  })
}

test('[check 34] hostile callbacks: none is accepted, even with a valid signature', async () => {
  const gateway = await startTestGateway()
  const callbacks = hostileCallbacks('h5-uat.aig1234.com')
  assert.ok(callbacks.length >= 40)
  for (const hostile of callbacks) {
    const body = signed(sampleBody(guestLogin, gateway.clock.now(), { callback: hostile }), { call: guestLogin })
    const { json } = await sendBody(gateway, guestLogin, body)
    assert.equal((json as Body).code, 408000, JSON.stringify(hostile))
  }
  await gateway.close()
})
