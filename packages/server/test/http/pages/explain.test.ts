import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { MerchantAdmin } from '../../../src/core/merchants/merchant-admin.ts'
import { sampleMerchant, sampleMerchantSettings } from '../../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

const path = '/api/sandbox/explain'

/** Most tests share one, since each starts a thread that rehearses a whole search. */
let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
beforeEach(async () => {
  // No test leaves another a limit or settings.
  gateway.clock.advance(60_000)
  await gateway.updateMerchant({ status: 'enabled', settings: { allow: sampleMerchantSettings(gateway.publicUrl).allow } })
})
after(() => gateway.close())

async function explain(gateway: TestGateway, body: unknown, call = 'login') {
  const answer = await gateway.post(path, { call, body })
  gateway.clock.advance(1_000)
  assert.equal(answer.status, 200, answer.text)
  return { ...(answer.json as { kind: string; sentence: string; cure: string; ruledOut: string[] }), text: answer.text }
}

for (const storeKind of testStores()) {
  test(`explains the mistake in a sentence, never with a key, a digest or a canonical string, on ${storeKind.name}`, async (t) => {
    const gateway = await startTestGateway({ storeKind })
    t.after(() => gateway.close())
    const fields = () => loginBody(gateway.clock.now())
    const right = signed(fields())
    const kinds: string[] = []
    const told: string[] = []
    const ask = async (body: unknown, call?: string) => {
      const { kind, text } = await explain(gateway, body, call)
      kinds.push(kind)
      told.push(text)
    }
    await ask(JSON.stringify(right))
    await ask(right)
    await ask({ ...right, language: 'zh-CN' })
    await ask(signed(fields(), { key: 'notTheRightKey12' }))
    await ask(signed(fields(), { key: ` ${sampleMerchant.key}` }))
    await ask(`curl -s http://127.0.0.1/api/member/login -d '${JSON.stringify({ ...right, sign: 'x' })}'`)
    assert.deepEqual(kinds.slice(0, 2), ['signature-right', 'signature-right'])
    assert.equal(kinds.slice(2).includes('signature-right'), false)
    for (const text of told)
      assert.doesNotMatch(text, new RegExp(`${sampleMerchant.key}|${String((right as Body).sign)}|agent_id=agent001&`))
  })
}

test('with the hashed text the answer is exact and repeats neither text nor key; without it, it says how to get it', async () => {
  const body = { ...signed(loginBody(gateway.clock.now())), sign: '' }
  const text = `<${sampleMerchant.key}>user_id~${'secret'.repeat(4)}`
  const sign = createHash('md5').update(text).digest('hex')
  const ask = async (question: object, headers: Record<string, string> = {}) => {
    const answer = await gateway.post(path, { call: 'login', body: { ...body, sign }, ...question }, { headers })
    gateway.clock.advance(1_000)
    return answer
  }
  const answer = await ask({ text })
  const { kind, difference } = answer.json as { kind: string; difference: { sentences: string[]; right: string } }
  assert.equal(kind, 'text-differs')
  assert.match(difference.right, /^KEY&agent_id=agent001&/)
  assert.ok(difference.sentences.length > 0)
  assert.doesNotMatch(answer.text, new RegExp(`${sampleMerchant.key}|secretsecret`))
  const php = (await ask({}, { 'user-agent': 'GuzzleHttp/7' })).json as { kind: string; cure: string }
  assert.equal(php.kind, 'unknown')
  assert.match(php.cure, /error_log\(str_replace\(\$key, 'KEY', \$text\)\)/)
  assert.match(
    ((await ask({}, { 'user-agent': 'Mozilla/5.0' })).json as { cure: string }).cure,
    /with KEY in the key's place, and ask again/,
  )
  for (const wrong of [1, 'x'.repeat(20_000), null]) assert.equal((await ask({ text: wrong })).status, 400)
})

test('only addresses of the list may ask', async (t) => {
  const off = await startTestGateway({ settings: { explainAllow: [] } })
  t.after(() => off.close())
  assert.equal((await off.post(path, {})).status, 404)
  assert.match((await off.request('GET', '/playground')).text, /canExplain&#34;:false|not built/)
  const operator = await startTestGateway({ settings: { explainAllow: ['192.0.2.0/24'] } })
  t.after(() => operator.close())
  assert.equal((await operator.post(path, {})).status, 404)
  const { status, json } = await operator.post(path, {}, { address: '192.0.2.7' })
  assert.deepEqual([status, (json as { error: string }).error], [400, 'invalid_parameter'], 'a question, though not a whole one')
})

test('questions that cannot be explained get an explanation why; each address may ask twice a second', async () => {
  const refused = async (body: object | string, headers: Record<string, string> = {}) => {
    const { status, json } = await gateway.post(path, body, { headers })
    gateway.clock.advance(1_000)
    return [status, (json as { error: string }).error]
  }
  const body = signed(loginBody(gateway.clock.now()))
  assert.deepEqual(await refused('{'), [400, 'invalid_body'])
  assert.deepEqual(await refused('x', { 'content-type': 'text/plain' }), [415, 'unsupported_media_type'])
  assert.deepEqual(await refused({}), [400, 'invalid_parameter'])
  assert.deepEqual(await refused({ body: 1 }), [400, 'invalid_parameter'])
  assert.deepEqual(await refused({ body, key: 'never sent' }), [400, 'invalid_parameter'])
  assert.deepEqual(await refused({ body, call: 'nonsense' }), [400, 'invalid_parameter'])
  assert.deepEqual(await refused({ body: { ...body, agent_id: 'nobody' } }), [404, 'merchant_not_found'])
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await gateway.post(path, { body })).status)
  assert.deepEqual(statuses, [200, 200, 200, 200, 429])
  await gateway.updateMerchant({ settings: { allow: ['127.0.0.1', '192.0.2.9'] } })
  assert.equal((await gateway.post(path, { body }, { address: '192.0.2.9' })).status, 200)
})

test("[check 92] where the member API would not check the signature, the answer is the member API's own", async () => {
  const bodies = [signed(loginBody(gateway.clock.now())), signed(loginBody(gateway.clock.now()), { key: 'notTheRightKey12' })]
  const same = async (address: string, code: number) => {
    for (const body of bodies) {
      const refused = await gateway.post('/api/member/login', body, { address })
      const told = await gateway.post(path, { call: 'login', body: JSON.stringify(body) }, { address })
      gateway.clock.advance(1_000)
      const { error: _error, ...answer } = told.json as { error: string; code: number }
      assert.equal(answer.code, code)
      assert.deepEqual(answer, refused.json)
    }
  }
  await gateway.updateMerchant({ settings: { allow: ['192.0.2.7'] } })
  await same('127.0.0.1', 408003)
  await gateway.updateMerchant({ status: 'disabled' })
  await same('192.0.2.7', 700101)
})

test("[check 92] a key of a merchant that would not answer the caller is not confirmed by asking about another's request", async () => {
  const key = 'keyOfAnother0001'
  const sealer = new Sealer(gateway.settings.masterKey)
  const admin = new MerchantAdmin({ store: gateway.store.merchants, sealer, clock: gateway.clock, origin: { surface: 'cli' } })
  await admin.add('other', { allow: ['192.0.2.7'] }, key)
  await gateway.hearChanges()
  const kinds: string[] = []
  for (const address of ['127.0.0.1', '192.0.2.7']) {
    await gateway.updateMerchant({ settings: { allow: [address] } })
    const { json } = await gateway.post(path, { call: 'login', body: signed(loginBody(gateway.clock.now()), { key }) }, { address })
    kinds.push((json as { kind: string }).kind)
  }
  assert.deepEqual(kinds, ['unknown', 'key-of-another-merchant'])
})

test('[check 85] questions are limited per minute, by address and merchant', async () => {
  await gateway.updateMerchant({ settings: { allow: ['192.0.2.0/24'] } })
  // Answered without a search.
  const body = { ...signed(loginBody(gateway.clock.now())), sign: 'x' }
  const ask = async (address: string) => {
    const { status, headers } = await gateway.post(path, { call: 'login', body }, { address })
    gateway.clock.advance(500)
    return status === 429 ? `429, ${typeof headers['retry-after']}` : status
  }
  const answers: unknown[] = []
  for (let i = 0; i < 30; i++) answers.push(await ask('192.0.2.1'))
  // Twenty at once, and one more every three seconds.
  assert.deepEqual(answers.slice(0, 20), Array(20).fill(200))
  assert.equal(answers.filter((answer) => answer === 200).length, 24)
  assert.equal(answers.filter((answer) => answer === '429, string').length, 6)
  assert.equal(await ask('192.0.2.2'), 200)
})
