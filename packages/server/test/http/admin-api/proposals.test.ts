import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { ConsoleVisitor, codeOf, enrol, password } from '../../support/operator-accounts.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`proposals on ${storeKind.name}`, () => {
    let gateway: TestGateway
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
    })
    after(() => gateway.close())
    const allow = (entry: string, agentId = 'agent001') => ({
      operation: 'merchant.update',
      input: { agentId, allow: [entry] },
      reason: 'we move',
    })
    const allowed = async (agentId = 'agent001') => (await gateway.store.merchants.load([agentId]))[0]?.settings.allow

    test('[check 93] a partner proposes addresses of its own merchant, and another person with the right approves; tokens cannot', async () => {
      const partner = await addToken(gateway, await addOperator(gateway, 'partner', ['agent001']))
      const propose = (body: object) => adminCall(gateway, partner, 'POST', '/proposals', { body })
      const direct = await adminCall(gateway, partner, 'PATCH', '/merchants/agent001', {
        body: { allow: [] },
        headers: { 'if-match': '*' },
      })
      assert.equal(direct.json.key, 'forbidden')
      const beyond = await propose({ operation: 'merchant.update', input: { agentId: 'agent001', ratePerSecond: 0 }, reason: 'more' })
      assert.equal(beyond.json.key, 'forbidden', 'its rate is not theirs to propose')
      assert.equal((await propose({ operation: 'merchant.disable', input: { agentId: 'agent001' }, reason: 'x' })).json.key, 'forbidden')
      assert.equal((await propose(allow('203.0.113.0/24', 'agent007'))).json.key, 'merchant_not_found')
      assert.equal((await propose(allow('no address'))).json.key, 'invalid_parameter', 'it is tried before anybody looks at it')
      const made = await propose(allow('203.0.113.0/24'))
      assert.deepEqual([made.status, made.json.state], [201, 'open'], JSON.stringify(made.json))
      assert.notDeepEqual(await allowed(), ['203.0.113.0/24'])
      const path = `/proposals/${made.json.proposalId}`

      const stranger = await addToken(gateway, await addOperator(gateway, 'partner', ['agent007']))
      assert.equal((await adminCall(gateway, stranger, 'GET', path)).status, 404)
      assert.deepEqual((await adminCall(gateway, stranger, 'GET', '/proposals')).json.items, [])
      const owner = await addToken(gateway, await addOperator(gateway, 'owner'))
      assert.equal((await adminCall(gateway, owner, 'POST', `${path}/approve`, { body: {} })).json.key, 'forbidden', 'no token decides')
      const manager = await enrol(gateway, 'manager')
      gateway.clock.advance(301_000)
      assert.equal((await manager.visitor.call('POST', `${path}/approve`, {})).json.key, 'confirmation_required')
      const people = await Promise.all([enrol(gateway, 'manager'), enrol(gateway, 'manager')])
      const answers = await Promise.all([0, 1, 0, 1].map((at) => people[at]?.visitor.call('POST', `${path}/approve`, { word: 'fine' })))
      // Whoever decided gets the same answer again.
      assert.deepEqual(answers.map((answer) => answer?.status).sort(), [200, 200, 409, 409])
      const { json } = await adminCall(gateway, partner, 'GET', path)
      assert.deepEqual([json.state, json.word, json.problem], ['done', 'fine', null])
      assert.deepEqual(await allowed(), ['203.0.113.0/24'])
      const events = await gateway.store.events.list({ agentId: 'agent001', limit: 10 })
      const kinds = events.map(({ kind }) => kind)
      for (const kind of ['proposal.added', 'proposal.approved', 'merchant.updated']) assert.ok(kinds.includes(kind), kind)
      assert.equal(events.find(({ kind }) => kind === 'merchant.updated')?.actor, json.decidedBy)
    })

    test('a proposal ends when it is declined or withdrawn, after a week, and when its merchant was changed meanwhile', async () => {
      const proposer = await enrol(gateway, 'manager')
      const other = await enrol(gateway, 'manager')
      const make = async (entry: string) =>
        `/proposals/${(await proposer.visitor.call('POST', '/proposals', allow(entry))).json.proposalId}`
      const declined = await make('192.0.2.1')
      assert.equal((await proposer.visitor.call('POST', `${declined}/approve`, {})).json.key, 'forbidden', 'nobody approves their own')
      assert.equal((await proposer.visitor.call('POST', `${declined}/decline`, { word: 'no' })).json.key, 'forbidden')
      assert.equal((await other.visitor.call('POST', `${declined}/decline`, { word: 'not now' })).json.state, 'declined')
      assert.equal((await other.visitor.call('POST', `${declined}/approve`, {})).json.key, 'conflict')
      const withdrawn = await make('192.0.2.2')
      assert.equal((await other.visitor.call('POST', `${withdrawn}/withdraw`, {})).json.key, 'forbidden')
      assert.equal((await proposer.visitor.call('POST', `${withdrawn}/withdraw`, {})).json.state, 'withdrawn')
      const stale = await make('192.0.2.3')
      const owner = await addToken(gateway, await addOperator(gateway, 'owner'))
      await adminCall(gateway, owner, 'PATCH', '/merchants/agent001', { body: { allow: ['198.51.100.1'] }, headers: { 'if-match': '*' } })
      assert.equal((await other.visitor.call('POST', `${stale}/approve`, {})).json.key, 'changed_meanwhile')
      assert.equal((await other.visitor.call('GET', stale)).json.state, 'failed')
      assert.deepEqual(await allowed(), ['198.51.100.1'])
      const late = await make('192.0.2.4')
      gateway.clock.advance(7 * 86_400_000)
      const fresh = await enrol(gateway, 'manager')
      assert.equal((await fresh.visitor.call('GET', late)).json.state, 'expired')
      assert.equal((await fresh.visitor.call('POST', `${late}/approve`, {})).json.key, 'conflict')
      assert.deepEqual((await fresh.visitor.call('GET', '/proposals?open=true')).json.items, [])
    })

    test('[check 94] under the policy nobody changes it alone, not even the policy; two possible approvers are required', async () => {
      const lonely = await startTestGateway({ settings: { adminPort: 8081 } })
      const alone = await enrol(lonely, 'owner')
      const require = (names: string[]) => ({ operations: names, agentIds: null })
      const set = (visitor: typeof alone.visitor, body: object) => visitor.call('PATCH', '/approval-policy', body, { 'if-match': '*' })
      const refused = await set(alone.visitor, require(['merchant.disable']))
      assert.equal(refused.json.key, 'conflict', JSON.stringify(refused.json))
      await lonely.close()

      const [one, two] = [await enrol(gateway, 'owner'), await enrol(gateway, 'owner')]
      assert.equal((await set(one.visitor, require(['merchant.rotate-key']))).json.field, 'operation', 'what tells a secret cannot wait')
      assert.equal((await set(one.visitor, require(['merchant.disable']))).status, 200)
      const token = await addToken(gateway, await addOperator(gateway, 'owner'))
      for (const answer of [
        await one.visitor.call('POST', '/merchants/agent001/disable', {}),
        await adminCall(gateway, token, 'POST', '/merchants/agent001/disable', { body: {} }),
        await set(one.visitor, require([])),
      ])
        assert.deepEqual([answer.status, answer.json.key], [403, 'approval_required'])
      const propose = async (operation: string, input: object) =>
        `/proposals/${(await one.visitor.call('POST', '/proposals', { operation, input, reason: 'because' })).json.proposalId}`
      const disabling = await propose('merchant.disable', { agentId: 'agent001' })
      const approved = await two.visitor.call('POST', `${disabling}/approve`, {})
      assert.equal(approved.json.state, 'done', `${disabling} ${JSON.stringify(approved.json)}`)
      assert.equal((await gateway.store.merchants.load(['agent001']))[0]?.status, 'disabled')
      const off = await propose('approval-policy.update', { operations: [] })
      assert.equal((await two.visitor.call('POST', `${off}/approve`, {})).json.state, 'done')
      assert.equal((await one.visitor.call('POST', '/merchants/agent001/enable', {})).status, 200)
    })

    test('[check 94] nobody approves under the policy with a second account that they made, or took over, by a link of their own', async () => {
      const [one, two] = [await enrol(gateway, 'owner'), await enrol(gateway, 'owner')]
      const set = (visitor: ConsoleVisitor, body: object) => visitor.call('PATCH', '/approval-policy', body, { 'if-match': '*' })
      assert.equal((await set(one.visitor, { operations: ['merchant.disable'] })).status, 200)
      const accept = async ({ link }: { link: string }) => {
        const visitor = new ConsoleVisitor(gateway)
        const secret = new URL(link).hash.slice(1)
        const { json } = await visitor.post('invitation', { link: secret })
        const fields = { link: secret, password, code: codeOf(gateway, json.totp.secret) }
        assert.equal((await visitor.post('acceptWithPassword', fields)).status, 200)
        return visitor
      }
      gateway.clock.advance(1_000)
      const invite = async (visitor: ConsoleVisitor, name: string) =>
        accept((await visitor.call('POST', '/invitations', { email: `${name}@example.com`, name, role: 'owner' })).json)
      const first = await invite(one.visitor, 'first')
      const second = await invite(first, 'second')
      const other = await enrol(gateway, 'owner')
      const taken = await accept((await one.visitor.call('POST', `/operators/${other.operatorId}/reset`, {})).json)
      const propose = async (visitor: ConsoleVisitor, operation: string, input: object) => {
        const { json } = await visitor.call('POST', '/proposals', { operation, input, reason: 'because' })
        return `/proposals/${json.proposalId}/approve`
      }
      const off = ['approval-policy.update', { operations: [] }] as const
      const mine = await propose(one.visitor, ...off)
      for (const visitor of [first, second, taken]) {
        const { status, json } = await visitor.call('POST', mine, {})
        assert.deepEqual([status, json.key], [403, 'forbidden'])
      }
      const theirs = await propose(second, ...off)
      for (const visitor of [one.visitor, taken]) assert.equal((await visitor.call('POST', theirs, {})).json.key, 'forbidden')
      // Whoever was there when the policy was set is somebody else, and confirms with a recent factor.
      const merchant = await propose(first, 'merchant.disable', { agentId: 'agent001' })
      assert.equal((await two.visitor.call('POST', merchant, {})).json.state, 'done')
      assert.equal((await two.visitor.call('POST', theirs, {})).json.state, 'done')
      assert.equal((await one.visitor.call('POST', '/merchants/agent001/enable', {})).status, 200)
    })
  })
}
