import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memberLock } from '@lobbykey/contract'
import type { MerchantSettings } from '../../../src/store/store.ts'
import { arrive } from '../../support/enter-lobby.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

interface LoginAnswer {
  readonly code: number
  readonly data: { readonly url?: string; readonly token?: string }
}

for (const storeKind of testStores()) {
  const withMerchant = (title: string, settings: Partial<MerchantSettings>, run: (gateway: TestGateway) => Promise<void>) =>
    test(`${title} (${storeKind.name})`, async () => {
      const gateway = await startTestGateway({ storeKind })
      try {
        await gateway.updateMerchant({ settings })
        await run(gateway)
      } finally {
        await gateway.close()
      }
    })
  const login = async (gateway: TestGateway, body: Body) => (await gateway.post('/api/member/login', body)).json as LoginAnswer
  let visitors = 0
  /** Follows the lobby URL to the final page, each time in a fresh browser at another address. */
  const visit = async (gateway: TestGateway, url: string) => {
    visitors += 1
    const arrival = await arrive(gateway, url.slice(gateway.publicUrl.length), { address: `10.0.0.${visitors}` })
    // An ended session is reported at once.
    if (arrival.status !== 303) return arrival
    const cookie = String(arrival.headers['set-cookie'] ?? '').split(';', 1)[0] ?? ''
    return gateway.request('GET', `/${arrival.headers.location}`, { headers: { cookie } })
  }

  withMerchant(
    "[check 25] in ticket mode the URL carries a one-time ticket in the token's place, and the token opens no lobby",
    { launch: 'ticket' },
    async (gateway) => {
      const body = loginBody(gateway.clock.now())
      const { code, data } = await login(gateway, signed(body))
      assert.equal(code, 200)
      assert.equal(data.token, body.token)
      const url = new URL(data.url ?? '')
      assert.deepEqual([...url.searchParams.keys()], ['agent_id', 'uid', 'token', 'language', 'platform', 'currency'])
      assert.match(url.searchParams.get('token') ?? '', /^[\w-]{43}$/)
      assert.doesNotMatch(data.url ?? '', new RegExp(String(body.token)))

      const withToken = new URL(url)
      withToken.searchParams.set('token', String(body.token))
      assert.equal((await visit(gateway, withToken.href)).status, 404)
      const elsewhere = new URL(url)
      elsewhere.searchParams.set('agent_id', 'agent002')
      assert.equal((await visit(gateway, elsewhere.href)).status, 404)
      assert.equal((await visit(gateway, url.href)).status, 200)
      assert.equal((await visit(gateway, url.href)).status, 404)
    },
  )

  withMerchant('[check 25] a ticket is good for 60 seconds', { launch: 'ticket' }, async (gateway) => {
    const [early, late] = [
      await login(gateway, signed(loginBody(gateway.clock.now()))),
      await login(gateway, signed(loginBody(gateway.clock.now()))),
    ]
    gateway.clock.advance(59_999)
    assert.equal((await visit(gateway, early.data.url ?? '')).status, 200)
    gateway.clock.advance(1)
    assert.equal((await visit(gateway, late.data.url ?? '')).status, 404)
  })

  withMerchant(
    '[check 25] a repeat is answered with a fresh ticket for the same session; the older one is void',
    { launch: 'ticket' },
    async (gateway) => {
      const body = signed(loginBody(gateway.clock.now()))
      const first = await login(gateway, body)
      const second = await login(gateway, body)
      assert.deepEqual([first.code, second.code], [200, 200])
      assert.notEqual(first.data.url, second.data.url)
      assert.equal((await visit(gateway, first.data.url ?? '')).status, 404)
      assert.equal((await visit(gateway, second.data.url ?? '')).status, 200)
      assert.equal((await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())).length, 1)
    },
  )

  withMerchant('[check 25] 50 visits with one ticket at once: one is let in', { launch: 'ticket' }, async (gateway) => {
    const { data } = await login(gateway, signed(loginBody(gateway.clock.now())))
    const answers = await Promise.all(Array.from({ length: 50 }, () => visit(gateway, data.url ?? '')))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal(answers.filter(({ status }) => status === 404).length, 49)
  })

  withMerchant('[check 67] the store keeps a ticket as a hash only', { launch: 'ticket' }, async (gateway) => {
    const { data } = await login(gateway, signed(loginBody(gateway.clock.now())))
    const ticket = new URL(data.url ?? '').searchParams.get('token') ?? ''
    const [session] = await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())
    assert.ok(session)
    assert.doesNotMatch(JSON.stringify(session), new RegExp(ticket))
  })

  withMerchant(
    'newest wins: a second login ends the first session, whose token and repeat are then refused',
    { sessions: 'newest-wins' },
    async (gateway) => {
      const first = signed(loginBody(gateway.clock.now(), { token: 'first-token' }))
      const one = await login(gateway, first)
      const two = await login(gateway, signed(loginBody(gateway.clock.now())))
      assert.deepEqual([one.code, two.code], [200, 200])
      assert.equal((await visit(gateway, one.data.url ?? '')).status, 404)
      assert.equal((await visit(gateway, two.data.url ?? '')).status, 200)
      assert.equal((await login(gateway, first)).code, 700106)
      gateway.clock.advance(1)
      assert.equal((await login(gateway, signed(loginBody(gateway.clock.now(), { token: 'first-token' })))).code, 700106)
    },
  )

  withMerchant('refuse: a second login is 700106 while the first session lives', { sessions: 'refuse' }, async (gateway) => {
    const first = signed(loginBody(gateway.clock.now()))
    assert.equal((await login(gateway, first)).code, 200)
    assert.equal((await login(gateway, signed(loginBody(gateway.clock.now())))).code, 700106)
    assert.equal((await login(gateway, first)).code, 200)
    gateway.clock.advance(86_400_000)
    assert.equal((await login(gateway, signed(loginBody(gateway.clock.now())))).code, 200)
  })

  for (const sessions of ['newest-wins', 'refuse'] as const) {
    withMerchant(`50 logins of one member at once under ${sessions}: one session lives`, { sessions }, async (gateway) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => login(gateway, signed(loginBody(gateway.clock.now())))))
      const accepted = answers.filter(({ code }) => code === 200)
      assert.equal(accepted.length, sessions === 'refuse' ? 1 : 50)
      assert.ok(answers.every(({ code }) => code === 200 || code === 700106))
      assert.equal((await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())).length, 1)
    })
  }

  withMerchant('members made by their login, and locked ones, under one session a member', { sessions: 'refuse' }, async (gateway) => {
    await gateway.updateMerchant({ settings: { autoCreateMembers: true } })
    assert.equal((await login(gateway, signed(loginBody(gateway.clock.now(), { user_id: 'newcomer' })))).code, 200)
    const lock = { agent_id: 'agent001', user_id: 'newcomer', status: 'LockAll', timestamp: gateway.clock.now() }
    await gateway.post('/api/member/lock', signed(lock, { call: memberLock }))
    assert.equal((await login(gateway, signed(loginBody(gateway.clock.now(), { user_id: 'newcomer' })))).code, 700108)
  })

  withMerchant(
    "each platform's own lobby URL, before the merchant's, before the server's",
    {
      lobbyUrl: 'https://lobby.example/all',
      lobbyUrls: { ios: null, android: null, h5: 'https://m.example/h5?x=1#top', web: null },
    },
    async (gateway) => {
      const urlOf = async (platform: string) =>
        (await login(gateway, signed(loginBody(gateway.clock.now(), { platform })))).data.url?.replace(/token-\d+/, 'T')
      assert.equal(
        await urlOf('h5'),
        'https://m.example/h5?x=1&agent_id=agent001&uid=uid001&token=T&language=en-US&platform=h5&currency=VND2#top',
      )
      assert.match((await urlOf('web')) ?? '', /^https:\/\/lobby\.example\/all\?agent_id/)
      await gateway.updateMerchant({ settings: { lobbyUrl: null } })
      assert.match((await urlOf('ios')) ?? '', /^http:\/\/127\.0\.0\.1:8080\/lobby\?agent_id/)
    },
  )
}
