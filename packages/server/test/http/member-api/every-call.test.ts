import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { signedCalls } from '@lobbykey/contract'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, signed } from '../../support/signed-body.ts'
import { sampleBody, sendBody, sendCall } from '../../support/signed-calls.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

/** Answers that all signed calls share: those of the common steps, before their own. */
for (const call of signedCalls) {
  const sample = (changes: Body = {}) => sampleBody(call, gateway.clock.now(), changes)
  const codeOf = async (answer: ReturnType<typeof sendCall>) => ((await answer).json as Body).code

  test(`${call.name}: 200, with the envelope and never cached`, async () => {
    const { status, json, headers } = await sendCall(gateway, call, sample())
    assert.deepEqual([status, (json as Body).code, (json as Body).message], [200, 200, 'success'], JSON.stringify(json))
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(String(headers['x-request-id']), /^[\w-]{16}$/)
  })

  test(`${call.name}: 408000 for a missing, unknown or invalid field`, async () => {
    for (const changes of [{ agent_id: undefined }, { foo: 'x' }, { agent_id: 'a b' }, { timestamp: 'now' }]) {
      const { json } = await sendCall(gateway, call, sample(changes))
      assert.equal((json as Body).code, 408000, JSON.stringify(changes))
      assert.match(String((json as Body).message), /^Request Parameter Error: (?:agent_id|foo|timestamp) /)
    }
    assert.equal(await codeOf(sendBody(gateway, call, { ...sample(), sign: 'x' })), 408000)
    assert.equal(await codeOf(sendBody(gateway, call, sample())), 408000)
  })

  test(`${call.name}: 408000 for a timestamp more than ten minutes off, in either direction`, async () => {
    for (const off of [-600_000, 600_000]) {
      assert.equal(await codeOf(sendCall(gateway, call, sample({ timestamp: gateway.clock.now() + off }))), 200)
      const { json } = await sendCall(gateway, call, sample({ timestamp: gateway.clock.now() + off + Math.sign(off) }))
      assert.equal((json as Body).code, 408000)
      assert.match(String((json as Body).message), /timestamp/)
    }
  })

  test(`${call.name}: 408003 from a foreign address, which the message contains`, async () => {
    const { json } = await sendCall(gateway, call, sample(), { address: '203.0.113.9' })
    assert.deepEqual(json, { code: 408003, message: "Whitelist Restriction: 203.0.113.9 is not on the merchant's list", data: {} })
  })

  test(`${call.name}: 600100 for another key, and for a signed field changed`, async () => {
    assert.equal(await codeOf(sendCall(gateway, call, sample(), { key: 'wrong-key-00000000' })), 600100)
    const body = signed(sample(), { call })
    const changed = { ...body, timestamp: gateway.clock.now() + 1 }
    assert.deepEqual((await sendBody(gateway, call, changed)).json, { code: 600100, message: 'Invalid Signature', data: {} })
  })

  test(`${call.name}: 700101 for an unknown merchant, and for a disabled one`, async () => {
    assert.equal(await codeOf(sendCall(gateway, call, sample({ agent_id: 'nobody' }))), 700101)
    await gateway.updateMerchant({ status: 'disabled' })
    assert.equal(await codeOf(sendCall(gateway, call, sample())), 700101)
    await gateway.updateMerchant({ status: 'enabled' })
  })

  test(`${call.name}: 408004 beyond the merchant's rate, with Retry-After`, async () => {
    await gateway.updateMerchant({ settings: { ratePerSecond: 1 } })
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await sendCall(gateway, call, sample()))
    await gateway.updateMerchant({ settings: { ratePerSecond: null } })
    const limited = answers.find(({ json }) => (json as Body).code === 408004)
    assert.equal(limited?.headers['retry-after'], '1')
    gateway.clock.advance(10_000)
  })

  test(`${call.name}: 405 for the other method, in the same envelope`, async () => {
    const other = call.method === 'GET' ? 'POST' : 'GET'
    const { status, json, headers } = await gateway.request(other, call.path)
    assert.deepEqual([status, (json as Body).code, headers.allow], [405, 408000, call.method])
  })

  test(`${call.name}: HMAC-SHA256 once the merchant has switched, and no MD5 afterwards`, async () => {
    await gateway.updateMerchant({ settings: { algorithm: 'hmac-sha256' } })
    assert.equal(await codeOf(sendCall(gateway, call, sample())), 600100)
    assert.equal(await codeOf(sendCall(gateway, call, sample(), { profile: { algorithm: 'hmac-sha256', callback: 'unsigned' } })), 200)
    await gateway.updateMerchant({ settings: { algorithm: 'md5' } })
  })
}

test('[check 32] [check 37] a signature used by one call is refused by every other', async () => {
  const posts = signedCalls.filter(({ method }) => method === 'POST')
  let tried = 0
  for (const call of posts) {
    for (const other of posts) {
      if (other === call) continue
      // Fields that both calls take, so that one signature fits both.
      const both = Object.keys(call.schema.properties).filter((name) => name in other.schema.properties)
      const fields = { ...sampleBody(other, gateway.clock.now()), ...sampleBody(call, gateway.clock.now()) }
      const body = Object.fromEntries(Object.entries(fields).filter(([name]) => both.includes(name)))
      const first = (await sendBody(gateway, call, signed(body, { call }))).json as Body
      if (first.code !== 200) continue
      tried += 1
      const second = (await sendBody(gateway, other, signed(body, { call }))).json as Body
      assert.ok([700106, 408000].includes(second.code as number), `${call.name} then ${other.name}: ${JSON.stringify(second)}`)
      gateway.clock.advance(1)
    }
  }
  assert.ok(tried >= 3, String(tried))
})
