import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { memberLock, memberLogout } from '@lobbykey/contract'
import { MemberAdmin } from '../../../src/core/members/member-admin.ts'
import { arrive } from '../../support/enter-lobby.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { addService, basic, type Credentials, postForm } from '../../support/service-calls.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

const inactive = { active: false }

for (const storeKind of testStores()) {
  describe(`session check on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let service: Credentials
    before(async () => {
      gateway = await startTestGateway({ storeKind })
      service = await addService(gateway)
    })
    after(() => gateway.close())

    /** Logs in; returns the token, and what the lobby URL carries in its place. */
    async function logIn(changes: Body = {}): Promise<{ token: string; inUrl: string }> {
      gateway.clock.advance(1)
      const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), changes)))
      const { data } = json as { data: { url: string; token: string } }
      return { token: data.token, inUrl: new URL(data.url).searchParams.get('token') ?? '' }
    }

    function check(form: Record<string, string>, address = '127.0.0.1'): Promise<Answer> {
      return postForm(gateway, '/session/check', form, { headers: basic(service), address })
    }

    const checkToken = async (token: string) => (await check({ agent_id: 'agent001', token })).json as Body
    const redeem = async (ticket: string, agentId = 'agent001') =>
      (await postForm(gateway, '/session/redeem', { agent_id: agentId, ticket }, { headers: basic(service) })).json as Body

    test('returns whose session it is, with game and limits resolved', async () => {
      const { token } = await logIn({
        game_code: '101-DYfsRc',
        limits: { USD_101: '110101,110102' },
        callback: 'https://h5-uat.aig1234.com/home',
        custom_language: 'en-US>en-play',
      })
      const { status, headers, json } = await check({ agent_id: 'agent001', token })
      assert.equal(status, 200)
      assert.equal(headers['cache-control'], 'no-store')
      const { session_id: sessionId, ...facts } = json as Body
      assert.match(String(sessionId), /^[\w-]{22}\.[0-9a-z]+$/)
      assert.deepEqual(facts, {
        active: true,
        kind: 'member',
        agent_id: 'agent001',
        user_id: 'uid001',
        currency: 'VND2',
        platform: 'h5',
        language: 'en-US',
        custom_language: 'en-US>en-play',
        game_code: '101-DYfsRc',
        game: { game_id: '101', inst_id: 'DYfsRc', is_random_table: false },
        limits: {
          USD_101: [
            { red_id: '110101', min_limit: '1', max_limit: '100' },
            { red_id: '110102', min_limit: '10', max_limit: '1000' },
          ],
        },
        callback: 'https://h5-uat.aig1234.com/home',
        amount: null,
        lock_bet: false,
        created_at: gateway.clock.now(),
        expires_at: gateway.clock.now() + 86_400_000,
      })
    })

    test('a game code resolves to a game, a random table, a table, or else the lobby', async () => {
      const places = []
      for (const code of ['102', 'rand-101', '101-DYfsRc', '101-gone', 'nothing']) {
        places.push((await checkToken((await logIn({ game_code: code })).token)).game)
      }
      assert.deepEqual(places, [
        { game_id: '102', inst_id: null, is_random_table: false },
        { game_id: '101', inst_id: null, is_random_table: true },
        { game_id: '101', inst_id: 'DYfsRc', is_random_table: false },
        null,
        null,
      ])
    })

    test('[check 21] an end on any node takes effect once the change is known, even with a warm cache', async () => {
      const node = await gateway.openSecondNode()
      const { token } = await logIn()
      const ask = async () =>
        (await postForm(node, '/session/check', { agent_id: 'agent001', token }, { headers: basic(service) })).json as Body
      assert.equal((await ask()).active, true)
      assert.equal((await checkToken(token)).active, true)
      const logout = { agent_id: 'agent001', user_id: 'uid001', timestamp: gateway.clock.now() }
      await gateway.post('/api/member/logout', signed(logout, { call: memberLogout }))
      for (const heard of [gateway, node]) await heard.hearChanges()
      assert.deepEqual(await checkToken(token), inactive)
      assert.deepEqual(await ask(), inactive)
      await node.close()
    })

    test('LockBet is reported, LockAll ends', async () => {
      const { token } = await logIn()
      const lock = async (status: string) => {
        gateway.clock.advance(1)
        const body = { agent_id: 'agent001', user_id: 'uid001', status, timestamp: gateway.clock.now() }
        await gateway.post('/api/member/lock', signed(body, { call: memberLock }))
        await gateway.hearChanges()
        return checkToken(token)
      }
      assert.equal((await checkToken(token)).lock_bet, false)
      assert.equal((await lock('LockBet')).lock_bet, true)
      assert.equal((await lock('Active')).lock_bet, false)
      assert.deepEqual(await lock('LockAll'), inactive)
      assert.deepEqual(await lock('Active'), inactive)
    })

    test('a session renewed by another login has its new fields', async () => {
      const { token } = await logIn({ game_code: '101' })
      const first = await checkToken(token)
      await logIn({ token, game_code: '102', platform: 'ios' })
      await gateway.hearChanges()
      const second = await checkToken(token)
      assert.deepEqual([second.session_id, second.game_code, second.platform], [first.session_id, '102', 'ios'])
      assert.equal(second.expires_at, gateway.clock.now() + 86_400_000)
    })

    test('unknown, malformed, expired, of another merchant, of a disabled one: the answers are the same', async () => {
      const { token } = await logIn()
      const bodies = [
        { agent_id: 'agent001', token: 'unknown-token' },
        { agent_id: 'agent002', token },
        { agent_id: '\u0000', token: '\u{1F600}' },
        { handle: 'x' },
        { handle: 'A'.repeat(72) },
      ]
      for (const body of bodies) assert.deepEqual((await check(body)).json, inactive)
      await gateway.updateMerchant({ status: 'disabled' })
      assert.deepEqual(await checkToken(token), inactive)
      await gateway.updateMerchant({ status: 'enabled' })
      assert.equal((await checkToken(token)).active, true)
      gateway.clock.advance(86_400_000)
      await gateway.hearChanges()
      assert.deepEqual(await checkToken(token), inactive)
    })

    test('[check 25] of 50 redemptions of one ticket one wins, and its handle dies with the session', async () => {
      await gateway.updateMerchant({ settings: { launch: 'ticket' } })
      const { inUrl: ticket } = await logIn()
      const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(ticket)))
      const won = answers.filter(({ active }) => active === true)
      assert.equal(won.length, 1)
      for (const answer of answers) if (answer !== won[0]) assert.deepEqual(answer, inactive)
      const handle = String(won[0]?.handle)
      assert.equal(((await check({ handle })).json as Body).session_id, won[0]?.session_id)
      await new MemberAdmin({ store: gateway.store, clock: gateway.clock, origin: { surface: 'cli' } }).logout('agent001', 'uid001')
      await gateway.hearChanges()
      assert.deepEqual((await check({ handle })).json, inactive)
      await gateway.updateMerchant({ settings: { launch: 'token' } })
    })

    test('[check 36] the handle of an earlier session does not open a later one with the same token', async () => {
      await gateway.updateMerchant({ settings: { launch: 'ticket' } })
      const handleOf = async (ticket: string) => String((await redeem(ticket)).handle)
      const { token, inUrl } = await logIn()
      const earlier = await handleOf(inUrl)
      const renewed = await handleOf((await logIn({ token })).inUrl)
      await gateway.hearChanges()
      for (const handle of [earlier, renewed]) assert.equal(((await check({ handle })).json as Body).active, true)
      gateway.clock.advance(86_400_000)
      const { inUrl: laterTicket } = await logIn({ token })
      await gateway.hearChanges()
      const later = await handleOf(laterTicket)
      assert.equal(((await check({ handle: later })).json as Body).active, true)
      for (const handle of [earlier, renewed]) assert.deepEqual((await check({ handle })).json, inactive)
      await gateway.updateMerchant({ settings: { launch: 'token' } })
    })

    test('[check 16] token, ticket, handle, lobby cookie and service secret each work in their own place only', async () => {
      await gateway.updateMerchant({ settings: { launch: 'ticket' } })
      const { token, inUrl: ticket } = await logIn()
      const own = async (cookie: string) =>
        (await gateway.request('GET', '/lobby', { headers: { cookie: `lobby=${cookie}` } })).status === 200
      const entered = await arrive(gateway, `/lobby?agent_id=agent001&token=${ticket}`)
      const cookie = entered.cookie.split('=')[1] ?? ''
      const handle = String((await redeem((await logIn()).inUrl)).handle)
      const things = { token, ticket: (await logIn()).inUrl, handle, cookie, secret: service.secret }
      const doors: Record<string, (thing: string) => Promise<boolean>> = {
        token: async (thing) => (await checkToken(thing)).active === true,
        handle: async (thing) => ((await check({ handle: thing })).json as Body).active === true,
        cookie: own,
        secret: async (thing) =>
          (await postForm(gateway, '/session/check', { handle: 'x' }, { headers: basic({ ...service, secret: thing }) })).status === 200,
        ticket: async (thing) => (await redeem(thing)).active === true,
      }
      for (const [door, opens] of Object.entries(doors)) {
        for (const [name, thing] of Object.entries(things)) assert.equal(await opens(thing), name === door, `${name} at ${door}`)
      }
      assert.equal((await arrive(gateway, `/lobby?agent_id=agent001&token=${token}`)).headers['set-cookie'], undefined)
      await gateway.updateMerchant({ settings: { launch: 'token' } })
    })

    test('[check 87] concurrent guesses get as many results as sequential ones, including a right one', async () => {
      const { token } = await logIn()
      const guesses = [...Array.from({ length: 100 }, (_, n) => `parallel-${n}`), token]
      const answers = await Promise.all(guesses.map((guess) => check({ agent_id: 'agent001', token: guess }, '127.0.0.10')))
      assert.equal(answers.filter(({ status }) => status === 200).length, 20)
      assert.equal(answers.at(-1)?.status, 429)
      // Any number of right ones at once.
      const right = await Promise.all(Array.from({ length: 100 }, () => check({ agent_id: 'agent001', token }, '127.0.0.11')))
      assert.deepEqual([...new Set(right.map(({ status }) => status))], [200])
    })

    test('guesses are counted by address; beyond the limit a right token waits too, but a handle does not', async () => {
      const { token } = await logIn()
      const guess = (n: number, more: Record<string, string> = {}) =>
        check({ agent_id: 'agent001', token: `guess-${n}`, ...more }, '127.0.0.9')
      for (let n = 0; n < 20; n++) assert.equal((await guess(n)).status, 200)
      const { status, headers, json } = await check({ agent_id: 'agent001', token }, '127.0.0.9')
      assert.deepEqual([status, headers['retry-after'], json], [429, '1', { error: 'temporarily_unavailable' }])
      assert.equal((await check({ handle: 'x' }, '127.0.0.9')).status, 200)
      assert.equal((await guess(0, { member_address: '203.0.113.7' })).status, 200)
      assert.equal((await check({ agent_id: 'agent001', token })).status, 200)
      gateway.clock.advance(1_000)
      await gateway.hearChanges()
      assert.equal((await check({ agent_id: 'agent001', token }, '127.0.0.9')).status, 200)
    })
  })
}

describe('session check', () => {
  let gateway: TestGateway
  let service: Credentials
  before(async () => {
    gateway = await startTestGateway()
    service = await addService(gateway)
  })
  after(() => gateway.close())

  test('callers that are not services, and bodies that are not forms, are told so and nothing else', async () => {
    const headers = basic(service)
    const form = { agent_id: 'agent001', token: 'some-token' }
    const answers: [Promise<Answer>, number][] = [
      [postForm(gateway, '/session/check', form), 401],
      [postForm(gateway, '/session/check', form, { headers: basic({ ...service, secret: 'wrong' }) }), 401],
      [postForm(gateway, '/session/check', {}, { headers }), 400],
      [postForm(gateway, '/session/check', { agent_id: 'agent001' }, { headers }), 400],
      [postForm(gateway, '/session/check', { ...form, handle: 'x' }, { headers }), 400],
      [postForm(gateway, '/session/check', { ...form, member_address: 'here' }, { headers }), 400],
      [postForm(gateway, '/session/check', 'token=a&token=b&agent_id=c', { headers }), 400],
      [postForm(gateway, '/session/check?token=x', form, { headers }), 400],
      [postForm(gateway, '/session/redeem', form, { headers }), 400],
      [gateway.post('/session/check', form, { headers }), 415],
      [gateway.request('GET', '/session/check', { headers }), 405],
      [gateway.request('GET', '/session/nothing', { headers }), 404],
      [gateway.request('GET', '/session/feed'), 401],
      [gateway.request('GET', '/session/feed?agent_id=%00', { headers }), 400],
      [gateway.request('GET', '/session/feed?token=x', { headers }), 400],
    ]
    for (const [index, [answer, expected]] of answers.entries()) {
      const { status, headers: sent, json } = await answer
      assert.equal(status, expected, `answer ${index}`)
      assert.equal(sent['cache-control'], 'no-store')
      assert.equal(typeof (json as Body).error, 'string')
    }
  })

  test('fails closed when memory is stale and the store is unavailable', async () => {
    const broken = await startTestGateway()
    const own = await addService(broken)
    const { json } = await broken.post('/api/member/login', signed(loginBody(broken.clock.now())))
    const { token } = (json as { data: { token: string } }).data
    const ask = () => postForm(broken, '/session/check', { agent_id: 'agent001', token }, { headers: basic(own) })
    assert.equal(((await ask()).json as Body).active, true)
    await broken.store.close()
    broken.clock.advance(1_001)
    const { status, headers } = await ask()
    assert.deepEqual([status, headers['retry-after']], [503, '1'])
    await broken.close()
  })
})
