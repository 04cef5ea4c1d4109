/** A caller's own signal ends its call, whatever the client is waiting for. */
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import { SellerClient } from 'lobbykey-client/seller'
import { serveHere } from './serve-here.ts'

const login = JSON.stringify({ code: '0000', msg: 'Success', data: { accessToken: 'A1', refreshToken: 'R1', expiresIn: 3600 } })
const reason = new Error('the caller has gone')

async function clientOf(context: TestContext, answer: RequestListener): Promise<SellerClient> {
  const baseUrl = await serveHere(context, answer)
  return new SellerClient({ baseUrl, email: 'seller@example.com', password: 'p' })
}

async function assertEnds(client: SellerClient, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  await assert.rejects(client.fetch('/orders', { signal }), reason)
  assert.ok(performance.now() - began < 3_000)
}

test('while it logs in, which goes on for others', { timeout: 20_000 }, async (context) => {
  const leaving = new AbortController()
  let answerLogin = () => {}
  const client = await clientOf(context, (request, response) => {
    if (!request.url?.endsWith('/login')) return response.end('orders')
    answerLogin = () => response.end(login)
    leaving.abort(reason)
  })
  const other = client.fetch('/orders')
  await assertEnds(client, leaving.signal)
  answerLogin()
  assert.equal(await (await other).text(), 'orders')
})

test('while it waits for Retry-After', { timeout: 20_000 }, async (context) => {
  const leaving = new AbortController()
  const client = await clientOf(context, (request, response) => {
    if (request.url?.endsWith('/login')) return response.end(login)
    response.once('finish', () => setTimeout(() => leaving.abort(reason), 50))
    response.writeHead(503, { 'retry-after': '5' }).end()
  })
  await assertEnds(client, leaving.signal)
})

test('before it has sent anything', async (context) => {
  let requests = 0
  const client = await clientOf(context, (_, response) => {
    requests++
    response.end(login)
  })
  await assertEnds(client, AbortSignal.abort(reason))
  assert.equal(requests, 0)
})
