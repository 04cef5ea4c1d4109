import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

const loginPath = '/api/member/login'
type Row = Readonly<Record<string, unknown>>

for (const storeKind of testStores()) {
  describe(`calls and events over the admin API on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let owner: string
    let partner: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      owner = await addToken(gateway, await addOperator(gateway, 'owner'))
      partner = await addToken(gateway, await addOperator(gateway, 'partner', ['agent007']))
    })
    after(() => gateway.close())
    const get = async (path: string, token = owner) => adminCall(gateway, token, 'GET', path)

    const refusedLogin = async () => {
      const body = { ...signed(loginBody(gateway.clock.now())), sign: '0'.repeat(32) }
      const { headers } = await gateway.post(loginPath, body)
      await gateway.flushTraces()
      return { body, requestId: String(headers['x-request-id']) }
    }

    test("a traced refusal is explained in place, and so is a pasted request; another merchant's reveal nothing", async () => {
      const { body, requestId } = await refusedLogin()
      const { json: trace } = await get(`/traces/${requestId}`)
      assert.deepEqual([trace.isFailed, trace.canExplain, trace.steps.at(-1).name, trace.keyId], [true, true, 'signature', undefined])
      assert.doesNotMatch(JSON.stringify(trace), /keptRequest|uid001.*uid001/)
      const explained = await get(`/traces/${requestId}/explanation`)
      assert.deepEqual([explained.status, explained.json.kind], [200, 'unknown'])
      const withText = async (input: Row) => (await adminCall(gateway, owner, 'POST', '/explanations', { body: input })).json
      assert.match((await withText({ requestId, text: 'KEY&nothing' })).sentence, /^The text that you gave does not produce this sign/)
      assert.match((await withText({ text: 'KEY&nothing' })).detail, /give either request or requestId/)
      const pasted = (token: string) => adminCall(gateway, token, 'POST', '/explanations', { body: { request: JSON.stringify(body) } })
      assert.equal((await pasted(owner)).json.kind, 'unknown')
      const right = { request: JSON.stringify(signed(loginBody(gateway.clock.now()))) }
      for (let count = 0; count < 25; count++) {
        const { json } = await adminCall(gateway, owner, 'POST', '/explanations', { body: right })
        assert.equal(json.kind, 'signature-right', 'it is under no count')
      }

      for (const path of [`/traces/${requestId}`, `/traces/${requestId}/explanation`]) assert.equal((await get(path, partner)).status, 404)
      const foreign = await pasted(partner)
      assert.deepEqual([foreign.status, foreign.json.key], [404, 'merchant_not_found'])
      const stored = await gateway.store.traces.find(requestId)
      assert.ok(stored?.keptRequest)
      assert.doesNotMatch(Buffer.from(stored.keptRequest, 'base64').toString('latin1'), /uid001/, 'it is sealed')
    })

    test('accepted calls, and calls that never reached their signature, are reported as such', async () => {
      const accepted = await gateway.post(loginPath, signed(loginBody(gateway.clock.now())))
      const stranger = await gateway.post(loginPath, signed(loginBody(gateway.clock.now())), { address: '198.51.100.1' })
      await gateway.flushTraces()
      const { keys } = (await get('/merchants/agent001')).json
      assert.equal((await get(`/traces/${accepted.headers['x-request-id']}`)).json.keyId, keys[0].keyId)
      const of = ({ headers }: { headers: Row }) => `/traces/${headers['x-request-id']}/explanation`
      assert.equal((await get(of(accepted))).json.kind, 'signature-right')
      const early = await get(of(stranger))
      assert.deepEqual([early.status, early.json.key], [409, 'conflict'])
      assert.match(early.json.detail, /at the step address list/)
    })

    test('a call with malformed fields counts for the merchant that it names, where that exists', async () => {
      const malformed = async (agentId: unknown, address?: string) => {
        const body = { ...signed(loginBody(gateway.clock.now())), agent_id: agentId, platform: 'fridge' }
        const { json, headers } = await gateway.post(loginPath, body, address === undefined ? {} : { address })
        assert.equal((json as { code: number }).code, 408000)
        await Promise.all([gateway.flushTraces(), gateway.flushCounts(), gateway.flushRefusals()])
        return (await get(`/traces/${headers['x-request-id']}`)).json
      }
      const countOf = async (agentId: string) => {
        const { items } = (await get('/call-counts/top?by=code,merchant&code=408000')).json
        return items.find((row: Row) => row.agentId === agentId)?.count ?? 0
      }
      const before = await countOf('agent001')
      const own = await malformed('agent001')
      assert.deepEqual([own.agentId, own.isStranger, own.subject, own.steps.at(-1).name], ['agent001', false, undefined, 'fields'])
      const stranger = await malformed('agent001', '198.51.100.1')
      assert.deepEqual([stranger.agentId, stranger.isStranger], ['agent001', true])
      assert.equal(await countOf('agent001'), before + 2)
      const { items } = (await get('/refusals?agentId=agent001&kind=member.login_refused&limit=200')).json
      assert.equal(items.filter(({ code }: Row) => code === '408000').length, 2)
      for (const nobody of ['nosuch', 'constructor', 7, ['agent001'], { agent001: 1 }]) {
        assert.equal((await malformed(nobody)).agentId, undefined, JSON.stringify(nobody))
      }
    })

    test('a trace names what a list lacked, as an entry of it', async () => {
      const unlistedOf = async (changes: Row, address?: string) => {
        const body = signed(loginBody(gateway.clock.now(), changes))
        const { text, headers } = await gateway.post(loginPath, body, address === undefined ? {} : { address })
        assert.doesNotMatch(text, /unlisted/)
        await gateway.flushTraces()
        return (await get(`/traces/${headers['x-request-id']}`)).json.steps.at(-1).unlisted
      }
      assert.equal(await unlistedOf({ callback: 'https://Shop.example.com/back?to=1' }), 'https://shop.example.com')
      assert.equal(await unlistedOf({ callback: 'shopapp://done/now?to=1' }), 'shopapp://done/now')
      assert.equal(await unlistedOf({ callback: 'javascript:alert(1)' }), undefined)
      assert.equal(await unlistedOf({}, '198.51.100.1'), '198.51.100.1')
    })

    test("traces are filtered by their content, and paged; other merchants' are invisible", async () => {
      for (let count = 0; count < 3; count++) await refusedLogin()
      const codes: Row[] = []
      for (let cursor = ''; ; ) {
        const { json } = await get(`/traces?code=600100&limit=1${cursor}`)
        codes.push(...json.items)
        if (json.nextCursor === null) break
        cursor = `&cursor=${json.nextCursor}`
      }
      assert.ok(codes.length >= 3 && codes.every(({ code }) => code === '600100'))
      assert.equal(new Set(codes.map(({ requestId }) => requestId)).size, codes.length)
      assert.deepEqual((await get('/traces', partner)).json, { items: [], nextCursor: null })
      assert.equal((await get('/traces?agentId=agent001', partner)).json.key, 'merchant_not_found')
      assert.equal((await get('/traces?agentId=nosuch')).status, 404)
      assert.equal((await get('/traces?since=2026-13-01T00:00:00Z')).json.field, 'since')
    })

    test('calls are counted by group, page by page or the most frequent first', async () => {
      await gateway.flushCounts()
      const { json: all } = await get('/call-counts/top?by=surface')
      const total = all.items.find(({ surface }: Row) => surface === 'member-api').count
      const { json: byCode } = await get('/call-counts/top?by=call,code,merchant&agentId=agent001')
      assert.ok(byCode.items.every(({ agentId }: Row) => agentId === 'agent001'))
      const paged: { count: number }[] = []
      for (let cursor = ''; ; ) {
        const { json } = await get(`/call-counts?by=time,code&surface=member-api&span=hour&limit=1${cursor}`)
        paged.push(...json.items)
        if (json.nextCursor === null) break
        cursor = `&cursor=${json.nextCursor}`
      }
      assert.equal(
        paged.reduce((sum, { count }) => sum + count, 0),
        total,
      )
      assert.deepEqual(Object.keys(paged[0] ?? {}).sort(), ['at', 'code', 'count'])
      assert.deepEqual((await get('/call-counts', partner)).json.items, [])
      assert.equal((await get('/call-counts?by=colour')).json.field, 'by')
      const { json: origins } = await get('/merchants/agent001/call-origins')
      assert.deepEqual(
        origins.items.map(({ address, isStranger }: Row) => [address, isStranger]).toSorted(),
        [
          ['127.0.0.1', false],
          ['127.0.0.1', false],
          ['198.51.100.1', true],
        ],
        'with the key that verified them, and with none',
      )
      assert.equal((await get('/merchants/agent001/call-origins', partner)).status, 404)
    })

    test('refusals are listed with subject and reason', async () => {
      await gateway.flushRefusals()
      const { json } = await get('/refusals?agentId=agent001&limit=1')
      assert.match(json.items[0].kind, /^member\./)
      assert.notEqual(json.nextCursor, null)
      assert.equal((await get(`/refusals?agentId=agent001&cursor=${json.nextCursor}`)).status, 200)
      assert.deepEqual((await get('/refusals', partner)).json.items, [])
    })

    test('[check 97] events are listed by actor, kind, subject and time, page by page', async () => {
      const began = gateway.clock.now()
      gateway.clock.advance(1_000)
      for (const agentId of ['ev1', 'ev2']) await adminCall(gateway, owner, 'POST', '/merchants', { body: { agentId } })
      gateway.clock.advance(3_600_000)
      await adminCall(gateway, owner, 'POST', '/merchants/ev1/disable', { body: {} })
      const names = async (query: string, token = owner) =>
        (await get(`/events?${query}`, token)).json.items.map(({ kind, agentId }: Row) => `${kind} ${agentId}`)
      const time = (ms: number) => new Date(ms).toISOString()
      assert.deepEqual(await names(`since=${time(began + 1)}`), ['merchant.disabled ev1', 'merchant.added ev2', 'merchant.added ev1'])
      assert.deepEqual(await names(`since=${time(began + 1)}&until=${time(began + 2_000)}&agentId=ev1`), ['merchant.added ev1'])
      assert.deepEqual(await names(`since=${time(gateway.clock.now() + 1)}`), [])
      assert.deepEqual(await names('kind=merchant.disabled'), ['merchant.disabled ev1'])
      const [event] = (await get('/events?limit=1')).json.items
      assert.deepEqual(await names(`actor=${event.actor}&limit=1`), ['merchant.disabled ev1'])
      assert.deepEqual(await names(`after=${event.number - 1}`), ['merchant.disabled ev1'])
      const { nextCursor } = (await get('/events?limit=2')).json
      assert.deepEqual(await names(`limit=1&cursor=${nextCursor}`), ['merchant.added ev1'])
      const held = await addToken(gateway, await addOperator(gateway, 'auditor', ['ev2']))
      assert.deepEqual(await names('', held), ['merchant.added ev2'])
      assert.equal((await get('/events?agentId=ev1', held)).status, 404)
      assert.equal((await get('/events', partner)).status, 403)
    })
  })
}
