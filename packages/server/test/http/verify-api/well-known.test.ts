import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { KeyRotation } from '../../../src/core/tokens/key-rotation.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { codeOf, decodeToken, loginTokens, logout, me, refresh, tokensOf } from '../../support/seller-calls.ts'
import { addService, introspect } from '../../support/service-calls.ts'

interface RevocationClaims {
  readonly iss: string
  readonly aud: string
  readonly iat: number
  readonly exp: number
  readonly epoch: string
  readonly seq: number
  readonly revoked: Readonly<Record<string, number>>
}

describe('well-known documents', () => {
  let gateway: TestGateway
  before(async () => {
    gateway = await startTestGateway()
  })
  after(() => gateway.close())

  const get = (path: string, headers: Record<string, string> = {}) => gateway.request('GET', `/.well-known/${path}`, { headers })
  const keySet = async () => ((await get('jwks.json')).json as { keys: JWK[] }).keys
  const rotation = () =>
    new KeyRotation({
      store: gateway.store.signingKeys,
      sealer: new Sealer(gateway.settings.masterKey),
      shared: sharedAs(gateway.clock),
      origin: { surface: 'cli' },
      bits: 2048,
      publishMs: 600_000,
    })

  async function readFeed(): Promise<{ claims: RevocationClaims; etag: string; text: string }> {
    const answer = await get('revocations')
    assert.equal(answer.status, 200, answer.text)
    const { protectedHeader, payload } = await compactVerify(answer.text, async ({ kid }) => {
      const jwk = (await keySet()).find((key) => key.kid === kid)
      return importJWK(jwk ?? assert.fail('the feed is signed by no published key'), 'RS256')
    })
    assert.deepEqual(Object.keys(protectedHeader), ['alg', 'typ', 'kid'])
    assert.deepEqual([protectedHeader.alg, protectedHeader.typ], ['RS256', 'revocations+jwt'])
    return { claims: JSON.parse(Buffer.from(payload).toString()), etag: String(answer.headers.etag), text: answer.text }
  }

  test('[check 23] the key set: public members only, kid is the thumbprint, cached for less than a key waits', async () => {
    const { accessToken } = await loginTokens(gateway)
    const answer = await get('jwks.json')
    assert.match(String(answer.headers['content-type']), /^application\/jwk-set\+json/)
    assert.equal(answer.headers['cache-control'], 'public, max-age=300')
    const keys = await keySet()
    assert.equal(keys.length, 1)
    for (const jwk of keys) {
      assert.deepEqual(Object.keys(jwk).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
      assert.deepEqual([jwk.kty, jwk.use, jwk.alg, jwk.e], ['RSA', 'sig', 'RS256', 'AQAB'])
      assert.equal(jwk.kid, await calculateJwkThumbprint(jwk))
      assert.ok(Buffer.from(jwk.n ?? '', 'base64url').length >= 256)
    }
    assert.equal(keys[0]?.kid, decodeToken(accessToken).header.kid)
  })

  test('[check 23] metadata: the issuer byte for byte, and only what is served', async () => {
    const { accessToken } = await loginTokens(gateway)
    const metadata = (await get('oauth-authorization-server')).json as Record<string, unknown>
    assert.equal(metadata.issuer, decodeToken(accessToken).claims.iss)
    for (const [name, value] of Object.entries(metadata)) {
      if (!name.endsWith('_endpoint') && !name.endsWith('_uri')) continue
      assert.ok(String(value).startsWith(`${gateway.publicUrl}/`), name)
      const { status } = await gateway.request(name.endsWith('_endpoint') ? 'POST' : 'GET', new URL(String(value)).pathname)
      assert.ok(name.endsWith('_endpoint') ? [401, 415].includes(status) : status === 200, `${name} ${status}`)
    }
    assert.deepEqual([metadata.response_types_supported, metadata.grant_types_supported], [[], []])
    // Nothing of it depends on the request.
    const spoofed = await get('oauth-authorization-server', { host: 'localhost:1', 'x-forwarded-host': 'evil.example' })
    assert.deepEqual(spoofed.json, metadata)
  })

  test('[check 56] each document is cached as declared: 304 for its own ETag, otherwise complete; HEAD has no body', async () => {
    for (const path of ['jwks.json', 'oauth-authorization-server', 'revocations']) {
      const { headers, text } = await get(path)
      const etag = String(headers.etag)
      for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const answer = await get(path, { 'if-none-match': held })
        assert.deepEqual([answer.status, answer.text, answer.headers.etag], [304, '', etag], `${path} ${held}`)
        assert.equal(answer.headers['cache-control'], headers['cache-control'])
      }
      for (const held of ['"other"', etag.slice(1, -1), '']) {
        assert.equal((await get(path, { 'if-none-match': held })).text, text)
      }
      const head = await gateway.app.inject({ method: 'HEAD', url: `/.well-known/${path}` })
      assert.deepEqual([head.statusCode, head.body, head.headers.etag], [200, '', etag])
      assert.equal((await gateway.request('POST', `/.well-known/${path}`)).status, 404)
    }
    assert.equal((await get('revocations')).headers['cache-control'], 'public, no-cache')
  })

  test('[check 21] the feed lists every revoked family whose access tokens may be valid, and nothing else', async () => {
    const [live, ended] = [await loginTokens(gateway), await loginTokens(gateway)]
    const { sid, exp } = decodeToken(ended.accessToken).claims
    const before = await readFeed()
    assert.equal(before.claims.revoked[String(sid)], undefined)
    await logout(gateway, ended.accessToken)
    await gateway.hearChanges()
    const after = await readFeed()
    assert.equal(after.claims.revoked[String(sid)], exp)
    assert.equal(after.claims.revoked[String(decodeToken(live.accessToken).claims.sid)], undefined)
    assert.ok(after.claims.seq > before.claims.seq)
    assert.equal(after.claims.epoch, before.claims.epoch)
    assert.notEqual(after.etag, before.etag)
    assert.deepEqual([after.claims.iss, after.claims.aud], [gateway.publicUrl, 'lobbykey:revocations'])

    gateway.clock.advance(86_400_000)
    assert.deepEqual((await readFeed()).claims.revoked, {})
  })

  test('the feed stays identical until it changes or half a minute passes, and says how long it is valid', async () => {
    const now = () => gateway.clock.now() / 1_000
    gateway.clock.advance(30_000 - (gateway.clock.now() % 30_000))
    const first = await readFeed()
    assert.deepEqual([first.claims.iat, first.claims.exp], [now(), now() + 120])
    gateway.clock.advance(29_999)
    assert.equal((await readFeed()).text, first.text)
    gateway.clock.advance(1)
    const second = await readFeed()
    assert.equal(second.claims.iat, first.claims.iat + 30)
    assert.notEqual(second.etag, first.etag)
  })

  test('two nodes with the same state return identical bytes', async (context) => {
    const other = await gateway.openSecondNode()
    context.after(() => other.close())
    await logout(gateway, (await loginTokens(gateway)).accessToken)
    for (const node of [gateway, other]) await node.hearChanges()
    gateway.clock.advance(30_000)
    const [one, two] = await Promise.all([gateway, other].map((node) => node.request('GET', '/.well-known/revocations')))
    assert.equal(one?.text, two?.text)
  })

  test('[check 16] the feed is not accepted as a token, nor a token as a feed', async () => {
    const service = await addService(gateway)
    const { text } = await readFeed()
    assert.equal(codeOf(await me(gateway, text)), '10008')
    assert.equal(codeOf(await refresh(gateway, text)), '10011')
    assert.equal((await introspect(gateway, service, text)).text, '{"active":false}')
    const { accessToken } = await loginTokens(gateway)
    assert.notEqual(decodeToken(accessToken).header.typ, 'revocations+jwt')
  })

  test('the feed survives a restart; 503 when the store cannot be read', async (context) => {
    const { accessToken } = await loginTokens(gateway)
    await logout(gateway, accessToken)
    await gateway.restart()
    const { claims } = await readFeed()
    assert.ok(String(decodeToken(accessToken).claims.sid) in claims.revoked)
    context.mock.method(gateway.store.changes, 'since', () => Promise.reject(new Error('gone')))
    gateway.clock.advance(1_001)
    const answer = await get('revocations')
    assert.deepEqual([answer.status, answer.headers['retry-after'], answer.headers['cache-control']], [503, '1', 'no-store'])
    assert.equal((await get('jwks.json')).status, 200, 'keys do not go stale in a second')
  })

  test('[check 68] a rotation: both keys are published, tokens of either are valid meanwhile, the feed follows', async () => {
    const old = await loginTokens(gateway)
    const next = await rotation().rotate(false)
    await gateway.hearChanges()
    assert.equal((await keySet()).length, 2)
    gateway.clock.advance(600_000)
    const fresh = await loginTokens(gateway)
    assert.equal(decodeToken(fresh.accessToken).header.kid, next.kid)
    const refreshed = tokensOf(await refresh(gateway, old.refreshToken))
    assert.equal(decodeToken(refreshed.accessToken).header.kid, next.kid)
    for (const { accessToken } of [old, fresh, refreshed]) assert.equal(codeOf(await me(gateway, accessToken)), '0000')
    await readFeed()
  })

  test('[check 79] a reset ends every token and begins a new epoch', async () => {
    const { accessToken, refreshToken } = await loginTokens(gateway)
    const before = await readFeed()
    await rotation().reset()
    await gateway.hearChanges()
    assert.equal((await keySet()).length, 1)
    assert.notEqual((await readFeed()).claims.epoch, before.claims.epoch)
    assert.equal(codeOf(await me(gateway, accessToken)), '10008')
    assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
    assert.equal(codeOf(await me(gateway, (await loginTokens(gateway)).accessToken)), '0000')
  })
})
