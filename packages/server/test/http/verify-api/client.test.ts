/** `lobbykey-client/verify` and the other entries against a live gateway. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { MerchantClient } from 'lobbykey-client/merchant'
import { FileStorage, SellerClient } from 'lobbykey-client/seller'
import { authenticateRequest, createSessionGuard, createVerifier, type EndedSession, express, fastify, hono } from 'lobbykey-client/verify'
import { sampleMerchant, sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { bearer, loginTokens, logout, refresh } from '../../support/seller-calls.ts'
import { addService } from '../../support/service-calls.ts'

let gateway: TestGateway
let origin: string
before(async () => {
  gateway = await startTestGateway()
  gateway.clock.advance(Date.now() - gateway.clock.now())
  origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
})
after(() => gateway.close())

function newVerifier(options: { fetch?: typeof fetch; now?: () => number } = {}) {
  return createVerifier({ issuer: gateway.publicUrl, baseUrl: origin, now: () => gateway.clock.now(), ...options })
}

test('the verifier accepts a live token, and learns of its logout within two seconds', async () => {
  const verifier = newVerifier()
  const [one, other] = [await loginTokens(gateway), await loginTokens(gateway)]
  const seller = await verifier.authenticate(`Bearer ${one.accessToken}`)
  assert.equal((await verifier.verify(one.accessToken)).sellerId, seller.sellerId)
  await verifier.verify(other.accessToken)
  await assert.rejects(verifier.verify(one.refreshToken), { reason: 'invalid', status: 401, code: '10008' })
  await assert.rejects(verifier.verify(`${one.accessToken.slice(0, -8)}AAAAAAAA`), { reason: 'invalid' })
  await assert.rejects(verifier.authenticate(null), { reason: 'missing' })
  await assert.rejects(verifier.authenticate('Basic eA=='), { reason: 'missing' })
  await logout(gateway, one.accessToken)
  gateway.clock.advance(2_001)
  await assert.rejects(verifier.verify(one.accessToken), { reason: 'revoked', code: '10010' })
  await verifier.verify(other.accessToken)
  gateway.clock.advance(gateway.settings.accessTokenSeconds * 1_000)
  await assert.rejects(verifier.verify(other.accessToken), { reason: 'expired', code: '10009' })
})

test('the verifier asks anew when its clock is set back: what it knew has no age then', async () => {
  let [setBackMs, isAway] = [0, false]
  const verifier = newVerifier({
    now: () => gateway.clock.now() - setBackMs,
    fetch: (async (url: string, init: RequestInit) => (isAway ? Response.error() : fetch(url, init))) as typeof fetch,
  })
  const { accessToken } = await loginTokens(gateway)
  await verifier.verify(accessToken)
  setBackMs = 3_600_000
  isAway = true
  await assert.rejects(verifier.verify(accessToken), { reason: 'unsure' })
})

test('the verifier fails closed when the feed is stale, forged or of an earlier state', async () => {
  let answer: (() => Response) | null = null
  const verifier = newVerifier({
    fetch: (async (url: string, init: RequestInit) =>
      answer !== null && url.includes('revocations') ? answer() : fetch(url, init)) as typeof fetch,
  })
  const { accessToken } = await loginTokens(gateway)
  await verifier.verify(accessToken)
  const feed = await (await fetch(`${origin}/.well-known/revocations`)).text()
  const forged = `${feed.slice(0, -8)}AAAAAAAA`
  for (const bad of [
    () => Response.error(),
    () => new Response('', { status: 503 }),
    () => new Response(forged),
    () => new Response(accessToken),
  ]) {
    answer = bad
    // Known facts are valid for two seconds.
    await verifier.verify(accessToken)
    gateway.clock.advance(2_001)
    await assert.rejects(verifier.verify(accessToken), { reason: 'unsure', status: 503 })
    answer = null
    await verifier.verify(accessToken)
  }
  await logout(gateway, (await loginTokens(gateway)).accessToken)
  gateway.clock.advance(2_001)
  await verifier.verify(accessToken)
  answer = () => new Response(feed)
  gateway.clock.advance(2_001)
  await assert.rejects(verifier.verify(accessToken), { reason: 'unsure' })
})

test('middlewares set the seller or answer in the seller envelope', async () => {
  const verifier = newVerifier()
  const { accessToken } = await loginTokens(gateway)
  const { headers } = bearer(accessToken)
  const seller = await authenticateRequest(verifier, new Request(origin, { headers }))
  assert.ok(!(seller instanceof Response))
  const refused = await authenticateRequest(verifier, new Request(origin))
  assert.ok(refused instanceof Response)
  assert.deepEqual(
    [refused.status, refused.headers.get('www-authenticate'), ((await refused.json()) as { code: string }).code],
    [401, 'Bearer', '10008'],
  )

  const said: unknown[] = []
  const response = { status: (code: number) => ({ set: (fields: object) => ({ json: (body: unknown) => said.push(code, fields, body) }) }) }
  const request: { headers: { authorization?: string }; seller?: unknown } = { headers }
  await new Promise<void>((resolve) => express(verifier)(request as never, response, () => resolve()))
  assert.deepEqual(request.seller, seller)
  express(verifier)({ headers: {} }, response, () => assert.fail())
  const reply = { code: (code: number) => ({ headers: (fields: object) => ({ send: (body: unknown) => [code, fields, body] }) }) }
  const sent = (await fastify(verifier)({ headers: {} }, reply)) as unknown[]
  assert.equal(sent[0], 401)
  assert.deepEqual(said.slice(0, 2), sent.slice(0, 2))
  const context = { req: { header: () => headers.authorization }, set: (name: string, value: unknown) => said.push(name, value) }
  await hono(verifier)(context, async () => {})
  assert.deepEqual(said.slice(-2), ['seller', seller])
})

test('the guard caches a session until the feed reports its end', async (context) => {
  const service = await addService(gateway)
  let [checks, setBackMs] = [0, 0]
  let tellEnded: (ended: EndedSession) => void = () => {}
  const ended = new Promise<EndedSession>((resolve) => {
    tellEnded = resolve
  })
  const guard = createSessionGuard({
    baseUrl: origin,
    serviceId: service.id,
    secret: service.secret,
    onEnded: tellEnded,
    now: () => gateway.clock.now() - setBackMs,
    fetch: (async (url: string, init: RequestInit) => {
      if (url.endsWith('/check')) checks++
      return fetch(url, init)
    }) as typeof fetch,
  })
  context.after(() => guard.close())
  const client = new MerchantClient({ baseUrl: origin, agentId: sampleMerchant.agentId, key: sampleMerchant.key, warn: () => {} })
  const { token } = await client.login({ user_id: 'uid001', platform: 'h5', language: 'en-US', currency: 'VND2' })
  const name = { agentId: sampleMerchant.agentId, token }
  // Nothing is cached before the feed is connected.
  for (let before = -1; before !== checks; ) {
    before = checks
    assert.equal((await guard.check(name))?.user_id, 'uid001')
  }
  const remembered = checks
  setBackMs = 3_600_000
  assert.equal((await guard.check(name))?.user_id, 'uid001')
  assert.equal(checks, remembered + 1, 'what is remembered has no age once the clock was set back')
  setBackMs = 0
  await client.logout({ user_id: 'uid001' })
  await gateway.hearChanges()
  assert.equal((await ended).user_id, 'uid001')
  assert.equal(await guard.check(name), null)
  assert.equal(await guard.check({ agentId: 'agent001', token: 'never-a-token' }), null)
  const stranger = createSessionGuard({ baseUrl: origin, serviceId: service.id, secret: 'wrong' })
  context.after(() => stranger.close())
  await assert.rejects(stranger.check(name), { reason: 'unsure' })
})

test('the guard tells a wrong secret from a gateway that is away', async (context) => {
  const { id } = await addService(gateway)
  const guard = createSessionGuard({ baseUrl: origin, serviceId: id, secret: 'another' })
  context.after(() => guard.close())
  const error = await guard.check({ agentId: sampleMerchant.agentId, token: 'any' }).catch((thrown: Error) => thrown)
  assert.match(String((error as Error).cause), /check both/)
})

test('two processes with one storage are one login, and stay one', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-client-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'tokens.json')
  const asked: string[] = []
  const counting = (async (url: string, init: RequestInit) => {
    asked.push(String(url).split('/').at(-1) ?? '')
    return fetch(url, init)
  }) as typeof fetch
  const open = () => new SellerClient({ baseUrl: origin, ...sampleSeller, storage: new FileStorage(path), fetch: counting })
  const [one, other] = [open(), open()]
  await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).me()))
  assert.equal(asked.filter((name) => name === 'login').length, 1)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  // Refreshed by somebody else: both hold a token that is valid until it expires; then one refresh serves both.
  gateway.clock.advance(gateway.settings.accessTokenSeconds * 1_000)
  await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).me()))
  assert.deepEqual([asked.filter((name) => name === 'login').length, asked.filter((name) => name === 'refresh').length], [1, 1])
  // A new login replaces an ended one.
  await one.logout()
  assert.ok((await other.me()).email)
  assert.equal(asked.filter((name) => name === 'login').length, 2)
  await assert.rejects(() => one.fetch('https://elsewhere.example/'), TypeError)
  assert.equal((await refresh(gateway, 'x')).status, 401)
})
