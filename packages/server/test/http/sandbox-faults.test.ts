import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { sharedAs } from '../../src/core/base/clock.ts'
import { openGateway } from '../../src/gateway.ts'
import { parseSandboxFault } from '../../src/http/sandbox-faults.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { authPath, codeOf } from '../support/seller-calls.ts'
import { freePort } from '../support/server-process.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

const memberLoginPath = '/api/member/login'
const faulty = (fault: string) => ({ headers: { 'x-sandbox-fault': fault } })
const body = () => signed(loginBody(gateway.clock.now()))

test('the header is parsed strictly', () => {
  assert.deepEqual(parseSandboxFault('fail=login_busy'), { fail: 'login_busy', delayMs: 0, isCut: false, every: 1 })
  assert.deepEqual(parseSandboxFault('delay=20, cut,fail=503, every=3'), { fail: 503, delayMs: 20, isCut: true, every: 3 })
  const wrong = [
    '',
    'fail',
    'fail=200',
    'fail=toString',
    'fail=nonsense',
    'delay=-1',
    'delay=60001',
    'delay=1s',
    'cut=1',
    'cut;delay=1',
    'every=1',
    'every=10',
  ]
  for (const text of wrong) assert.equal(parseSandboxFault(text), null, text)
})

test('every error can be provoked in the envelope of its API, without an effect', async () => {
  const failed = await gateway.post(memberLoginPath, body(), faulty('fail=queue_full'))
  assert.equal((failed.json as { code: number }).code, 408004)
  assert.equal(failed.headers['retry-after'], '1')
  const busy = await gateway.post(
    `${authPath}/login`,
    { email: 'seller@example.com', password: 'sandbox-orchard-lantern' },
    faulty('fail=login_busy'),
  )
  assert.equal(codeOf(busy), '10012')
  const proxied = await gateway.post(memberLoginPath, body(), faulty('fail=502'))
  assert.deepEqual([proxied.status, proxied.json], [502, null])
  assert.deepEqual(await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now()), [])
  assert.equal((await gateway.post(memberLoginPath, body(), faulty('nonsense'))).status, 400)
})

test('a delayed answer and a cut one come after the call took effect; repeating it is safe', async (t) => {
  const port = await freePort()
  await gateway.app.listen({ host: '127.0.0.1', port })
  const send = (login: Body, fault?: string) =>
    fetch(`http://127.0.0.1:${port}${memberLoginPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(fault === undefined ? {} : { 'x-sandbox-fault': fault }) },
      body: JSON.stringify(login),
    }).then((response) => response.json() as Promise<{ code: number }>)
  const cut = body()
  await assert.rejects(send(cut, 'cut'))
  assert.equal((await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())).length, 1)
  assert.equal((await send(cut)).code, 200)

  const { promise: held, resolve } = Promise.withResolvers<() => void>()
  const plain = globalThis.setTimeout
  t.mock.method(globalThis, 'setTimeout', (finish: (payload: unknown) => void, ms: number, ...rest: [unknown]) => {
    if (ms !== 40_000) return plain(finish, ms, ...rest)
    return resolve(() => finish(...rest))
  })
  let isAnswered = false
  const late = send(body(), 'delay=40000').finally(() => {
    isAnswered = true
  })
  const release = await held
  assert.equal((await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())).length, 2)
  assert.equal(isAnswered, false)
  release()
  assert.equal((await late).code, 200)
})

test('every=N hits the first of N requests, and the path may name a fault in place of the header', async () => {
  const asked = async () => (await gateway.post(`/fault/fail=502,every=3${memberLoginPath}`, body())).status
  assert.deepEqual([await asked(), await asked(), await asked(), await asked()], [502, 200, 200, 502])
  const listed = signed({ agent_id: 'agent001', timestamp: gateway.clock.now() })
  const query = new URLSearchParams(listed as Record<string, string>)
  assert.equal((await gateway.app.inject(`/fault/every=9,delay=1/api/game/list?${query}`)).json().code, 200)
  assert.equal((await gateway.post(`/fault/nonsense${memberLoginPath}`, body())).status, 400)
  assert.equal((await gateway.post('/fault/cut', body())).status, 404)
})

test('in production the header means nothing', async () => {
  const { settings, clock, store } = gateway
  const production = await openGateway({
    settings,
    mode: 'serve',
    clock,
    sharedClock: sharedAs(clock),
    store,
    logger: pino({ level: 'silent' }),
  })
  const headers = { 'x-sandbox-fault': 'fail=502', 'content-type': 'application/json' }
  const answer = await production.app.inject({ method: 'POST', url: memberLoginPath, headers, payload: '{}' })
  const below = await production.app.inject({ method: 'POST', url: `/fault/fail=502${memberLoginPath}`, headers, payload: '{}' })
  await production.close()
  assert.equal(answer.statusCode, 200)
  assert.equal(below.statusCode, 404)
  assert.equal((answer.json() as { code: number }).code, 408000)
})
