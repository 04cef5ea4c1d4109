import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { AdminClient, AdminError } from '../src/admin/index.ts'
import { serveHere } from './serve-here.ts'

interface Sent {
  readonly url: string
  readonly init: RequestInit & { readonly headers: Record<string, string> }
}

/** A client on scripted answers, and what it sent. An Error in place of an answer is a connection that broke. */
function scripted(...answers: (Response | Error)[]) {
  const sent: Sent[] = []
  const send = async (url: string, init: RequestInit) => {
    sent.push({ url, init } as Sent)
    const answer = answers.shift()
    if (answer === undefined) throw new Error('asked once more than scripted')
    if (answer instanceof Error) throw answer
    return answer
  }
  return { sent, client: new AdminClient({ baseUrl: 'https://admin.example.com/', token: 'lk_x', fetch: send as typeof fetch }) }
}

const answer = (status: number, body: object, headers = {}) => Response.json(body, { status, headers })
const unavailable = () =>
  answer(503, { key: 'store_unavailable', detail: 'later', title: '', status: 503, requestId: 'r' }, { 'retry-after': '0' })

test('fields are put where the list says: path, query, body', async () => {
  const { client, sent } = scripted(answer(200, { items: [], nextCursor: null }), answer(200, {}), answer(201, { agentId: 'a/b' }))
  await client.run('merchant.list', { q: 'a b', limit: 5 })
  await client.run('merchant.update', { agentId: 'acme', allow: [] }, { ifMatch: '"1"', validateOnly: true })
  await client.run('merchant.add', { agentId: 'acme' }, { idempotencyKey: 'once' })
  const [list, update, add] = sent as [Sent, Sent, Sent]
  assert.equal(list.url, 'https://admin.example.com/admin/api/v1/merchants?q=a+b&limit=5')
  assert.deepEqual([list.init.headers.authorization, list.init.body], ['Bearer lk_x', undefined])
  assert.equal(update.url, 'https://admin.example.com/admin/api/v1/merchants/acme?validateOnly=true')
  assert.deepEqual([update.init.method, update.init.headers['if-match'], update.init.body], ['PATCH', '"1"', '{"allow":[]}'])
  assert.deepEqual([add.init.headers['idempotency-key'], add.init.body], ['once', '{"agentId":"acme"}'])
})

test('what reads and what makes is sent again, under one Idempotency-Key; what acts is not', async () => {
  const made = scripted(new TypeError('fetch failed'), unavailable(), answer(201, { serviceId: 'x', secret: 's' }))
  assert.equal((await made.client.run('service.add', { serviceId: 'x' })).secret, 's')
  const keys = new Set(made.sent.map(({ init }) => init.headers['idempotency-key']))
  assert.deepEqual([made.sent.length, keys.size, keys.has(undefined as never)], [3, 1, false])
  const acted = scripted(new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } }))
  await assert.rejects(acted.client.run('service.disable', { serviceId: 'x' }), { key: 'not_reached', message: /ECONNRESET/ })
  const asked = scripted(answer(429, { key: 'rate_limited', detail: 'wait' }, { 'retry-after': '3600' }))
  await assert.rejects(asked.client.run('merchant.list', {}), { key: 'rate_limited', retryAfterMs: 3_600_000 })
  const refused = scripted(answer(429, { key: 'rate_limited', detail: 'wait' }, { 'retry-after': '0' }), unavailable())
  await assert.rejects(refused.client.run('service.disable', { serviceId: 'x' }), { key: 'store_unavailable' })
  assert.equal(refused.sent.length, 2, 'what was refused had done nothing')
})

test('a list is read to its end; a problem is an error with its key, field and request', async () => {
  const { client, sent } = scripted(
    answer(200, { items: [{ agentId: 'a' }], nextCursor: 'c' }),
    answer(200, { items: [{ agentId: 'b' }], nextCursor: null }),
    answer(400, { key: 'invalid_parameter', detail: 'colour is not a field', field: 'colour', requestId: 'r1' }),
    new Response('<html>', { status: 502 }),
  )
  const found: string[] = []
  for await (const { agentId } of client.all('merchant.list', {})) found.push(agentId)
  assert.deepEqual([found, sent[1]?.url.endsWith('?limit=200&cursor=c')], [['a', 'b'], true])
  await assert.rejects(client.run('merchant.show', { agentId: 'a' }), (error: AdminError) => {
    assert.ok(error instanceof AdminError)
    assert.deepEqual([error.key, error.field, error.requestId, error.status], ['invalid_parameter', 'colour', 'r1', 400])
    return true
  })
  await assert.rejects(client.run('merchant.disable', { agentId: 'a' }), { key: 'unexpected_answer', status: 502 })
})

/** A client of a server that answers as it is told. */
async function live(context: TestContext, deadlineMs: number, answerTo: (response: ServerResponse) => void) {
  let requests = 0
  const baseUrl = await serveHere(context, (_request, response) => {
    requests++
    answerTo(response)
  })
  const client = new AdminClient({ baseUrl, deadlineMs })
  return { client, requests: () => requests }
}

test('a call ends at its deadline, be it silence or half an answer that does not go on', async (context) => {
  for (const half of ['', '{"items":[']) {
    const { client, requests } = await live(context, 300, (response) => {
      if (half !== '') response.write(half)
    })
    await assert.rejects(client.run('merchant.list', {}), { key: 'not_reached', message: /no answer in time/ })
    await assert.rejects(client.run('merchant.disable', { agentId: 'a' }), { key: 'not_reached' })
    assert.equal(requests(), 2)
  }
})

test('a pause that the server asks for does not outlast the deadline', async (context) => {
  const { client, requests } = await live(context, 2_000, (response) => {
    response.writeHead(503, { 'retry-after': '5' }).end('{"key":"store_unavailable","detail":"later"}')
  })
  await assert.rejects(client.run('merchant.list', {}), { key: 'store_unavailable' })
  assert.equal(requests(), 1)
})

test('half an answer is asked for again; one without end is given up', async (context) => {
  const broken = await live(context, 10_000, (response) => {
    if (broken.requests() > 1) return response.end('{"items":[],"nextCursor":null}')
    response.writeHead(200, { 'content-length': '500' }).write('{"items":[')
    return setImmediate(() => response.destroy())
  })
  assert.deepEqual(await broken.client.run('merchant.list', {}), { items: [], nextCursor: null })
  const endless = await live(context, 60_000, (response) => {
    const pour = (): void => {
      while (response.write(Buffer.alloc(65_536, ' ')) && !response.closed);
      if (!response.closed) response.once('drain', pour)
    }
    pour()
  })
  await assert.rejects(endless.client.run('merchant.list', {}), { key: 'unexpected_answer', message: /larger than 16777216 bytes/ })
  assert.equal(endless.requests(), 1)
})
