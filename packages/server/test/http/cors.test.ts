/** Which pages may read which answers (Fetch Standard, section 3.2): preflights need no token, and credentials are never allowed. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SellerTokens } from '@lobbykey/contract'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { RecordingServer } from '../support/recording-server.ts'
import { authPath } from '../support/seller-calls.ts'
import { loginBody, signed } from '../support/signed-body.ts'

const page = 'https://app.example.com'

describe('CORS', () => {
  let gateway: TestGateway
  let service: RecordingServer
  let bearer: string
  before(async () => {
    service = await RecordingServer.start()
    gateway = await startTestGateway({
      settings: { browserOrigins: [page], upstreams: [{ prefix: '/merchant-api/order', url: `http://127.0.0.1:${service.port}` }] },
    })
    const { json } = await gateway.post(`${authPath}/login`, sampleSeller)
    bearer = `Bearer ${(json as { data: SellerTokens }).data.accessToken}`
  })
  after(async () => {
    await gateway.close()
    await service.close()
  })

  async function preflight(path: string, origin: string, method = 'POST', names = 'authorization,content-type'): Promise<Answer> {
    const headers = { origin, 'access-control-request-method': method, 'access-control-request-headers': names }
    const { statusCode: status, headers: answered, body } = await gateway.app.inject({ method: 'OPTIONS', url: path, headers })
    return { status, headers: answered, text: body, json: null }
  }
  const allowed = ({ headers }: Answer) => headers['access-control-allow-origin']

  test('a listed page may call the seller API, /verify and upstreams; its preflight needs no token', async () => {
    for (const path of [`${authPath}/login`, `${authPath}/me`, '/verify', '/merchant-api/order/1', '/merchant-api/v1/order/1']) {
      const { status, headers } = await preflight(path, page, 'GET', 'authorization, x-order')
      assert.deepEqual(
        [status, headers['access-control-allow-origin'], headers['access-control-allow-methods'], headers['access-control-allow-headers']],
        [204, page, 'GET', 'authorization, x-order'],
        path,
      )
    }
    const good = [
      await gateway.post(`${authPath}/login`, sampleSeller, { headers: { origin: page } }),
      await gateway.request('GET', `${authPath}/me`, { headers: { origin: page, authorization: bearer } }),
      await gateway.request('GET', '/verify', { headers: { origin: page, authorization: bearer } }),
      await gateway.request('GET', '/merchant-api/order/1', { headers: { origin: page, authorization: bearer } }),
    ]
    for (const answer of good) {
      assert.deepEqual([answer.status, allowed(answer)], [200, page])
      assert.match(String(answer.headers.vary), /\bOrigin\b/)
    }
    const refused = await gateway.request('GET', `${authPath}/me`, { headers: { origin: page } })
    assert.deepEqual([refused.status, allowed(refused)], [401, page], 'why it was refused can be read too')
  })

  test('an unlisted page may call nothing, whatever its origin looks like', async () => {
    for (const origin of [
      'https://app.example.com.evil.example',
      'https://APP.example.com',
      'http://app.example.com',
      `${page}:8443`,
      'null',
      '*',
      `${page}, ${page}`,
    ]) {
      assert.equal(allowed(await preflight(`${authPath}/login`, origin)), undefined, origin)
      const answer = await gateway.request('GET', `${authPath}/me`, { headers: { origin, authorization: bearer } })
      assert.equal(allowed(answer), undefined, origin)
    }
  })

  test("credentials are never allowed, and an upstream's CORS headers are dropped", async () => {
    service.answer = (_request, response) => {
      response
        .setHeader('access-control-allow-origin', '*')
        .setHeader('access-control-allow-credentials', 'true')
        .setHeader('vary', 'Accept')
        .end()
    }
    const answer = await gateway.request('GET', '/merchant-api/order/1', { headers: { origin: page, authorization: bearer } })
    assert.deepEqual(
      [allowed(answer), answer.headers['access-control-allow-credentials'], answer.headers.vary],
      [page, undefined, 'Accept, Origin'],
    )
    const other = await gateway.request('GET', '/merchant-api/order/1', {
      headers: { origin: 'https://evil.example', authorization: bearer },
    })
    assert.equal(allowed(other), undefined)
  })

  test('keys, metadata and the revocation feed are open to every page', async () => {
    for (const path of ['/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/.well-known/revocations']) {
      const answer = await gateway.request('GET', path, { headers: { origin: 'https://anyone.example' } })
      assert.deepEqual([answer.status, allowed(answer), answer.headers['cross-origin-resource-policy']], [200, '*', 'cross-origin'], path)
      const { status, headers } = await preflight(path, 'https://anyone.example', 'GET', 'if-none-match')
      assert.deepEqual([status, headers['access-control-allow-headers']], [204, 'if-none-match'])
      const { statusCode } = await gateway.app.inject({ method: 'OPTIONS', url: path })
      assert.equal(statusCode, 405)
    }
  })

  test('the member API is closed to pages, and says why', async () => {
    const { status, text, headers } = await preflight('/api/member/login', page)
    assert.deepEqual([status, headers['access-control-allow-origin']], [405, undefined])
    assert.match(text, /merchant's back end, never from a page/)
    const answer = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now())), { headers: { origin: page } })
    assert.equal(allowed(answer), undefined)
  })

  test('without the setting pages may call only what is public', async () => {
    const closed = await startTestGateway()
    try {
      const answer = await closed.post(`${authPath}/login`, sampleSeller, { headers: { origin: page } })
      assert.deepEqual([answer.status, allowed(answer), answer.headers.vary], [200, undefined, undefined])
    } finally {
      await closed.close()
    }
  })
})
