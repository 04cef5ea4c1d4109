import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`the admin API on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let owner: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      owner = await addToken(gateway, await addOperator(gateway, 'owner'))
    })
    after(() => gateway.close())
    const call = (...[method, path, options]: Parameters<typeof adminCall> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
      adminCall(gateway, owner, method, path, options)

    test('a merchant is added, listed, read, changed and deleted', async () => {
      const added = await call('POST', '/merchants', { body: { agentId: 'acme', currencies: ['USD'], allow: ['203.0.113.0/24'] } })
      assert.equal(added.status, 201)
      assert.match(added.json.key, /^[A-Za-z0-9]{32}$/)
      const read = await call('GET', '/merchants/acme')
      assert.deepEqual([read.status, read.json.currencies, read.json.sign], [200, ['USD'], 'md5'])
      assert.doesNotMatch(JSON.stringify(read.json), new RegExp(added.json.key))

      const { etag } = read.headers as { etag: string }
      const changed = await call('PATCH', '/merchants/acme', { body: { allow: [] }, headers: { 'if-match': etag } })
      assert.deepEqual([changed.status, changed.json.allow], [200, []])
      assert.deepEqual(changed.json.warnings, ['Its address list is empty and refuses everyone: lobbykey merchant update acme --allow'])
      const late = await call('PATCH', '/merchants/acme', { body: { allow: ['10.0.0.0/8'] }, headers: { 'if-match': etag } })
      assert.deepEqual([late.status, late.json.key], [412, 'changed_meanwhile'])
      const blind = await call('PATCH', '/merchants/acme', { body: { allow: ['10.0.0.0/8'] } })
      assert.deepEqual([blind.status, blind.json.key], [428, 'precondition_required'])

      assert.equal((await call('DELETE', '/merchants/acme')).status, 200)
      assert.equal((await call('GET', '/merchants/acme')).status, 404)
    })

    test('an address without anything leads a browser to the console; a program gets a problem, in the API everyone', async () => {
      const open = (url: string, accept: string) => gateway.admin.inject({ method: 'GET', url, headers: { accept } })
      const [page, problem] = [await open('/nothing', 'text/html,*/*'), await open('/nothing', '*/*')]
      assert.deepEqual([page.statusCode, problem.statusCode], [404, 404])
      assert.match(page.body, /<a class="button" href="\/console">Console</)
      assert.equal(problem.json().key, 'path_not_found')
      assert.match(String((await open('/admin/api/v1/nothing', 'text/html')).headers['content-type']), /problem\+json/)
    })

    test('a list is paged by ID, and may start anywhere', async () => {
      for (const agentId of ['list-c', 'list-a', 'list-b', 'list-d']) await call('POST', '/merchants', { body: { agentId } })
      const first = await call('GET', '/merchants?q=list-&limit=3')
      assert.deepEqual(
        first.json.items.map(({ agentId }: { agentId: string }) => agentId),
        ['list-a', 'list-b', 'list-c'],
      )
      const second = await call('GET', `/merchants?q=list-&limit=3&cursor=${first.json.nextCursor}`)
      assert.deepEqual([second.json.items.length, second.json.nextCursor], [1, null])
      assert.equal((await call('GET', '/merchants?cursor=nonsense')).json.field, 'cursor')
      assert.equal((await call('GET', '/merchants?limit=201')).json.field, 'limit')
    })

    test('[check 46] [check 98] unknown fields and parameters are refused by name; problems say what to do', async () => {
      const unknown = await call('POST', '/merchants', { body: { agentId: 'other', colour: 'red' } })
      assert.deepEqual([unknown.status, unknown.json.field, unknown.json.key], [400, 'colour', 'invalid_parameter'])
      assert.equal(unknown.headers['content-type'], 'application/problem+json; charset=utf-8')
      assert.deepEqual(Object.keys(unknown.json).sort(), ['detail', 'field', 'key', 'requestId', 'status', 'title', 'type'])
      assert.equal((await call('GET', '/merchants?colour=red')).json.field, 'colour')
      assert.equal((await call('GET', '/merchants?limit=1&limit=2')).status, 400)
      assert.equal((await call('POST', '/merchants/acme/enable?x=1', { body: {} })).json.field, 'x')
      assert.deepEqual([(await call('PUT', '/merchants')).status, (await call('GET', '/nothing')).status], [405, 404])
      const wrong = await call('POST', '/merchants', { body: { agentId: 'other', currencies: ['usd'] } })
      assert.match(wrong.json.detail, /currency usd must be/)
    })

    test('[check 98] names cannot contain hidden characters, and no ID is a property of every JavaScript object', async () => {
      const operator = await addOperator(gateway, 'support')
      for (const name of ['a\u0000b', 'a\nb', 'admin\u202ecod', 'a\u200bb', 'a\u00a0b', ' a', 'a ']) {
        const refused = [
          await call('POST', '/tokens', { body: { name } }),
          await call('POST', '/invitations', { body: { name, email: 'new@example.com', role: 'support' } }),
          await call('PATCH', `/operators/${operator.id}`, { body: { name }, headers: { 'if-match': '*' } }),
        ]
        assert.deepEqual(
          refused.map(({ status, json }) => [status, json.field]),
          refused.map(() => [400, 'name']),
          JSON.stringify(name),
        )
      }
      assert.equal((await call('POST', '/tokens', { body: { name: 'Đỗ’s deploy 🚀' } })).status, 201)
      for (const id of ['__proto__', 'constructor', 'toString']) {
        assert.equal((await call('POST', '/merchants', { body: { agentId: id } })).json.field, 'agent_id', id)
        assert.equal((await call('POST', '/services', { body: { serviceId: id } })).json.field, 'the service ID', id)
      }
    })

    test('[check 55] undecodable paths and overlong names are problems like any other', async () => {
      for (const path of ['/merchants/%zz', '/merchants/%E0%A4%A', `/merchants/${'x'.repeat(900)}`]) {
        const { status, headers, json } = await call('GET', path)
        assert.deepEqual(
          [headers['content-type'], headers['x-content-type-options']],
          ['application/problem+json; charset=utf-8', 'nosniff'],
        )
        assert.deepEqual([status, json.key], path.includes('%') ? [404, 'path_not_found'] : [400, 'invalid_parameter'])
      }
    })

    test('validateOnly checks and answers the same, does nothing, and reveals no secret', async () => {
      const rehearsed = await call('POST', '/merchants?validateOnly=true', { body: { agentId: 'rehearsed', currencies: ['USD'] } })
      assert.deepEqual([rehearsed.status, rehearsed.json.agentId, rehearsed.json.key], [200, 'rehearsed', undefined])
      assert.equal((await call('GET', '/merchants/rehearsed')).status, 404)
      const taken = await call('POST', '/merchants?validateOnly=true', { body: { agentId: 'agent001' } })
      assert.deepEqual([taken.status, taken.json.key], [409, 'already_exists'])
      const { etag } = (await call('GET', '/merchants/agent001')).headers as { etag: string }
      const change = await call('PATCH', '/merchants/agent001?validateOnly=true', {
        body: { allow: ['10.0.0.0/8'] },
        headers: { 'if-match': etag },
      })
      assert.deepEqual(change.json.allow, ['10.0.0.0/8'])
      assert.equal((await call('GET', '/merchants/agent001')).headers.etag, etag)
    })

    test('an Idempotency-Key makes a create happen once; its secret is repeated for ten minutes', async () => {
      const headers = { 'idempotency-key': 'once-1' }
      const first = await call('POST', '/services', { body: { serviceId: 'billing' }, headers })
      const again = await call('POST', '/services', { body: { serviceId: 'billing' }, headers })
      assert.deepEqual([first.status, again.status, again.json], [201, 201, first.json])
      const other = await call('POST', '/services', { body: { serviceId: 'tables' }, headers })
      assert.deepEqual([other.status, other.json.key], [422, 'idempotency_key_reused'])
      gateway.clock.advance(600_000)
      assert.deepEqual((await call('POST', '/services', { body: { serviceId: 'billing' }, headers })).json, { serviceId: 'billing' })
      const refused = { 'idempotency-key': 'once-2' }
      assert.equal((await call('POST', '/services', { body: { serviceId: 'billing' }, headers: refused })).status, 409)
      assert.equal(
        (await call('POST', '/services', { body: { serviceId: 'fresh' }, headers: refused })).status,
        201,
        'what failed has used up nothing',
      )
      const atOnce = await Promise.all(
        Array.from({ length: 10 }, () =>
          call('POST', '/services', { body: { serviceId: 'raced' }, headers: { 'idempotency-key': 'race' } }),
        ),
      )
      assert.deepEqual(new Set(atOnce.map(({ status }) => status)), new Set([201]))
      assert.equal(new Set(atOnce.map(({ json }) => json.secret)).size, 1)
    })

    test('an Idempotency-Key belongs to one operator, one token and one operation', async () => {
      const headers = { 'idempotency-key': 'shared' }
      const asked = { body: { serviceId: 'mine' }, headers }
      const operator = await addOperator(gateway, 'owner')
      const [one, two] = [await addToken(gateway, operator), await addToken(gateway, operator)]
      assert.equal((await adminCall(gateway, one, 'POST', '/services', asked)).status, 201)
      for (const other of [two, owner]) {
        const { status, json } = await adminCall(gateway, other, 'POST', '/services', asked)
        assert.deepEqual([status, json.key, json.secret], [409, 'already_exists', undefined])
      }
      // The same input.
      assert.equal((await adminCall(gateway, one, 'POST', '/services/mine/secret', { headers })).json.key, 'idempotency_key_reused')
    })

    test('[check 97] every change records who, by which token, from where, and the values before and after', async () => {
      const { etag } = (await call('GET', '/merchants/agent001')).headers as { etag: string }
      const { headers } = await call('PATCH', '/merchants/agent001', {
        body: { ratePerSecond: 7 },
        headers: { 'if-match': etag },
        address: '192.0.2.77',
      })
      const [event] = await gateway.store.events.list({ agentId: 'agent001', limit: 1 })
      assert.deepEqual(
        [event?.kind, event?.surface, event?.address, event?.requestId, event?.details],
        [
          'merchant.updated',
          'admin-api',
          '192.0.2.77',
          headers['x-request-id'],
          { before: { ratePerSecond: null }, after: { ratePerSecond: 7 } },
        ],
      )
      assert.match(event?.actor ?? '', /^token:/)
    })

    test('[check 59] [check 96] nothing is answered without a token; the two listeners share no path', async () => {
      for (const token of [null, 'lk_wrong', `lk_${'A'.repeat(43)}`]) {
        const { status, headers, json } = await adminCall(gateway, token, 'GET', '/merchants')
        assert.deepEqual([status, json.key, headers['www-authenticate']], [401, 'not_signed_in', 'Bearer'])
      }
      assert.equal((await gateway.request('GET', '/admin/api/v1/merchants', { headers: { authorization: `Bearer ${owner}` } })).status, 404)
      for (const url of ['/api/member/login', '/merchant-api/seller/auth/login', '/verify', '/lobby', '/.well-known/jwks.json']) {
        assert.equal((await gateway.admin.inject({ method: 'GET', url })).statusCode, 404, url)
      }
      assert.equal((await gateway.admin.inject({ method: 'GET', url: '/livez' })).statusCode, 200)
    })
  })
}
