import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { resetTokenHash } from '../../../src/core/sellers/seller-password.ts'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { codeOf, login, loginTokens } from '../../support/seller-calls.ts'
import { testStores } from '../../support/stores.ts'

const password = 'correct horse battery staple'

for (const storeKind of testStores()) {
  describe(`sellers by the admin API on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let manager: string
    let support: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      manager = await addToken(gateway, await addOperator(gateway, 'manager'))
      support = await addToken(gateway, await addOperator(gateway, 'support'))
    })
    after(() => gateway.close())
    type Call = Parameters<typeof adminCall> extends [unknown, unknown, ...infer Rest] ? Rest : never
    const manage = (...[method, path, options]: Call) => adminCall(gateway, manager, method, path, options)
    const help = (...[method, path, options]: Call) => adminCall(gateway, support, method, path, options)
    const add = async (email: string): Promise<string> => {
      const added = await manage('POST', '/sellers', { body: { email, password } })
      assert.equal(added.status, 201, JSON.stringify(added.json))
      return added.json.sellerId
    }
    const emailsOf = ({ json }: { json: { items: { email: string }[] } }) => json.items.map(({ email }) => email)
    const eventsOf = (subject: string) => gateway.store.events.list({ subject, limit: 20 })

    test('[check 97] a seller is added, found by ID or e-mail, and given another e-mail under If-Match', async () => {
      const id = await add('Api@Example.com')
      const read = await manage('GET', `/sellers/${id}`)
      assert.deepEqual([read.json.email, read.json.status], ['api@example.com', 'enabled'])
      assert.equal((await manage('GET', '/sellers/API%40example.com')).json.sellerId, id)
      const { etag } = read.headers as { etag: string }
      const link = (await manage('POST', `/sellers/${id}/reset-link`, { body: {} })).json.url as string
      const change = { body: { email: 'api2@example.com' }, headers: { 'if-match': etag } }
      const changed = await manage('PATCH', `/sellers/${id}`, change)
      assert.deepEqual([changed.status, changed.json.email], [200, 'api2@example.com'])
      assert.equal((await manage('PATCH', `/sellers/${id}`, change)).json.key, 'changed_meanwhile')
      assert.equal(codeOf(await login(gateway, { email: 'api2@example.com', password })), '0000')
      assert.notEqual(codeOf(await login(gateway, { email: 'api@example.com', password })), '0000')
      const [, token = ''] = /\/reset#([\w-]{43})&api%40example\.com$/.exec(link) ?? assert.fail(link)
      const events = await eventsOf(id)
      const updated = events.find(({ kind }) => kind === 'seller.updated')
      assert.deepEqual(updated?.details, { before: { email: 'api@example.com' }, after: { email: 'api2@example.com' } })
      assert.ok(events.every(({ actor }) => actor === undefined || /^token:/.test(actor)))
      assert.ok(!JSON.stringify(events).includes(token) && !JSON.stringify(events).includes(password))
      const taken = { body: { email: 'seller@example.com' }, headers: { 'if-match': '*' } }
      assert.equal((await manage('PATCH', `/sellers/${id}`, taken)).json.key, 'already_exists')
      assert.equal((await manage('PATCH', '/sellers/nosuch', taken)).status, 404)
      assert.equal((await manage('POST', '/sellers', { body: { email: 'x@example.com', password: 'short' } })).status, 400)
      assert.equal((await manage('POST', '/sellers', { body: { email: 'x@example.com', password, role: 'admin' } })).json.field, 'role')
    })

    test('sellers have labels, which filter the list, follow a new e-mail and leave with the seller', async () => {
      const labels = { team: 'a_b', tier: '' }
      const body = { email: 'tag1@example.com', password, labels }
      const { json } = await manage('POST', '/sellers', { body })
      assert.deepEqual(json.labels, labels)
      const other = await add('tag2@example.com')
      assert.deepEqual((await manage('GET', `/sellers/${other}`)).json.labels, {})
      const change = (id: string, body: object) => manage('PATCH', `/sellers/${id}`, { body, headers: { 'if-match': '*' } })
      assert.deepEqual((await change(other, { labels: { team: 'a_b' } })).json.labels, { team: 'a_b' })
      const listed = async (query: string) => emailsOf(await manage('GET', `/sellers?${query}`))
      assert.deepEqual(await listed('label=team=a_b'), ['tag1@example.com', 'tag2@example.com'])
      assert.deepEqual(await listed('label=team=a_b&after=tag1@example.com'), ['tag2@example.com'])
      assert.deepEqual(await listed('label=team=a_b&q=tag1'), ['tag1@example.com'])
      assert.deepEqual(await listed('label=team=a_b&status=disabled'), [])
      assert.deepEqual(await listed('label=tier='), ['tag1@example.com'])
      assert.deepEqual(await listed('label=team=axb'), [])
      const first = await manage('GET', '/sellers?label=team=a_b&limit=1')
      assert.deepEqual(await listed(`label=team=a_b&cursor=${first.json.nextCursor}`), ['tag2@example.com'])

      const link = (await manage('POST', `/sellers/${json.sellerId}/reset-link`, { body: {} })).json.url as string
      await change(json.sellerId, { labels: { team: 'a_b' } })
      assert.deepEqual(await listed('label=tier='), [])
      const [, token = ''] = /#([\w-]{43})/.exec(link) ?? assert.fail(link)
      assert.ok(await gateway.store.sellers.findByPasswordReset(resetTokenHash(token), gateway.clock.now()), 'the link still works')
      await change(json.sellerId, { email: 'tag3@example.com' })
      assert.deepEqual(await listed('label=team=a_b'), ['tag2@example.com', 'tag3@example.com'])
      const updated = (await eventsOf(json.sellerId)).filter(({ kind }) => kind === 'seller.updated')
      assert.deepEqual(
        updated.map(({ details }) => details),
        [
          { before: { email: 'tag1@example.com' }, after: { email: 'tag3@example.com' } },
          { before: { labels }, after: { labels: { team: 'a_b' } } },
        ],
      )
      assert.equal((await manage('DELETE', `/sellers/${other}`)).status, 200)
      assert.deepEqual(await listed('label=team=a_b'), ['tag3@example.com'])
      assert.equal((await change(json.sellerId, { labels: { 'Not a name': '1' } })).json.field, 'labels')
    })

    test('[check 97] of sellers changed and added to one e-mail at once one gets it, and the others are told that it is taken', async () => {
      const ids = await Promise.all(Array.from({ length: 6 }, (_seller, at) => add(`rival${at}@example.com`)))
      for (let round = 0; round < 3; round++) {
        const email = `prize${round}@example.com`
        const change = { body: { email }, headers: { 'if-match': '*' } }
        const asked = [
          ...ids.map((id) => manage('PATCH', `/sellers/${id}`, change)),
          manage('POST', '/sellers', { body: { email, password } }),
        ]
        const statuses = (await Promise.all(asked)).map(({ status }) => status)
        assert.deepEqual(statuses.filter((status) => status !== 409).length, 1, statuses.join(' '))
        assert.ok(statuses.includes(200) || statuses.includes(201), statuses.join(' '))
      }
    })

    test('a reset link is shown once; validateOnly makes none and leaves the previous one valid', async () => {
      const id = await add('reset@example.com')
      const headers = { 'idempotency-key': 'reset-1' }
      const first = await manage('POST', `/sellers/${id}/reset-link`, { body: {}, headers })
      assert.deepEqual((await manage('POST', `/sellers/${id}/reset-link`, { body: {}, headers })).json, first.json)
      const rehearsed = await manage('POST', `/sellers/${id}/reset-link?validateOnly=true`, { body: {} })
      assert.deepEqual([rehearsed.status, rehearsed.json.url], [200, undefined])
      assert.equal((await eventsOf(id)).filter(({ kind }) => kind === 'seller.password_reset_issued').length, 1)
    })

    test('sellers are listed by e-mail, filtered by prefix and status, page by page', async () => {
      for (const name of ['la', 'lb', 'lc']) await add(`${name}@page.example`)
      await manage('POST', '/sellers/lb@page.example/disable', { body: {} })
      assert.deepEqual(emailsOf(await help('GET', '/sellers?q=l&status=disabled')), ['lb@page.example'])
      const first = await help('GET', '/sellers?q=l&limit=2')
      assert.deepEqual(emailsOf(first), ['la@page.example', 'lb@page.example'])
      assert.deepEqual(emailsOf(await help('GET', `/sellers?q=l&limit=2&cursor=${first.json.nextCursor}`)), ['lc@page.example'])
      assert.deepEqual(emailsOf(await help('GET', '/sellers?q=l&after=la@page.example')), ['lb@page.example', 'lc@page.example'])
      assert.doesNotMatch(JSON.stringify(first.json), /argon|password/i)
    })

    test('sessions are listed newest first and ended; a seller is deleted once its tokens have expired', async () => {
      const id = await add('gone@example.com')
      for (let n = 0; n < 3; n++) {
        gateway.clock.advance(1_000)
        await loginTokens(gateway, { email: 'gone@example.com', password })
      }
      const first = await help('GET', `/sellers/${id}/sessions?limit=2`)
      const second = await help('GET', `/sellers/${id}/sessions?limit=2&cursor=${first.json.nextCursor}`)
      const times = [...first.json.items, ...second.json.items].map(({ createdAt }: { createdAt: string }) => createdAt)
      assert.deepEqual([times.length, times], [3, times.toSorted().toReversed()])
      const { sid } = first.json.items[0]
      assert.equal((await help('POST', `/sellers/${id}/sessions/${sid}/end`, { body: {} })).json.ended, true)
      assert.equal((await help('POST', `/sellers/${id}/sessions/${sid}/end`, { body: {} })).json.ended, false)
      assert.equal((await help('POST', `/sellers/seller@example.com/sessions/${sid}/end`, { body: {} })).status, 404)
      assert.equal((await help('DELETE', `/sellers/${id}`)).status, 403)
      const early = await manage('DELETE', `/sellers/${id}`)
      assert.deepEqual([early.status, early.json.key], [409, 'conflict'])
      assert.equal((await manage('POST', `/sellers/${id}/disable`, { body: {} })).status, 200)
      assert.match((await manage('DELETE', `/sellers/${id}`)).json.detail, /is kept until its last token has expired/)
      gateway.clock.advance(gateway.settings.accessTokenSeconds * 1_000)
      manager = await addToken(gateway, await addOperator(gateway, 'manager'))
      support = await addToken(gateway, await addOperator(gateway, 'support'))
      assert.equal((await manage('DELETE', `/sellers/${id}?validateOnly=true`)).json.deleted, true)
      assert.deepEqual((await manage('DELETE', `/sellers/${id}`)).json, { sellerId: id, email: 'gone@example.com', deleted: true })
      assert.equal((await manage('GET', `/sellers/${id}`)).status, 404)
      assert.notEqual(codeOf(await login(gateway, { email: 'gone@example.com', password })), '0000')
      await add('gone@example.com')
    })

    test('an import reports the lines that it refuses, and its events name the token', async () => {
      const hash = `$2b$10$${'a'.repeat(53)}`
      const text = `email,passwordHash,status\nim1@import.example,${hash},\nim2@import.example,x,\nseller@example.com,${hash},`
      const rehearsed = await manage('POST', '/sellers/import?validateOnly=true', { body: { form: 'csv', text } })
      const done = await manage('POST', '/sellers/import', { body: { form: 'csv', text } })
      assert.deepEqual(done.json, rehearsed.json)
      assert.deepEqual([done.json.added, done.json.existing, done.json.refused[0].line], [1, 1, 3])
      const [event] = await gateway.store.events.list({ kind: 'seller.imported', limit: 1 })
      assert.match(event?.actor ?? '', /^token:/)
    })

    test('a rehearsed import waits for nobody, whatever another call is writing', { skip: storeKind.name === 'sqlite' }, async () => {
      const passwordHash = `$2b$10$${'a'.repeat(53)}`
      const text = `email,passwordHash\nheld@import.example,${passwordHash}\nHeld@import.example,${passwordHash}\nseller@example.com,${passwordHash}`
      const at = gateway.clock.now()
      const held = { id: 'held', email: 'held@import.example', passwordHash, status: 'enabled', createdAt: at, updatedAt: at } as const
      const rehearsed = await gateway.store.together(async ({ sellers }) => {
        await sellers.addMany([{ ...held, lastLoginAt: null, needlessLogins: 0, labels: {} }], [])
        return manage('POST', '/sellers/import?validateOnly=true', { body: { form: 'csv', text } })
      })
      assert.deepEqual([rehearsed.status, rehearsed.json], [200, { added: 1, existing: 2, refused: [] }])
    })

    test('throttles are listed by account and address, and cleared', async () => {
      await add('slow@example.com')
      const limit = gateway.settings.loginBackoffAfter
      for (let n = 0; n < limit; n++) await login(gateway, { email: 'slow@example.com', password: `${password}!` })
      const found = (await help('GET', '/throttles?email=slow@example.com&address=127.0.0.1')).json.items
      const account = found.find(({ kind }: { kind: string }) => kind === 'account')
      assert.deepEqual([account.state, account.failures], ['waiting', limit])
      assert.ok((await help('GET', '/throttles')).json.items.length >= 2)
      assert.equal((await help('POST', '/throttles/clear', { body: {} })).status, 400)
      assert.equal((await help('POST', '/throttles/clear', { body: { throttleId: account.throttleId } })).json.cleared, 1)
      assert.equal(codeOf(await login(gateway, { email: 'slow@example.com', password })), '0000')
      assert.equal((await help('POST', '/throttles/clear', { body: { address: '127.0.0.1' } })).json.cleared, 1)
      const [event] = await gateway.store.events.list({ kind: 'throttle.cleared', limit: 1 })
      assert.deepEqual(event?.details, { by: ['address'], address: '127.0.0.1' })
      assert.equal((await help('GET', '/throttles?address=nowhere')).json.field, 'address')
    })
  })
}
