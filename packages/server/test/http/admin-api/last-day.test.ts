import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`the effect of a change on the last day's calls, on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let token: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      token = await addToken(gateway, await addOperator(gateway, 'owner'), { days: 3 })
      await gateway.updateMerchant({ settings: { allow: ['127.0.0.1', '192.0.2.0/24'] } })
      for (const [address, count] of [
        ['127.0.0.1', 1],
        ['192.0.2.1', 2],
        ['192.0.2.2', 3],
        ['198.51.100.9', 4],
      ] as const) {
        for (let login = 0; login < count; login++) {
          const body = signed(loginBody(gateway.clock.now(), { token: `${address}-${login}`.replaceAll('.', '-') }))
          await gateway.post('/api/member/login', body, { address })
        }
      }
      await gateway.flushCounts()
    })
    after(() => gateway.close())

    const effectsOf = async (method: 'PATCH' | 'POST', path: string, body: object = {}): Promise<string[]> => {
      const options = { body, headers: { 'if-match': '*' } }
      const { status, json } = await adminCall(gateway, token, method, `/merchants/agent001${path}?validateOnly=true`, options)
      assert.equal(status, 200, JSON.stringify(json))
      return json.effects
    }

    test('an address list reports whose calls it would have refused and admitted', async () => {
      assert.deepEqual(await effectsOf('PATCH', '', { allow: ['127.0.0.1'] }), [
        '5 calls of the last day from 2 addresses would have been refused.',
      ])
      assert.deepEqual(await effectsOf('PATCH', '', { allow: ['127.0.0.0/8', '192.0.2.0/24', '198.51.100.9'] }), [
        '4 calls of the last day from 1 address would not have been refused by the list.',
      ])
      assert.deepEqual(await effectsOf('PATCH', '', { ratePerSecond: 3 }), [])
    })

    test('disabling a merchant and retiring a key report the calls that were accepted', async () => {
      assert.deepEqual(await effectsOf('POST', '/disable'), ['6 calls of the last day from 3 addresses would have been refused.'])
      const { json } = await adminCall(gateway, token, 'GET', '/merchants/agent001')
      await adminCall(gateway, token, 'POST', '/merchants/agent001/keys', { body: {} })
      assert.deepEqual(await effectsOf('POST', `/keys/${json.keys[0].keyId}/retire`, { force: true }), [
        '6 calls of the last day from 3 addresses were signed with it.',
      ])
      gateway.clock.advance(25 * 3_600_000)
      assert.deepEqual(await effectsOf('POST', '/disable'), [])
    })
  })
}
