import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gameList, limitList } from '@lobbykey/contract'
import { sampleCatalogue } from '../../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, signed } from '../../support/signed-body.ts'
import { sampleBody, sendCall, toQuery } from '../../support/signed-calls.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

interface ListAnswer {
  readonly code: number
  readonly message: string
  readonly data: { readonly list: readonly Record<string, unknown>[] }
}

const games = async (changes: Body = {}) =>
  (await sendCall(gateway, gameList, sampleBody(gameList, gateway.clock.now(), changes))).json as ListAnswer
const limits = async (changes: Body = {}) =>
  (await sendCall(gateway, limitList, sampleBody(limitList, gateway.clock.now(), changes))).json as ListAnswer
const ask = async (query: string) => (await gateway.request('GET', `${gameList.path}?${query}`)).json as ListAnswer

test('game list: every game with its names and tables, or the requested one', async () => {
  const { data } = await games()
  assert.deepEqual(data.list, [
    {
      game_id: '101',
      game_name: { en: 'Baccarat', zh: '百家乐', vi: 'Baccarat' },
      rooms: [{ game_id: '101', inst_id: 'DYfsRc', inst_name: { en: 'Table 1' }, status: 1 }],
    },
    { game_id: '102', game_name: { en: 'Dragon Tiger', zh: '龙虎', vi: 'Rồng Hổ' }, rooms: [] },
  ])
  assert.deepEqual(
    (await games({ game_id: '102' })).data.list.map(({ game_id }) => game_id),
    ['102'],
  )
  assert.deepEqual((await games({ game_id: '999' })).data.list, [])
  assert.deepEqual((await games({ game_id: '' })).data.list, data.list)
  assert.equal((await games({ game_id: '10-1' })).code, 408000)
})

test('bet-limit list: those of the game and currency, in order, including inactive ones', async () => {
  const inactive = { redId: '110109', gameId: '101', currency: 'USD', minLimit: '0.50', maxLimit: '5', seq: 0, status: 0 } as const
  await gateway.store.catalogue.replace(
    { ...sampleCatalogue, limits: [...sampleCatalogue.limits, inactive] },
    { at: gateway.clock.now(), kind: 'catalogue.replaced', surface: 'cli' },
  )
  await gateway.hearChanges()
  const { data } = await limits()
  assert.deepEqual(data.list[0], {
    red_id: '110109',
    game_id: '101',
    currency: 'USD',
    min_limit: '0.50',
    max_limit: '5',
    seq: 0,
    status: 0,
  })
  assert.deepEqual(
    data.list.map(({ red_id }) => red_id),
    ['110109', '110101', '110102', '110103'],
  )
  assert.deepEqual((await limits({ game_id: '999' })).data.list, [])
})

test("bet-limit list: game and currency are required; 700208 for a currency that is not the merchant's", async () => {
  assert.match((await limits({ game_id: undefined })).message, /game_id is required/)
  assert.match((await limits({ currency: '' })).message, /currency is required/)
  assert.equal((await limits({ currency: 'EUR' })).code, 700208)
})

test('[check 46] a query is read strictly: each name once, plain, percent-encoded, nothing else', async () => {
  const good = toQuery(signed(sampleBody(gameList, gateway.clock.now(), { game_id: '101' }), { call: gameList }))
  assert.equal((await ask(good)).code, 200)
  const wrong: [string, RegExp][] = [
    [`${good}&agent_id=agent001`, /agent_id appears twice/],
    [`${good}&game_id=`, /game_id appears twice/],
    [`${good}&foo=x`, /foo is not a field of this call/],
    [`${good}&__proto__=x`, /__proto__ is not a field of this call/],
    [`${good}&limits=x`, /limits is not a field of this call/],
    [good.replace('agent_id', '%61gent_id'), /"%61gent_id" is not a field of this call/],
    [good.replace('agent_id', 'agent_id[]'), /"agent_id\[\]" is not a field of this call/],
    [good.replace('game_id=101', 'game_id=10+1'), /game_id holds a plus/],
    [good.replace('game_id=101', 'game_id=%zz'), /game_id is not percent-encoded UTF-8/],
    [good.replace('game_id=101', 'game_id=%'), /game_id is not percent-encoded UTF-8/],
    [good.replace('game_id=101', 'game_id=%c3%28'), /game_id is not percent-encoded UTF-8/],
    [good.replace('game_id=101', 'game_id=%ed%a0%80'), /game_id is not percent-encoded UTF-8/],
    [good.replace('game_id=101', 'game_id=%26x%3d1'), /game_id must be/],
    [good.replace('game_id=101', 'game_id=101%00'), /game_id must be/],
    [`${good}&`, /not of the form name=value/],
    [`&${good}`, /not of the form name=value/],
    [`${good}&flag`, /not of the form name=value/],
    [`${good}&=x`, /not of the form name=value/],
    [good.replaceAll('&', ';'), /agent_id|is not a field|timestamp/],
    ['', /agent_id is required/],
  ]
  for (const [query, message] of wrong) {
    const answer = await ask(query)
    assert.equal(answer.code, 408000, query)
    assert.match(answer.message, message, query)
  }
  assert.equal((await ask(good.replace('game_id=101', 'game_id=%31%30%31'))).code, 200)
})

test('a GET call needs no replay row: the same query can be repeated within its ten minutes', async () => {
  const query = toQuery(signed(sampleBody(gameList, gateway.clock.now()), { call: gameList }))
  for (let i = 0; i < 3; i++) assert.equal((await ask(query)).code, 200)
  gateway.clock.advance(600_001)
  assert.equal((await ask(query)).code, 408000)
})
