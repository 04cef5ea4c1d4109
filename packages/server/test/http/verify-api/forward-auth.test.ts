import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { bearer, codeOf, decodeToken, loginTokens, logout } from '../../support/seller-calls.ts'

describe('forward-auth', () => {
  let gateway: TestGateway
  let accessToken: string
  let refreshToken: string
  let port: number
  before(async () => {
    gateway = await startTestGateway()
    ;({ accessToken, refreshToken } = await loginTokens(gateway))
    port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
  })
  after(() => gateway.close())

  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
  const ask = (url: string, headers: Record<string, string>, method: (typeof methods)[number] = 'GET') =>
    gateway.app.inject({ method, url, headers })
  /** The status of a request whose path is sent literally. */
  const askRaw = async (path: string, headers: Record<string, string>): Promise<number | undefined> => {
    const sent = get({ host: '127.0.0.1', port, path, headers, agent: false })
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode
  }

  test('a valid bearer: 200 and the identity, for every method that proxies send, with or without a body', async () => {
    const { sub, sid, exp } = decodeToken(accessToken).claims
    for (const method of methods) {
      const answer = await ask('/verify', bearer(accessToken).headers, method)
      assert.deepEqual([answer.statusCode, answer.body], [200, ''], method)
      const { 'x-seller-id': seller, 'x-session-id': session, 'x-token-expires-at': expires } = answer.headers
      assert.deepEqual([seller, session, expires], [sub, sid, String(exp)])
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
    const withBody = await gateway.app.inject({
      method: 'POST',
      url: '/verify',
      headers: { ...bearer(accessToken).headers, 'content-type': 'text/xml' },
      payload: '<x/>'.repeat(10_000),
    })
    assert.equal(withBody.statusCode, 200)
  })

  test('requests in the style of Traefik and Envoy: their headers, their paths', async () => {
    const traefik = {
      'x-forwarded-method': 'DELETE',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'api.example.com',
      'x-forwarded-uri': '/orders/7?a=1',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-port': '443',
      'x-forwarded-server': 'traefik',
      'x-real-ip': '203.0.113.9',
    }
    const envoy = {
      host: 'api.example.com',
      'content-length': '0',
      'x-envoy-internal': 'true',
      'x-envoy-expected-rq-timeout-ms': '2000',
      'x-forwarded-for': '203.0.113.9',
      'x-request-id': '0b1c',
    }
    for (const [url, headers, method] of [
      ['/verify', traefik, 'GET'],
      ['/verify/orders/7?a=1', envoy, 'DELETE'],
      ['/verify/', envoy, 'GET'],
    ] as const) {
      assert.equal((await ask(url, { ...headers, ...bearer(accessToken).headers }, method)).statusCode, 200)
      const refused = await ask(url, headers, method)
      assert.deepEqual([refused.statusCode, refused.headers['www-authenticate']], [401, 'Bearer error="invalid_token"'])
    }
    await gateway.flushRefusals()
    const events = await gateway.store.refusals.list({ kind: 'seller.forward_auth_refused', limit: 10 })
    assert.ok(events.some(({ details }) => details?.method === 'DELETE'))
  })

  test('no bearer, an expired one, a revoked one: 401 with the challenge and the seller envelope', async () => {
    const ended = (await loginTokens(gateway)).accessToken
    await logout(gateway, ended)
    for (const [headers, code] of [
      [{}, '10008'],
      [bearer('garbage').headers, '10008'],
      [bearer(refreshToken).headers, '10008'],
      [bearer(ended).headers, '10010'],
      [{ authorization: 'Basic eDp5' }, '10008'],
    ] as [Record<string, string>, string][]) {
      const answer = await gateway.request('GET', '/verify', { headers })
      assert.deepEqual([answer.status, codeOf(answer)], [401, code])
      assert.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"')
      assert.equal(answer.headers['x-seller-id'], undefined)
      assert.equal(answer.headers['cache-control'], 'no-store')
    }
  })

  test('[check 58] no path, however spelled, changes the decision', async () => {
    const paths = [
      '/verify',
      '/verify/',
      '/verify/merchant-api/orders',
      '/verify//merchant-api',
      '/verify/./a',
      '/verify/../livez',
      '/verify/%2e%2e/livez',
      '/verify/%2e%2e%2flivez',
      '/verify/..;/livez',
      '/verify/a;b=c',
      '/verify/a\\b',
      '/verify/%5c..%5clivez',
      '/verify/%00',
      '/verify/%',
      '/verify/%zz',
      `/verify/${'a'.repeat(4_000)}`,
      '/verify?x=1',
      '/verify/.well-known/jwks.json',
    ]
    for (const path of paths) {
      assert.equal(await askRaw(path, {}), 401, path)
      assert.equal(await askRaw(path, bearer(accessToken).headers), 200, path)
      for (const header of ['x-original-uri', 'x-forwarded-uri', 'x-original-url', 'x-envoy-original-path']) {
        const told = path.slice('/verify'.length)
        assert.equal((await ask('/verify', { [header]: told })).statusCode, 401)
        assert.equal((await ask('/verify', { [header]: told, ...bearer(accessToken).headers })).statusCode, 200)
      }
    }
    // A path that merely begins alike is another path.
    assert.equal((await ask('/verifyx', bearer(accessToken).headers)).statusCode, 404)
  })

  test('[check 24] a token in the original URL is refused, and nginx can forward the refusal', async () => {
    const { headers } = bearer(accessToken)
    const uri = `/orders?a=1&access_token=${accessToken}`
    for (const answer of [
      await ask('/verify', { ...headers, 'x-original-uri': uri }),
      await ask('/verify', { ...headers, 'x-forwarded-uri': '/orders?access%5Ftoken=x' }),
      await ask(`/verify${uri}`, headers),
      await ask('/verify?access_token=x', headers),
    ]) {
      assert.deepEqual([answer.statusCode, answer.headers['www-authenticate']], [401, 'Bearer error="invalid_request"'])
      assert.equal(answer.json().code, '10005')
    }
  })

  test('identity headers from the caller are never in the answer', async () => {
    const forged = { 'x-seller-id': 'forged', 'X-Session-Id': 'forged', x_seller_id: 'forged' }
    const answer = await ask('/verify', { ...forged, ...bearer(accessToken).headers })
    assert.doesNotMatch(JSON.stringify(answer.headers), /forged/)
  })

  test('stale memory gives 503, never 200', async (context) => {
    context.mock.method(gateway.store.changes, 'since', () => Promise.reject(new Error('gone')))
    gateway.clock.advance(1_001)
    const answer = await gateway.request('GET', '/verify', bearer(accessToken))
    assert.deepEqual([answer.status, codeOf(answer), answer.headers['retry-after']], [503, '10004', '1'])
  })
})
