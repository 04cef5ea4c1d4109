import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { memberCreate, memberLock, memberLogout } from '@lobbykey/contract'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

const login = async (changes: Body = {}, options: { address?: string } = {}) =>
  gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), changes)), options)

test("200: the contract's sample request, fresh and with a valid signature", async () => {
  const { status, json, headers } = await login({
    token: 'tokena8c2aaef3880162a',
    limits: { USD_101: '110101,110102,110103', VND_101: '110101,110102,110103', USD_102: '110201,110203,110204' },
    game_code: '101-DYfsRc',
    callback: 'https://h5-uat.aig1234.com/home',
  })
  assert.equal(status, 200)
  const query =
    'agent_id=agent001&uid=uid001&token=tokena8c2aaef3880162a&language=en-US&platform=h5&currency=VND2&game_code=101-DYfsRc&callback=https%3A%2F%2Fh5-uat.aig1234.com%2Fhome'
  assert.deepEqual(json, {
    code: 200,
    message: 'success',
    data: { url: `${gateway.publicUrl}/lobby?${query}`, token: 'tokena8c2aaef3880162a' },
  })
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-store')
  assert.match(String(headers['x-request-id']), /^[\w-]{16}$/)
})

test('[check 34] the callback that was judged is the one that is answered and kept, not its spelling in the request', async () => {
  const callback = 'https://H5-UAT.aig1234.com:443/away/../home'
  const { data } = (await login({ token: 'tokenspelled0001', callback })).json as { data: { url: string } }
  assert.equal(new URL(data.url).searchParams.get('callback'), 'https://h5-uat.aig1234.com/home')
  const sessions = await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())
  assert.ok(sessions.some(({ opaque }) => opaque.callback === 'https://h5-uat.aig1234.com/home'))
  assert.ok(!JSON.stringify(sessions).includes(callback))
})

test('408003: a foreign address, which the message contains', async () => {
  const { status, json } = await login({}, { address: '203.0.113.9' })
  assert.equal(status, 200)
  assert.deepEqual(json, { code: 408003, message: "Whitelist Restriction: 203.0.113.9 is not on the merchant's list", data: {} })
})

test('600100: one signed character changed', async () => {
  const body = signed(loginBody(gateway.clock.now()))
  const { json } = await gateway.post('/api/member/login', { ...body, user_id: 'uid002' })
  assert.deepEqual(json, { code: 600100, message: 'Invalid Signature', data: {} })
})

test('700101: an unknown merchant, and a disabled one', async () => {
  assert.equal(((await login({ agent_id: 'nobody' })).json as Body).code, 700101)
  await gateway.updateMerchant({ status: 'disabled' })
  assert.deepEqual((await login()).json, { code: 700101, message: 'Merchant Not Found', data: {} })
  await gateway.updateMerchant({ status: 'enabled' })
  assert.equal(((await login()).json as Body).code, 200)
})

test('700103: an unknown member; one is created where the merchant allows it', async () => {
  assert.deepEqual((await login({ user_id: 'stranger' })).json, { code: 700103, message: 'User Not Found', data: {} })
  await gateway.updateMerchant({ settings: { autoCreateMembers: true } })
  assert.equal(((await login({ user_id: 'newcomer' })).json as Body).code, 200)
  const member = await gateway.store.members.find('agent001', 'newcomer')
  assert.deepEqual([member?.userName, member?.desc, member?.status], ['newcomer', '', 'Active'])
  await gateway.updateMerchant({ settings: { autoCreateMembers: false } })
})

test('700106: a token that is bound to another member', async () => {
  await gateway.addMember('uid002')
  assert.equal(((await login({ token: 'shared-token' })).json as Body).code, 200)
  const { json } = await login({ token: 'shared-token', user_id: 'uid002' })
  assert.deepEqual(json, { code: 700106, message: 'Login Failed', data: {} })
})

test('700108: a locked member; LockBet may still log in', async () => {
  await gateway.addMember('locked')
  const lock = async (status: string) => {
    gateway.clock.advance(1)
    const body = { agent_id: 'agent001', user_id: 'locked', status, timestamp: gateway.clock.now() }
    return (await gateway.post('/api/member/lock', signed(body, { call: memberLock }))).json
  }
  assert.deepEqual(await lock('LockBet'), { code: 200, message: 'success', data: {} })
  assert.equal(((await login({ user_id: 'locked' })).json as Body).code, 200)
  await lock('LockAll')
  assert.deepEqual((await login({ user_id: 'locked' })).json, { code: 700108, message: 'User Prohibited from Login', data: {} })
  await lock('Active')
  assert.equal(((await login({ user_id: 'locked' })).json as Body).code, 200)
})

test("700208: a well-formed currency that is not the merchant's", async () => {
  assert.deepEqual((await login({ currency: 'EUR' })).json, {
    code: 700208,
    message: "Currency Not in Merchant's Selected Currency List",
    data: {},
  })
})

test('[check 34] 700270: limits can only choose from the catalogue, in its order', async () => {
  const wrong: Body[] = [
    { USD_101: '999999' },
    { USD_101: '110101,999999' },
    { USD_102: '110101' },
    { EUR_101: '110101' },
    { USD_999: '110101' },
    { USD_101: '110102,110101' },
    { USD_101: '110101,110101' },
    { USD_101: '110101,' },
    { USD_101: ' 110101' },
    { USD: '110101' },
    { usd_101: '110101' },
    { 'USD_101&x': '110101' },
    { USD_101_2: '110101' },
    { USD_101: '110101', VND_101: '1' },
  ]
  for (const limits of wrong) {
    const { json } = await login({ limits })
    assert.equal((json as Body).code, 700270, JSON.stringify(limits))
    assert.match(String((json as Body).message), /^Bet Limits Error: /)
  }
  assert.match(String(((await login({ limits: { USD_101: '110101,999999' } })).json as Body).message), /USD_101: no bet limit 999999/)
  assert.equal(((await login({ limits: { USD_101: '110101,110103', VND_102: '110204' } })).json as Body).code, 200)
})

test("408000: a callback outside the merchant's list, and any callback for an empty list", async () => {
  const { json } = await login({ callback: 'https://evil.example/home' })
  assert.equal((json as Body).code, 408000)
  assert.match(String((json as Body).message), /callback has the origin https:\/\/evil\.example, .* the operator can add it$/)
  await gateway.updateMerchant({ settings: { callbackOrigins: [] } })
  assert.equal(((await login({ callback: 'https://h5-uat.aig1234.com/home' })).json as Body).code, 408000)
  await gateway.updateMerchant({ settings: { callbackOrigins: ['https://h5-uat.aig1234.com'] } })
})

test('408004: by merchant and by address, each with Retry-After', async () => {
  await gateway.updateMerchant({ settings: { ratePerSecond: 1 } })
  const codes: unknown[] = []
  for (let i = 0; i < 3; i++) codes.push(((await login()).json as Body).code)
  assert.deepEqual(codes, [200, 200, 408004])
  const { json, headers, status } = await login()
  assert.deepEqual([status, json], [200, { code: 408004, message: 'API Rate Limit', data: {} }])
  assert.equal(headers['retry-after'], '1')
  await gateway.updateMerchant({ settings: { ratePerSecond: null } })

  const small = await startTestGateway({ settings: { ratePerAddress: 1 } })
  const answers: Awaited<ReturnType<typeof small.post>>[] = []
  for (let i = 0; i < 3; i++) answers.push(await small.post('/api/member/login', '{'))
  assert.deepEqual(
    answers.map(({ json: body }) => (body as Body).code),
    [408000, 408000, 408004],
  )
  assert.equal(answers[2]?.headers['retry-after'], '1')
  await small.close()
})

test('create, lock and logout: their codes', async () => {
  const now = () => gateway.clock.now()
  const create = (user_id: string) =>
    gateway.post(
      '/api/member/create',
      signed({ agent_id: 'agent001', user_id, user_name: 'testUser', timestamp: now() }, { call: memberCreate }),
    )
  assert.deepEqual((await create('fresh')).json, { code: 200, message: 'success', data: {} })
  gateway.clock.advance(1)
  assert.deepEqual((await create('fresh')).json, { code: 700102, message: 'Member Exists', data: {} })
  const lock = { agent_id: 'agent001', user_id: 'stranger', status: 'LockAll', timestamp: now() }
  assert.equal(((await gateway.post('/api/member/lock', signed(lock, { call: memberLock }))).json as Body).code, 700103)
  const logout = (user_id: string) =>
    gateway.post('/api/member/logout', signed({ agent_id: 'agent001', user_id, timestamp: now() }, { call: memberLogout }))
  assert.equal(((await logout('stranger')).json as Body).code, 700103)
  assert.deepEqual((await logout('fresh')).json, { code: 200, message: 'success', data: {} })
})

test('errors outside the table have their real HTTP status: 404, 405, 413, 415', async () => {
  const unknown = await gateway.post('/api/member/nothing', {})
  assert.deepEqual([unknown.status, (unknown.json as Body).code], [404, 408000])
  assert.equal((await gateway.request('GET', '/api/member/%')).status, 404)
  const method = await gateway.request('GET', '/api/member/login')
  assert.deepEqual([method.status, (method.json as Body).code, method.headers.allow], [405, 408000, 'POST'])
  const large = await gateway.post('/api/member/login', JSON.stringify({ a: 'a'.repeat(16_384) }))
  assert.deepEqual([large.status, (large.json as Body).code], [413, 408000])
  for (const headers of [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-encoding': 'gzip' },
  ]) {
    const media = await gateway.post('/api/member/login', '{}', { headers })
    assert.deepEqual([media.status, (media.json as Body).code], [415, 408000], JSON.stringify(headers))
  }
})

test('[check 44] a body that is not one strict JSON object is 408000', async () => {
  const good = JSON.stringify(signed(loginBody(gateway.clock.now())))
  const bodies = [
    '',
    '{',
    '[]',
    'null',
    '"x"',
    `${good}x`,
    good.replace('{', '{"agent_id":"agent001",'),
    good.replace('{', '{"\\u0061gent_id":"agent001",'),
  ]
  for (const body of [
    ...bodies,
    good.replace('{', '{"__proto__":{},'),
    good.replace('uid001', '\\ud800'),
    `\ufeff\ufeff${good}`,
    '['.repeat(8_000),
  ]) {
    const { status, json } = await gateway.post('/api/member/login', body)
    assert.deepEqual([status, (json as Body).code], [200, 408000], body.slice(0, 60))
  }
  const latin1 = Buffer.from(good.replace('uid001', 'uid\u00e4'), 'latin1')
  assert.equal(((await gateway.post('/api/member/login', latin1)).json as Body).code, 408000)
})

test('700105: a lock that could not be written, with 503 and Retry-After', async () => {
  const broken = await startTestGateway()
  await broken.store.close()
  // At once, and when memory is too stale to decide.
  for (const awayMs of [0, 2_000]) {
    broken.clock.advance(awayMs)
    const lock = { agent_id: 'agent001', user_id: 'uid001', status: 'LockAll', timestamp: broken.clock.now() }
    const { status, json, headers } = await broken.post('/api/member/lock', signed(lock, { call: memberLock }))
    assert.deepEqual([status, (json as Body).code, headers['retry-after']], [503, 700105, '1'])
  }
  await broken.close()
})

test('[check 75] an unforeseen error is 500 and 700106, and does not reveal its cause', async () => {
  const broken = await startTestGateway()
  broken.store.members.create = () => Promise.reject(new Error('secret detail'))
  const create = { agent_id: 'agent001', user_id: 'fresh', user_name: 'fresh', timestamp: broken.clock.now() }
  const { status, json } = await broken.post('/api/member/create', signed(create, { call: memberCreate }))
  assert.deepEqual([status, json], [500, { code: 700106, message: 'Login Failed: internal error', data: {} }])
  await broken.close()
})

test('a setting turns on 400, 401, 403, 404 and 429', async () => {
  const standard = await startTestGateway({ settings: { memberHttpStatus: 'standard' } })
  const statusOf = async (changes: Body, options: { address?: string } = {}) =>
    (await standard.post('/api/member/login', signed(loginBody(standard.clock.now(), changes)), options)).status
  assert.equal(await statusOf({}), 200)
  assert.equal(await statusOf({ platform: 'pc' }), 400)
  assert.equal(await statusOf({}, { address: '203.0.113.9' }), 403)
  assert.equal(await statusOf({ agent_id: 'nobody' }), 404)
  assert.equal((await standard.post('/api/member/login', { ...loginBody(standard.clock.now()), sign: '0'.repeat(32) })).status, 401)
  await standard.updateMerchant({ settings: { ratePerSecond: 1 } })
  for (let i = 0; i < 2; i++) await statusOf({})
  assert.equal(await statusOf({}), 429)
  await standard.close()
})
