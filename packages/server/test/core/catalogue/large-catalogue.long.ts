/** Large files are read in a thread and written in pieces: with the same results as small ones. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { writeCatalogue } from '../../../src/core/catalogue/catalogue-export.ts'
import { parseCatalogue } from '../../../src/core/catalogue/catalogue-import.ts'
import { readCatalogue } from '../../../src/core/catalogue/read-catalogue.ts'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { testStores } from '../../support/stores.ts'

const names = { en: 'Baccarat "Deluxe"', th: 'บาคาร่า' }
const numbers = Array.from({ length: 1_200 }, (_, number) => number)
const file = {
  games: [
    { game_id: 'A', names },
    { game_id: 'B', names },
  ],
  tables: numbers.map((number) => ({ game_id: 'A', inst_id: `T${number}`, names, status: 1 })),
  // In the opposite order of their IDs.
  limits: numbers.map((number) => ({
    red_id: `R${String(9_999 - number)}`,
    game_id: 'B',
    currency: 'USD',
    min_limit: '1',
    max_limit: '10.5',
    seq: number,
    status: 1,
  })),
}
const text = JSON.stringify(file)

test('a large file has the same content, and the same problems, as if it were read at once', async () => {
  assert.deepEqual(await readCatalogue({ text, form: 'json' }), parseCatalogue(text, 'json'))
  const csv = await writeCatalogue(parseCatalogue(text, 'json'), 'csv')
  assert.deepEqual(await readCatalogue({ text: csv, form: 'csv' }), parseCatalogue(text, 'json'))
  for (const wrong of [text.slice(1), text.replaceAll('"status":1', '"status":2'), text.replace('"B"', '"C"')]) {
    const problemOf = async (read: () => unknown) => {
      try {
        await read()
      } catch (error) {
        return (error as { details: { message: string } }).details.message
      }
    }
    const problem = await problemOf(() => parseCatalogue(wrong, 'json'))
    assert.ok(problem !== undefined)
    assert.equal(await problemOf(() => readCatalogue({ text: wrong, form: 'json' })), problem)
  }
})

test('a written file is JSON with a row a line', async () => {
  for (const content of [file, { games: [], tables: [], limits: [] }]) {
    const catalogue = parseCatalogue(JSON.stringify(content), 'json')
    const written = await writeCatalogue(catalogue, 'json')
    assert.deepEqual(JSON.parse(written), content)
    const rows = Object.values(content).flat()
    assert.equal(written.split('\n').filter((line) => /^ {4}\{.*\},?$/.test(line)).length, rows.length)
  }
})

for (const storeKind of testStores()) {
  describe(`a large catalogue over the admin API on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let token: string
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
      token = await addToken(gateway, await addOperator(gateway, 'owner'))
    })
    after(() => gateway.close())
    const put = (body: object, query = '') => adminCall(gateway, token, 'PUT', `/catalogue/file${query}`, { body })

    test('is rehearsed, imported, told with its difference, and exported in the platform’s order', async () => {
      const before = (await adminCall(gateway, token, 'GET', '/catalogue')).json
      const rehearsed = await put({ form: 'json', text }, '?validateOnly=true')
      assert.equal(rehearsed.json.difference.tables.added.length, 1_200)
      assert.deepEqual((await adminCall(gateway, token, 'GET', '/catalogue')).json, before)
      assert.deepEqual((await put({ form: 'json', text })).json, rehearsed.json)
      assert.deepEqual((await put({ form: 'json', text })).json.difference.limits, { added: [], removed: [], changed: [] })
      const exported = parseCatalogue((await adminCall(gateway, token, 'GET', '/catalogue/file')).json.text, 'json')
      const wanted = parseCatalogue(text, 'json')
      assert.deepEqual([exported.games, exported.limits], [wanted.games, wanted.limits])
      assert.deepEqual(new Set(exported.tables.map(({ instId }) => instId)), new Set(wanted.tables.map(({ instId }) => instId)))
      await gateway.hearChanges()
    })

    test('of which a slow reader gets all, however much of it waits', async () => {
      const long = Object.fromEntries(
        ['en', 'th', 'ja', 'ko', 'vi', 'id', 'ar', 'pt'].map((language) => [language, '\u{1F3B2}'.repeat(60)]),
      )
      const tables = Array.from({ length: 7_000 }, (_, number) => ({ game_id: 'A', inst_id: `T${number}`, names: long, status: 1 }))
      const large = JSON.stringify({ games: [{ game_id: 'A', names }], tables, limits: [] })
      let imported = await put({ form: 'json', text: large })
      // A machine with much else to do cannot write that much in the time of one transaction. As the answer says, it is asked again.
      for (let repeats = 0; imported.status === 503 && repeats < 3; repeats++) imported = await put({ form: 'json', text: large })
      assert.equal(imported.status, 200)
      const url = await gateway.admin.listen({ host: '127.0.0.1', port: 0 })
      const answer = await fetch(`${url}/admin/api/v1/catalogue/file`, { headers: { authorization: `Bearer ${token}` } })
      // As the sweep does every second, before anything is read.
      gateway.sweepConnections()
      const exported = (await answer.json()) as { text: string }
      assert.deepEqual(parseCatalogue(exported.text, 'json').games, parseCatalogue(large, 'json').games)
      assert.equal(JSON.parse(exported.text).tables.length, 7_000)
      assert.ok(!exported.text.includes('\ufffd'))
    })

    test('a large body that is no JSON, or has a key twice, is refused as a small one', async () => {
      const raw = (payload: string) =>
        gateway.admin.inject({
          method: 'PUT',
          url: '/admin/api/v1/catalogue/file',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          payload,
        })
      const body = JSON.stringify({ form: 'json', text })
      for (const [payload, problem] of [
        [body.slice(0, -1), /not JSON/],
        [`{"form":"json",${body.slice(1)}`, /a key appears twice/],
      ] as const) {
        const answer = await raw(payload)
        assert.deepEqual([answer.statusCode, answer.json().key], [400, 'invalid_body'])
        assert.match(answer.json().detail, problem)
      }
    })
  })
}
