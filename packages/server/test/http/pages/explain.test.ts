import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleMerchant } from '../../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

const path = '/api/sandbox/explain'

async function start(t: { after(end: () => Promise<void>): void }, options: Parameters<typeof startTestGateway>[0] = {}) {
  const gateway = await startTestGateway(options)
  t.after(() => gateway.close())
  return gateway
}

async function explain(gateway: TestGateway, body: unknown, call = 'login') {
  const answer = await gateway.post(path, { call, body })
  gateway.clock.advance(1_000)
  assert.equal(answer.status, 200, answer.text)
  return { ...(answer.json as { kind: string; sentence: string; cure: string; ruledOut: string[] }), text: answer.text }
}

for (const storeKind of testStores()) {
  test(`tells the mistake in a sentence, never a key, a digest or a canonical string, on ${storeKind.name}`, async (t) => {
    const gateway = await start(t, { storeKind })
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

test('nobody may ask where nobody is allowed, and only those who are', async (t) => {
  const off = await start(t, { settings: { explainAllow: [] } })
  assert.equal((await off.post(path, {})).status, 404)
  assert.match((await off.request('GET', '/playground')).text, /canExplain&#34;:false|not built/)
  const operator = await start(t, { settings: { explainAllow: ['192.0.2.0/24'] } })
  assert.equal((await operator.post(path, { body: {} })).status, 404)
  const body = signed(loginBody(operator.clock.now()))
  assert.equal((await operator.post(path, { body }, { address: '192.0.2.7' })).status, 200)
})

test('what cannot be explained is refused in words; each address may ask twice a second', async (t) => {
  const gateway = await start(t)
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
  assert.equal((await gateway.post(path, { body }, { address: '192.0.2.9' })).status, 200)
})
