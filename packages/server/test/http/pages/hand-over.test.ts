import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`hand-over links on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let node: TestGateway
    let owner: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      node = await gateway.openSecondNode()
      owner = await addToken(gateway, await addOperator(gateway, 'owner'))
    })
    after(async () => {
      await node.close()
      await gateway.close()
    })
    const post = (path: string, body: object, headers = {}) => adminCall(gateway, owner, 'POST', path, { body, headers })
    let caller = 0
    /** From separate addresses, since opening is limited by address. */
    const open = async (link: string, at = gateway, address = `198.51.100.${++caller}`) => {
      const payload = JSON.stringify({ token: new URL(link).hash.slice(1) })
      const headers = { 'content-type': 'application/json' }
      const answer = await at.app.inject({ method: 'POST', url: '/hand-over', remoteAddress: address, headers, payload })
      return { status: answer.statusCode, json: answer.json() as { what?: string; secret?: string; error?: string } }
    }

    test('[check 95] a key goes to the first of twenty who open its link on two nodes, and to nobody else', async () => {
      const { status, json } = await post('/merchants/agent001/keys', { handOver: true })
      assert.equal(status, 201)
      assert.deepEqual(Object.keys(json).sort(), ['agentId', 'handOver', 'keyId'], 'no key in the answer')
      assert.match(json.handOver.url, new RegExp(`^${gateway.settings.publicUrl}/hand-over#[\\w-]{43}$`))
      const answers = await Promise.all(Array.from({ length: 20 }, (_one, at) => open(json.handOver.url, at % 2 === 0 ? gateway : node)))
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, ...Array.from({ length: 19 }, () => 410)])
      const { secret = '', what } = answers.find((answer) => answer.status === 200)?.json ?? {}
      assert.equal(what, `The key ${json.keyId} of merchant agent001`)
      await gateway.hearChanges()
      const login = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now()), { key: secret }))
      assert.equal((login.json as { code: number }).code, 200, login.text)
      const events = await gateway.store.events.list({ subject: undefined, limit: 50 })
      const [opened] = events.filter(({ kind }) => kind === 'hand-over.opened')
      assert.deepEqual([opened?.agentId, opened?.surface, opened?.details?.what], ['agent001', 'pages', what])
      assert.doesNotMatch(JSON.stringify(events), new RegExp(`${secret}|${new URL(json.handOver.url).hash.slice(1)}`))
    })

    test('an imported key cannot be handed over, and nobody opens links by the hundred', async () => {
      const brought = await post('/merchants/agent001/keys', { key: 'ABCDEFGHIJKLMNOP', handOver: true })
      assert.deepEqual([brought.status, brought.json.field], [400, 'handOver'])
      const statuses: number[] = []
      const link = `${gateway.settings.publicUrl}/hand-over#${'A'.repeat(43)}`
      for (let count = 0; count < 10; count++) statuses.push((await open(link, gateway, '203.0.113.9')).status)
      assert.deepEqual([statuses[0], statuses.at(-1)], [410, 429])
    })

    test('[check 9] a link ends after a day; a rehearsal makes none; a repeated request gets the same one', async () => {
      const late = await post('/services', { serviceId: 'late', handOver: true })
      assert.deepEqual(Object.keys(late.json).sort(), ['handOver', 'serviceId'])
      const rehearsed = await post('/services?validateOnly=true', { serviceId: 'other', handOver: true })
      assert.deepEqual([rehearsed.status, rehearsed.json], [200, { serviceId: 'other' }])
      const again = [1, 2].map(() => post('/services', { serviceId: 'twice', handOver: true }, { 'idempotency-key': 'one' }))
      const [first] = (await Promise.all(again)).filter(({ status }) => status === 201)
      assert.equal((await open(first?.json.handOver.url)).json.what, 'The secret of service twice')
      gateway.clock.advance(24 * 3_600_000)
      assert.equal((await open(late.json.handOver.url)).status, 410)
      assert.equal((await open(`${gateway.settings.publicUrl}/hand-over#nosuch`)).status, 410)
    })
  })
}
