/** A merchant's certificate, ticked item by item by real calls. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { guestLogin, memberLogin, memberLogout } from '@lobbykey/contract'
import { type CertificateItemName, certificateItemNames } from '@lobbykey/contract/admin'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { sampleBody, sendBody, sendCall } from '../../support/signed-calls.ts'
import { testStores } from '../../support/stores.ts'

const day = 86_400_000
const wrongKey = 'notTheKeyOfAgent001'

for (const storeKind of testStores()) {
  describe(`a certificate, on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let token: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081, ratePerMerchant: 2 } })
      token = await addToken(gateway, await addOperator(gateway, 'partner', ['agent001']), { days: 90 })
    })
    after(() => gateway.close())

    const read = async () => {
      await Promise.all([gateway.flushConduct(), gateway.flushClocks(), gateway.flushKeyUses()])
      const { status, json } = await adminCall(gateway, token, 'GET', '/merchants/agent001/certificate')
      assert.equal(status, 200, JSON.stringify(json))
      return json as {
        isComplete: boolean
        items: { item: CertificateItemName; state: string; seenAt: string | null; todo: string | null }[]
      }
    }
    const itemOf = async (name: CertificateItemName) => (await read()).items.find(({ item }) => item === name) ?? assert.fail(name)
    const stateOf = async (name: CertificateItemName) => (await itemOf(name)).state
    const seen = async () => (await read()).items.filter(({ state }) => state === 'seen').map(({ item }) => item)
    /** Calls a second apart, so that the limit is never in the way. */
    const login = async (changes: Body = {}, key?: string) => {
      gateway.clock.advance(1_000)
      const { json } = await sendCall(gateway, memberLogin, loginBody(gateway.clock.now(), changes), key === undefined ? {} : { key })
      return (json as Body).code
    }

    test('at first nothing is ticked but what needs no call, and each item says what to do', async () => {
      const { isComplete, items } = await read()
      assert.equal(isComplete, false)
      assert.deepEqual(
        items.map(({ item }) => item),
        certificateItemNames,
      )
      assert.deepEqual(await seen(), ['addresses'])
      for (const { item, state, seenAt, todo } of items.filter(({ item }) => item !== 'addresses')) {
        assert.deepEqual([state, seenAt], ['missing', null], item)
        assert.match(todo ?? '', /^[A-Z].*\.$/, item)
      }
    })

    test('a wrong signature that is not repeated, and a loop of them', async () => {
      assert.equal(await login({}, wrongKey), 600100)
      assert.equal(await stateOf('wrong-signature'), 'missing')
      gateway.clock.advance(31_000)
      assert.equal(await stateOf('wrong-signature'), 'seen')
      for (let call = 0; call < 6; call++) await login({}, wrongKey)
      assert.equal(await stateOf('wrong-signature'), 'wrong')
      gateway.clock.advance(31_000)
      assert.equal(await stateOf('wrong-signature'), 'wrong', 'the end of a loop is not a wrong signature that was handled')
      await login({}, wrongKey)
      gateway.clock.advance(31_000)
      assert.equal(await stateOf('wrong-signature'), 'seen')
    })

    test('the right signature, and the clock', async () => {
      const refused = await itemOf('signature')
      assert.deepEqual([refused.state, /login/.test(refused.todo ?? '')], ['wrong', true])
      assert.equal(await login(), 200)
      const { state, seenAt } = await itemOf('signature')
      assert.deepEqual([state, seenAt], ['seen', new Date(gateway.clock.now()).toISOString()])
      assert.equal(await stateOf('clock'), 'seen')
      await login({ timestamp: gateway.clock.now() - 20_000 })
      const clock = await itemOf('clock')
      assert.deepEqual([clock.state, /behind/.test(clock.todo ?? '')], ['wrong', true])
      for (let call = 0; call < 6; call++) await login()
      assert.equal(await stateOf('clock'), 'seen')
    })

    test('a fresh token for each session', async () => {
      await gateway.addMember('uid777')
      await gateway.addMember('uid888')
      assert.equal(await login({ user_id: 'uid777', token: 'always-the-same' }), 200)
      assert.equal(await login({ user_id: 'uid777', token: 'always-the-same' }), 200)
      assert.equal(await stateOf('fresh-token'), 'wrong')
      assert.equal(await login({ user_id: 'uid777' }), 200)
      assert.equal(await stateOf('fresh-token'), 'seen')
      assert.equal(await login({ user_id: 'uid888', token: 'always-the-same' }), 700106)
      assert.equal(await stateOf('fresh-token'), 'wrong')
      await login({ user_id: 'uid888' })
      assert.equal(await stateOf('fresh-token'), 'wrong', 'its first login, so nothing was seen')
      await login({ user_id: 'uid888' })
      assert.equal(await stateOf('fresh-token'), 'seen')
    })

    test('a repeat is ticked by the same request only', async () => {
      assert.equal(await stateOf('repeat'), 'missing')
      gateway.clock.advance(2_000)
      const body = signed(loginBody(gateway.clock.now()))
      const [first, again] = [await sendBody(gateway, memberLogin, body), await sendBody(gateway, memberLogin, body)]
      assert.deepEqual(first.json, again.json)
      assert.equal(await stateOf('repeat'), 'seen')
      assert.equal(await stateOf('fresh-token'), 'seen', 'a repeat uses no token again')
    })

    test('Retry-After: waiting is ticked, calling early is not', async () => {
      assert.equal(await stateOf('retry-after'), 'missing')
      const burst = async () => {
        gateway.clock.advance(10_000)
        const bodies = Array.from({ length: 6 }, () => signed(loginBody(gateway.clock.now())))
        const answers = await Promise.all(bodies.map((body) => sendBody(gateway, memberLogin, body)))
        const refused = bodies.filter((_, index) => answers[index]?.headers['retry-after'] === '1')
        assert.equal(refused.length, 2)
        return refused[0] ?? assert.fail()
      }
      const early = await burst()
      gateway.clock.advance(700)
      assert.equal(await stateOf('retry-after'), 'missing')
      assert.equal(((await sendBody(gateway, memberLogin, early)).json as Body).code, 200)
      assert.equal(await stateOf('retry-after'), 'wrong')
      const patient = await burst()
      gateway.clock.advance(1_000)
      assert.equal(((await sendBody(gateway, memberLogin, patient)).json as Body).code, 200)
      assert.equal(await stateOf('retry-after'), 'seen')
    })

    test('a callback on a listed origin', async () => {
      assert.equal(await stateOf('callback'), 'missing')
      assert.equal(await login({ callback: 'https://elsewhere.example/' }), 408000)
      const { state, todo } = await itemOf('callback')
      assert.deepEqual([state, /h5-uat\.aig1234\.com/.test(todo ?? '')], ['wrong', true])
      assert.equal(await login({ callback: 'https://h5-uat.aig1234.com/home' }), 200)
      assert.equal(await stateOf('callback'), 'seen')
      for (const [callback, state] of [
        ['https://elsewhere.example/', 'wrong'],
        ['https://h5-uat.aig1234.com/home', 'seen'],
      ] as const) {
        gateway.clock.advance(1_000)
        await sendCall(gateway, guestLogin, { ...sampleBody(guestLogin, gateway.clock.now()), callback })
        assert.equal(await stateOf('callback'), state, `a guest's, on ${callback}`)
      }
      await gateway.updateMerchant({ settings: { callbackOrigins: [] } })
      assert.equal(await stateOf('callback'), 'not-needed')
      await gateway.updateMerchant({ settings: { callbackOrigins: ['https://h5-uat.aig1234.com'] } })
    })

    test('logout', async () => {
      assert.equal(await stateOf('logout'), 'missing')
      gateway.clock.advance(1_000)
      await sendCall(gateway, memberLogout, sampleBody(memberLogout, gateway.clock.now()), { key: wrongKey })
      assert.deepEqual([await stateOf('logout'), await stateOf('signature')], ['missing', 'wrong'])
      gateway.clock.advance(1_000)
      await sendCall(gateway, memberLogout, sampleBody(memberLogout, gateway.clock.now()))
      assert.deepEqual([await stateOf('logout'), await stateOf('signature')], ['seen', 'seen'])
    })

    test('an address list that is open to the world', async () => {
      const allow = ['127.0.0.0/8', '::1']
      for (const open of [['0.0.0.0/0'], ['0.0.0.0/1', '128.0.0.0/1'], ['::/0'], ['::ffff:0.0.0.0/96']]) {
        await gateway.updateMerchant({ settings: { allow: [...allow, ...open] } })
        assert.equal(await stateOf('addresses'), 'wrong', `${open}`)
      }
      await gateway.updateMerchant({ settings: { allow: [] } })
      assert.equal(await stateOf('addresses'), 'missing')
      await gateway.updateMerchant({ settings: { allow } })
      assert.equal(await stateOf('addresses'), 'seen')
    })

    test('a rehearsed key rotation completes it, and a restart keeps it', async () => {
      const { json: merchant } = await adminCall(gateway, token, 'GET', '/merchants/agent001')
      assert.deepEqual(
        (await read()).items.filter(({ todo }) => todo !== null).map(({ item }) => item),
        ['rotation'],
      )
      const { json: added } = await adminCall(gateway, token, 'POST', '/merchants/agent001/keys', { body: {} })
      await gateway.hearChanges()
      assert.match((await itemOf('rotation')).todo ?? '', new RegExp(`new key, ${added.keyId}`))
      gateway.clock.advance(day)
      assert.equal(await login({}, added.key), 200)
      assert.match((await itemOf('rotation')).todo ?? '', new RegExp(`old key, ${merchant.keys[0].keyId}`))
      const retired = await adminCall(gateway, token, 'POST', `/merchants/agent001/keys/${merchant.keys[0].keyId}/retire`, { body: {} })
      assert.equal(retired.status, 200)
      const complete = await read()
      assert.deepEqual([complete.isComplete, await seen()], [true, certificateItemNames])
      await gateway.restart()
      assert.deepEqual((await read()).items, complete.items)
    })
  })
}
