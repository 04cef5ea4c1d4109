import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { factText } from '@lobbykey/contract'
import pino from 'pino'
import type { TraceStep } from '../../src/store/store.ts'
import { type Answer, startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { authPath, bearer, login, loginTokens, me, refresh, wrongPassword } from '../support/seller-calls.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'
import { testStores } from '../support/stores.ts'

async function traceOf(gateway: TestGateway, answer: Answer) {
  await gateway.flushTraces()
  return (await gateway.store.traces.find(String(answer.headers['x-request-id']))) ?? assert.fail('no trace')
}

function inWords({ name, passed, facts = [] }: TraceStep) {
  return { name, passed, fact: factText(facts) }
}

async function start(t: { after(end: () => Promise<void>): void }, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startTestGateway(options)
  t.after(() => gateway.close())
  return gateway
}

const memberLoginPath = '/api/member/login'

for (const storeKind of testStores()) {
  test(`a member login leaves its steps in order on ${storeKind.name}`, async (t) => {
    const gateway = await start(t, { storeKind })
    const body = loginBody(gateway.clock.now() - 1_500)
    const trace = await traceOf(gateway, await gateway.post(memberLoginPath, signed(body)))
    assert.deepEqual(
      { agentId: trace.agentId, subject: trace.subject, address: trace.address, code: trace.code, isFailed: trace.isFailed },
      { agentId: 'agent001', subject: 'uid001', address: '127.0.0.1', code: '200', isFailed: false },
    )
    assert.equal(trace.steps.length, 12)
    assert.ok(trace.steps.every(({ passed }) => passed))
    const facts = Object.fromEntries(trace.steps.map((step) => [step.name, inWords(step).fact]))
    assert.equal(facts.timestamp, 'clock difference -1500 ms')
    assert.equal(facts['address list'], '127.0.0.1, against 2 entries')
    assert.match(facts.signature ?? '', /^md5, 1 key tried, agent_id=<8>&currency=<4>&language=<5>&platform=<2>&timestamp=<13>&token=/)
  })

  test(`a seller's refusal is shown in full to operators only, on ${storeKind.name}`, async (t) => {
    const gateway = await start(t, { storeKind })
    const unknown = await login(gateway, { email: 'nobody@example.com', password: wrongPassword })
    const wrong = await login(gateway, { password: wrongPassword })
    assert.equal(unknown.text.replace(/"time":"[^"]+"/, ''), wrong.text.replace(/"time":"[^"]+"/, ''))
    const traces = [await traceOf(gateway, unknown), await traceOf(gateway, wrong)]
    assert.deepEqual(
      traces.map(({ steps }) => steps.slice(-1).map(inWords)),
      [
        [{ name: 'login', passed: false, fact: 'bad_credentials; unknown-email' }],
        [{ name: 'login', passed: false, fact: 'bad_credentials; wrong-password' }],
      ],
    )
    assert.equal(traces[0]?.subject, undefined)
    assert.equal(JSON.stringify(traces).includes('@'), false)
  })
}

test('every refusal of a member call records the deciding step and its fact', async (t) => {
  const gateway = await start(t, { settings: { traceValues: 'shown' } })
  const post = async (body: Body | string, options: Parameters<TestGateway['post']>[2] = {}) => {
    const { steps, key, agentId } = await traceOf(gateway, await gateway.post(memberLoginPath, body, options))
    return { key, agentId, last: steps.at(-1) }
  }
  const now = gateway.clock.now()
  const good = loginBody(now)
  const decided = async (body: Body | string, options?: Parameters<TestGateway['post']>[2]) => {
    const { key, last } = await post(body, options)
    return [key, last?.name, last?.passed, factText(last?.facts ?? [])]
  }
  assert.deepEqual(await decided('{'), ['invalid_body', 'body', false, '1 byte; the body is not JSON'])
  assert.equal((await post({ ...good, agent_id: 'not signed' })).agentId, undefined, 'a name outside its rule is not kept')
  assert.deepEqual(await decided(signed(good), { address: '203.0.113.9' }), [
    'address_not_allowed',
    'address list',
    false,
    "203.0.113.9, against 2 entries; 203.0.113.9 is not on the merchant's list",
  ])
  const stale = await decided(signed(loginBody(now - 700_000)))
  assert.deepEqual(stale.slice(0, 3), ['invalid_parameter', 'timestamp', false])
  assert.match(String(stale[3]), /^clock difference -700000 ms; /)
  const wrong = await decided(signed(good, { key: 'AAAAAAAAAAAAAAAA' }))
  assert.deepEqual(wrong.slice(0, 3), ['bad_signature', 'signature', false])
  assert.match(String(wrong[3]), /agent_id=agent001&currency=VND2&.*&token=<14>&user_id=uid001; bad_signature$/)
  assert.deepEqual(await decided(signed(loginBody(now, { currency: 'EUR' }))), [
    'currency_not_allowed',
    'currency',
    false,
    'EUR; currency_not_allowed',
  ])
  assert.deepEqual(await decided('x', { headers: { 'content-type': 'text/plain' } }), [
    'unsupported_media_type',
    'head',
    false,
    'unsupported_media_type',
  ])
  await gateway.updateMerchant({ settings: { ratePerSecond: 1 } })
  for (let i = 0; i < 2; i++) await gateway.post(memberLoginPath, signed(loginBody(now)))
  assert.deepEqual(await decided(signed(loginBody(now))), [
    'rate_limited',
    'rate by merchant',
    false,
    'limit 1 a second, 2 at once; rate_limited; again in 1000 ms',
  ])
})

test('the rate by address leaves a trace, an unknown path none', async (t) => {
  const gateway = await start(t, { settings: { ratePerAddress: 1 } })
  for (let i = 0; i < 2; i++) await gateway.post('/api/nothing', {})
  const answer = await gateway.post(memberLoginPath, {})
  assert.equal((await traceOf(gateway, answer)).steps[0]?.name, 'rate by address')
  assert.equal((await gateway.store.traces.list({ limit: 10 })).length, 1)
})

test('seller calls leave a trace each, by seller ID', async (t) => {
  const gateway = await start(t)
  const tokens = await loginTokens(gateway)
  await refresh(gateway, tokens.refreshToken)
  const seller = await gateway.store.sellers.findByEmail('seller@example.com')
  const answered = await me(gateway, tokens.accessToken)
  const { subject, steps } = await traceOf(gateway, answered)
  assert.equal(subject, seller?.id)
  assert.deepEqual(
    steps.map(({ name }) => name),
    ['token-place', 'bearer-token', 'fresh', 'access-token', 'me'],
  )
  const bad = await gateway.request('GET', `${authPath}/me`, bearer('nonsense'))
  assert.deepEqual((await traceOf(gateway, bad)).steps.slice(-1).map(inWords), [
    { name: 'access-token', passed: false, fact: 'access_token_invalid' },
  ])
  gateway.clock.advance(1)
  const plain = await gateway.post(`${authPath}/login`, 'x', { headers: { 'content-type': 'text/plain' } })
  assert.deepEqual((await traceOf(gateway, plain)).steps.map(inWords), [{ name: 'head', passed: false, fact: 'unsupported_media_type' }])
  const logins = (await gateway.store.traces.list({ limit: 10 })).filter(({ call }) => call === 'login' || call === 'refresh')
  assert.deepEqual(
    logins.map((trace) => [trace.call, trace.code, trace.subject]),
    [
      ['login', '10002', undefined],
      ['refresh', '0000', seller?.id],
      ['login', '0000', seller?.id],
    ],
  )
})

test('a drifting clock causes a warning before its calls are refused', async (t) => {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const gateway = await start(t, { logger: pino({ level: 'warn' }, sink) })
  const logIn = async (aheadMs: number) => {
    const answer = await gateway.post(memberLoginPath, signed(loginBody(gateway.clock.now() + aheadMs)))
    assert.equal((answer.json as { code: number }).code, 200, answer.text)
  }
  await logIn(1_000)
  await gateway.flushClocks()
  assert.deepEqual(
    (await gateway.store.merchantClocks.load()).map(({ differenceMs }) => differenceMs),
    [1_000],
  )
  for (let i = 0; i < 20; i++) await logIn(420_000)
  await gateway.flushClocks()
  await logIn(430_000)
  gateway.clock.advance(700_000)
  await logIn(430_000)
  await gateway.flushClocks()
  const [clock] = await gateway.store.merchantClocks.load()
  assert.ok((clock?.differenceMs ?? 0) > 380_000 && (clock?.differenceMs ?? 0) < 430_000, JSON.stringify(clock))
  assert.equal((await gateway.store.events.list({ kind: 'merchant.clock_off', limit: 9 })).length, 1, 'once a day')
  assert.equal(lines.filter((line) => line.includes("a merchant's clock is off")).length, 1)
})

test('a refused signature does not affect the clock', async (t) => {
  const gateway = await start(t)
  await gateway.post(memberLoginPath, signed(loginBody(gateway.clock.now() + 500_000), { key: 'AAAAAAAAAAAAAAAA' }))
  await gateway.flushClocks()
  assert.deepEqual(await gateway.store.merchantClocks.load(), [])
})
