import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`catalogue, signing keys and status over the admin API on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let owner: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      owner = await addToken(gateway, await addOperator(gateway, 'owner'))
    })
    after(() => gateway.close())
    const call = (...[method, path, options]: Parameters<typeof adminCall> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
      adminCall(gateway, owner, method, path, options)

    test('the catalogue is read page by page, exported, and replaced whole', async () => {
      const { json: counts } = await call('GET', '/catalogue')
      const limits: object[] = []
      for (let cursor = ''; ; ) {
        const { json } = await call('GET', `/catalogue/limits?limit=2${cursor}`)
        limits.push(...json.items)
        if (json.nextCursor === null) break
        cursor = `&cursor=${json.nextCursor}`
      }
      assert.equal(limits.length, counts.limits)
      assert.equal(new Set(limits.map((limit) => JSON.stringify(limit))).size, counts.limits)
      const [game] = (await call('GET', '/catalogue/games?limit=1')).json.items
      const shown = (await call('GET', `/catalogue/games/${game.gameId}`)).json
      assert.deepEqual((await call('GET', `/catalogue/limits?limit=200&gameId=${game.gameId}`)).json.items.length, shown.limits.length)

      const { json: file } = await call('GET', '/catalogue/file?form=csv')
      const text = `${file.text}game,900,,,,,,,\r\n`
      const wrong = await call('PUT', '/catalogue/file', { body: { form: 'csv', text } })
      assert.deepEqual([wrong.status, wrong.json.key], [400, 'invalid_parameter'])
      assert.match(wrong.json.detail, /line \d+/)
      const emptied = { form: 'json', text: JSON.stringify({ games: [], tables: [], limits: [] }) }
      const rehearsed = await call('PUT', '/catalogue/file?validateOnly=true', { body: emptied })
      assert.deepEqual([rehearsed.json.games, rehearsed.json.difference.games.removed.length], [0, counts.games])
      assert.deepEqual((await call('GET', '/catalogue')).json, counts)
      assert.equal((await call('PUT', '/catalogue/file', { body: emptied })).status, 200)
      assert.equal((await call('PUT', '/catalogue/file', { body: file })).json.games, counts.games)
      const [event] = await gateway.store.events.list({ kind: 'catalogue.replaced', limit: 1 })
      assert.match(event?.actor ?? '', /^token:/)
      assert.deepEqual(event?.details?.after, counts)
    })

    test('a large catalogue is read only from a caller who may replace it', async () => {
      const body = { form: 'json', text: ' '.repeat(1_000_000) }
      assert.equal((await call('PUT', '/catalogue/file', { body })).json.key, 'invalid_parameter')
      assert.equal((await adminCall(gateway, null, 'PUT', '/catalogue/file', { body })).status, 401)
      const support = await addToken(gateway, await addOperator(gateway, 'support'))
      assert.equal((await adminCall(gateway, support, 'PUT', '/catalogue/file', { body })).status, 403)
      const large = await call('POST', '/merchants', { body: { agentId: 'x'.repeat(100_000) } })
      assert.equal(large.status, 413)
    })

    test('[check 68] signing keys are rotated by owners only, and retired', async () => {
      const manager = await addToken(gateway, await addOperator(gateway, 'manager'))
      assert.equal((await adminCall(gateway, manager, 'POST', '/signing-keys', { body: {} })).json.key, 'forbidden')
      const rehearsed = await call('POST', '/signing-keys?validateOnly=true', { body: {} })
      assert.deepEqual([rehearsed.status, rehearsed.json.state], [200, 'published'])
      const [first, ...others] = (await call('GET', '/signing-keys')).json.items
      assert.deepEqual([first.state, others], ['signing', []])
      const rotated = await call('POST', '/signing-keys', { body: { now: true } })
      assert.equal(rotated.status, 201)
      assert.doesNotMatch(JSON.stringify(rotated.json), /sealed|private/i)
      assert.equal((await call('POST', `/signing-keys/${first.kid}/retire`, { body: {} })).status, 409)
      gateway.clock.advance(5_000)
      assert.equal((await call('POST', `/signing-keys/${first.kid}/retire`, { body: { force: true } })).status, 200)
      const states = (await call('GET', '/signing-keys')).json.items.map(({ state }: { state: string }) => state)
      assert.deepEqual(states, ['retired', 'signing'])
    })

    test('status lists every process on the store, and which of them are gone', async () => {
      const node = await gateway.openSecondNode()
      await Promise.all([gateway.beat(), node.beat()])
      const { json } = await call('GET', '/status')
      assert.equal(json.store.kind, storeKind.name === 'sqlite' ? 'sqlite' : 'postgres')
      assert.deepEqual([json.store.pendingMigrations, json.redis, json.due], [[], null, []])
      assert.deepEqual(
        json.processes.map(({ isAlive, isReady, pid }: Record<string, unknown>) => [isAlive, isReady, pid]),
        [
          [true, true, process.pid],
          [true, true, process.pid],
        ],
      )
      await node.close()
      gateway.clock.advance(60_000)
      const late = (await call('GET', '/status')).json
      assert.deepEqual([late.processes.length, late.processes[0].isAlive], [1, false], 'one left, the other hangs')
      assert.match(late.due[0], /was not seen for 30 s/)
    })
  })
}
