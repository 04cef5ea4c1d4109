import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Right } from '@lobbykey/contract/admin'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { enrol, type Member } from '../../support/operator-accounts.ts'
import { testStores } from '../../support/stores.ts'

const wish = { host: 'laptop', user: 'ann', name: 'ann@laptop' }

for (const storeKind of testStores()) {
  describe(`a program gets a token through an operator, on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let owner: Member
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
    })
    // Whose second factor is fresh.
    beforeEach(async () => {
      owner = await enrol(gateway, 'owner')
    })
    after(() => gateway.close())

    let lastAddress = 0
    /** Each from an address of its own, unless one is named. */
    const request = (body: object = {}, address = `198.51.100.${++lastAddress}`) =>
      adminCall(gateway, null, 'POST', '/connect/requests', { body: { ...wish, ...body }, address })
    const poll = (deviceCode: string) => adminCall(gateway, null, 'POST', '/connect/token', { body: { deviceCode } })
    const decide = (member: Member, how: 'show' | 'allow' | 'deny', userCode: string) =>
      member.visitor.call('POST', `/connections/${how}`, { userCode })
    const later = (seconds = 5) => gateway.clock.advance(seconds * 1_000)

    test('it asks, the operator sees who asks and for what, and the token has exactly that', async () => {
      const { status, json } = await request({ rights: ['merchants.read', 'self'], agentIds: ['agent001'], days: 7 })
      assert.equal(status, 200)
      assert.match(json.userCode, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
      assert.equal(json.verificationUrl, `${gateway.settings.adminUrl}/console/connect`, 'no code in the link')
      assert.equal(Date.parse(json.expiresAt) - gateway.clock.now(), 600_000)
      assert.deepEqual((await poll(json.deviceCode)).json, { state: 'pending', pollSeconds: 5 })
      const shown = await decide(owner, 'show', json.userCode.toLowerCase().replace('-', ' '))
      assert.deepEqual(shown.json, {
        userCode: json.userCode,
        ...wish,
        address: `198.51.100.${lastAddress}`,
        rights: ['merchants.read', 'self'],
        missingRights: [],
        agentIds: ['agent001'],
        days: 7,
        allowConfirmed: false,
        requestedAt: new Date(gateway.clock.now()).toISOString(),
        expiresAt: json.expiresAt,
      })
      assert.equal((await decide(owner, 'allow', json.userCode)).status, 200)
      later()
      const { json: granted } = await poll(json.deviceCode)
      assert.deepEqual([granted.state, granted.email], ['granted', owner.email])
      const found = await gateway.store.apiTokens.find(granted.tokenId)
      assert.deepEqual(
        [found?.token.rights, found?.token.agentIds, found?.token.allowConfirmed, found?.token.expiresAt],
        [['merchants.read', 'self'], ['agent001'], false, gateway.clock.now() + 7 * 86_400_000],
      )
      assert.equal((await adminCall(gateway, granted.token, 'GET', '/merchants/agent001')).status, 200)
      assert.equal((await adminCall(gateway, granted.token, 'GET', '/merchants/agent007')).status, 404)
      assert.equal((await adminCall(gateway, granted.token, 'GET', '/services')).status, 403)
      const [allowed] = await gateway.store.events.list({ kind: 'connection.allowed', limit: 1 })
      assert.deepEqual(
        [allowed?.actor, allowed?.details?.host, allowed?.details?.rights],
        [`operator:${owner.operatorId}`, 'laptop', ['merchants.read', 'self']],
      )
      const [added] = await gateway.store.events.list({ kind: 'token.added', limit: 1 })
      assert.deepEqual([added?.actor, added?.subject], [`operator:${owner.operatorId}`, granted.tokenId])
    })

    test('a code works once: of twenty polls at once one gets the token, and nobody can allow it again', async () => {
      const { json } = await request({ rights: ['self'] })
      await decide(owner, 'allow', json.userCode)
      const answers = await Promise.all(Array.from({ length: 20 }, () => poll(json.deviceCode)))
      assert.equal(answers.filter(({ json: { state } }) => state === 'granted').length, 1)
      later(60)
      assert.equal((await poll(json.deviceCode)).json.state, 'expired')
      assert.equal((await decide(owner, 'allow', json.userCode)).json.key, 'not_found')
    })

    test('who is denied, expired or unknown gets no token, whatever it does', async () => {
      const [denied, expired] = [await request(), await request()]
      assert.equal((await decide(owner, 'deny', denied.json.userCode)).status, 200)
      assert.deepEqual((await poll(denied.json.deviceCode)).json, { state: 'denied' })
      later(2)
      assert.equal((await decide(owner, 'allow', denied.json.userCode)).json.key, 'not_found')
      later(600)
      owner = await enrol(gateway, 'owner')
      assert.deepEqual((await poll(expired.json.deviceCode)).json, { state: 'expired' })
      assert.equal((await decide(owner, 'allow', expired.json.userCode)).json.key, 'not_found')
      assert.deepEqual((await poll('A'.repeat(43))).json, { state: 'expired' })
      const [event] = await gateway.store.events.list({ kind: 'connection.denied', limit: 1 })
      assert.equal(event?.details?.user, 'ann')
    })

    test('who polls too soon is told to slow down, and is told nothing else until it does', async () => {
      const { json } = await request()
      await poll(json.deviceCode)
      await decide(owner, 'allow', json.userCode)
      assert.deepEqual((await poll(json.deviceCode)).json, { state: 'slow-down', pollSeconds: 10 })
      later(9)
      assert.deepEqual((await poll(json.deviceCode)).json, { state: 'slow-down', pollSeconds: 15 })
      later(15)
      assert.equal((await poll(json.deviceCode)).json.state, 'granted')
    })

    test('the pause grows to a minute, and haste beyond that is not even noted', async () => {
      const { json } = await request()
      const answers = []
      for (let count = 0; count < 13; count++) answers.push((await poll(json.deviceCode)).json)
      assert.deepEqual([answers.at(-2), answers.at(-1)], Array(2).fill({ state: 'slow-down', pollSeconds: 60 }))
      later(59)
      assert.equal((await poll(json.deviceCode)).json.state, 'slow-down')
      later(1)
      assert.deepEqual((await poll(json.deviceCode)).json, { state: 'pending', pollSeconds: 60 })
    })

    test('five may wait of one address, and two hundred in all; a decided one makes room', async () => {
      later(601)
      const here = '2001:db8:1:2::'
      const first = []
      for (let count = 0; count < 5; count++) first.push(await request({}, `${here}${count + 1}`))
      const full = await request({}, `${here}99`)
      assert.deepEqual([full.status, full.json.key, full.headers['retry-after']], [429, 'rate_limited', '600'])
      await decide(owner, 'deny', first[0]?.json.userCode)
      assert.equal((await request({}, `${here}99`)).status, 200)
      later(601)
      const statuses = []
      for (let index = 0; index < 41; index++) {
        const few = await Promise.all(Array.from({ length: 5 }, () => request({}, `192.0.2.${index}`)))
        statuses.push(...few.map(({ status }) => status))
      }
      assert.deepEqual(statuses, [...Array(200).fill(200), ...Array(5).fill(429)])
      later(601)
      assert.equal((await request()).status, 200)
    })

    test('[check 59] allowing takes a fresh second factor and a person: no token does', async () => {
      const { json } = await request()
      const token = await addToken(gateway, await addOperator(gateway, 'owner'))
      for (const how of ['show', 'allow', 'deny'] as const) {
        const answer = await adminCall(gateway, token, 'POST', `/connections/${how}`, { body: { userCode: json.userCode } })
        assert.equal(answer.json.key, 'conflict', how)
      }
      const late = await enrol(gateway, 'owner')
      later(301)
      assert.equal((await decide(late, 'allow', json.userCode)).json.key, 'confirmation_required')
      assert.equal((await poll(json.deviceCode)).json.state, 'pending')
    })

    test('[check 60] nobody gives what it does not have, and what it lost meanwhile is not given', async () => {
      const support = await enrol(gateway, 'support')
      const beyond = await request({ rights: ['members.read', 'operators.write'] })
      const { json: shown } = await decide(support, 'show', beyond.json.userCode)
      assert.deepEqual([shown.rights, shown.missingRights], [['members.read'], ['operators.write']])
      assert.equal((await decide(support, 'allow', beyond.json.userCode)).json.key, 'forbidden')
      const held = await enrol(gateway, 'partner', ['agent001'])
      assert.equal((await decide(held, 'allow', (await request({ agentIds: null })).json.userCode)).json.key, 'forbidden')
      const all = await request()
      assert.equal((await decide(held, 'allow', all.json.userCode)).status, 200)
      const { json: granted } = await poll(all.json.deviceCode)
      assert.deepEqual((await gateway.store.apiTokens.find(granted.tokenId))?.token.agentIds, ['agent001'])

      const gone = await request()
      assert.equal((await decide(support, 'allow', gone.json.userCode)).status, 200)
      const root = await addToken(gateway, await addOperator(gateway, 'owner'))
      await adminCall(gateway, root, 'POST', `/operators/${support.operatorId}/disable`, { body: {} })
      assert.deepEqual((await poll(gone.json.deviceCode)).json, { state: 'denied' })
      assert.deepEqual((await gateway.store.apiTokens.list({ operatorId: support.operatorId, limit: 5 })).length, 0)
    })

    test('[check 87] wrong codes are limited for each operator: beyond that right ones wait too', async () => {
      const [guesser, other] = [await enrol(gateway, 'support'), await enrol(gateway, 'support')]
      const { json } = await request()
      const answers = await Promise.all(Array.from({ length: 20 }, () => decide(guesser, 'show', 'BBBB-BBBB')))
      assert.equal(answers.filter(({ status }) => status === 404).length, 2)
      assert.equal(answers.filter(({ json: { key } }) => key === 'throttled').length, 18)
      assert.equal((await decide(guesser, 'show', json.userCode)).json.key, 'throttled')
      assert.equal((await decide(other, 'show', json.userCode)).status, 200)
      later(2)
      assert.equal((await decide(guesser, 'show', json.userCode)).status, 200)
    })

    test('names that hide something, rights that do not exist and fields that nobody knows are refused by name', async () => {
      const wrong: [object, string][] = [
        [{ host: 'a\u202eb' }, 'host'],
        [{ rights: ['all' as Right] }, 'rights'],
        [{ days: 400 }, 'days'],
        [{ token: 'x' }, 'token'],
      ]
      for (const [body, field] of wrong) {
        const { status, json } = await request(body)
        assert.deepEqual([status, json.key, json.field], [400, 'invalid_parameter', field])
      }
    })
  })
}
