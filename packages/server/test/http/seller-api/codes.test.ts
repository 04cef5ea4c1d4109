import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sellerBasePaths } from '@lobbykey/contract'
import { sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import {
  authPath,
  bearer,
  envelopeOf,
  login,
  loginTokens,
  logout,
  me,
  refresh,
  sellerAdmin,
  wrongPassword,
} from '../../support/seller-calls.ts'

interface Expected {
  readonly status: number
  readonly code: string
  readonly msg: string | RegExp
  readonly headers?: Record<string, string>
}

/** Properties of every answer of this API, and the expected ones of this one. */
function verifyAnswer(answer: Answer, now: number, expected: Expected): void {
  const { code, msg, time, data } = envelopeOf(answer)
  assert.equal(answer.status, expected.status, answer.text)
  assert.equal(code, expected.code)
  if (typeof expected.msg === 'string') assert.equal(msg, expected.msg)
  else assert.match(msg, expected.msg)
  assert.equal(time, new Date(now).toISOString())
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  if (code !== '0000') assert.equal(data, null)
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.match(String(answer.headers['x-request-id']), /^[A-Za-z0-9_-]{16}$/)
  for (const name of ['retry-after', 'www-authenticate', 'allow']) assert.equal(answer.headers[name], expected.headers?.[name], name)
}

const invalidToken = { 'www-authenticate': 'Bearer error="invalid_token"' }

for (const basePath of sellerBasePaths) {
  const path = `${basePath}/seller/auth`

  describe(`every code under ${basePath}`, () => {
    let gateway: TestGateway
    before(async () => {
      gateway = await startTestGateway()
    })
    after(() => gateway.close())
    const verify = (answer: Answer, expected: Expected) => verifyAnswer(answer, gateway.clock.now(), expected)
    const tokens = () => loginTokens(gateway)

    test('0000: login, refresh, me, logout', async () => {
      const success = { status: 200, code: '0000', msg: 'Success' }
      const loggedIn = await gateway.post(`${path}/login`, sampleSeller)
      verify(loggedIn, success)
      const { accessToken, refreshToken, ...rest } = envelopeOf(loggedIn).data as Record<string, string>
      assert.deepEqual(rest, { tokenType: 'Bearer', expiresIn: 86_400 })
      const refreshed = await gateway.post(`${path}/refresh`, { refreshToken })
      verify(refreshed, success)
      assert.deepEqual(Object.keys(envelopeOf(refreshed).data ?? {}), ['accessToken', 'tokenType', 'expiresIn', 'refreshToken'])
      const identity = await gateway.request('GET', `${path}/me`, bearer(accessToken ?? ''))
      verify(identity, success)
      const { sellerId, ...known } = envelopeOf(identity).data as Record<string, string>
      assert.match(sellerId ?? '', /^[A-Za-z0-9]{22}$/)
      const issuedAt = Math.floor(gateway.clock.now() / 1_000) * 1_000
      assert.deepEqual(known, { email: 'seller@example.com', expiresAt: new Date(issuedAt + 86_400_000).toISOString() })
      const loggedOut = await gateway.request('POST', `${path}/logout`, bearer(accessToken ?? ''))
      verify(loggedOut, success)
      assert.deepEqual(envelopeOf(loggedOut).data, {})
    })

    test('10001: no such path, no such method', async () => {
      const missing = { status: 404, code: '10001', msg: 'URL not found' }
      for (const unknown of [
        '',
        '/',
        '/seller',
        '/seller/auth/login/',
        '/seller/auth/Login',
        '/seller//auth/login',
        '/seller/auth/%zz',
        '/x?y=1',
      ]) {
        verify(await gateway.request('GET', basePath + unknown), missing)
        // The body of an unknown path is never read.
        verify(await gateway.post(basePath + unknown, 'x', { headers: { 'content-type': 'text/plain' } }), missing)
      }
      const notAllowed = (allow: string) => ({ status: 405, code: '10001', msg: 'URL not found', headers: { allow } })
      verify(await gateway.request('GET', `${path}/login`), notAllowed('POST'))
      verify(await gateway.request('GET', `${path}/login?a=b`), notAllowed('POST'))
      verify(await gateway.request('PUT', `${path}/refresh`, { body: {} }), notAllowed('POST'))
      verify(await gateway.request('DELETE', `${path}/logout`), notAllowed('POST'))
      verify(await gateway.post(`${path}/me`, {}), notAllowed('GET'))
      for (const method of ['HEAD', 'OPTIONS', 'PATCH', 'TRACE'] as const) {
        const response = await gateway.app.inject({ method, url: `${path}/me` })
        assert.deepEqual([response.statusCode, response.headers.allow], [405, 'GET'], method)
      }
    })

    test('10002: not one flat, strict JSON object', async () => {
      const bad = { status: 400, code: '10002', msg: /^JSON parsing error: / }
      const bodies = [
        '',
        '{',
        'email=a',
        '[]',
        '[{}]',
        '"text"',
        'null',
        '1',
        '{"email":"a","email":"b","password":"c"}',
        '{"email":"a","\\u0065mail":"b"}',
        '{"__proto__":"a"}',
        '{"constructor":"a"}',
        '{"email":{"a":"b"},"password":"c"}',
        '{"email":["a"],"password":"c"}',
        '{"email":"\\ud83d","password":"c"}',
        '\ufeff\ufeff{}',
        `{${Array.from({ length: 65 }, (_, index) => `"k${index}":1`).join(',')}}`,
        Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      ]
      for (const body of bodies) {
        verify(await gateway.post(`${path}/login`, body), bad)
        verify(await gateway.post(`${path}/refresh`, body), bad)
      }
      const { accessToken } = await tokens()
      for (const body of ['[]', '{', '{"a":{}}']) verify(await gateway.post(`${path}/logout`, body, bearer(accessToken)), bad)
    })

    test('10002: larger than 16 KiB, another media type, any encoding', async () => {
      const fill = (length: number) => {
        const frame = JSON.stringify({ email: 'a@example.com', password: 'p' }).length
        return JSON.stringify({ email: 'a@example.com', password: 'p'.repeat(length - frame + 1) })
      }
      verify(await gateway.post(`${path}/login`, fill(16_384)), { status: 400, code: '10005', msg: /password/ })
      verify(await gateway.post(`${path}/login`, fill(16_385)), { status: 413, code: '10002', msg: /^JSON parsing error/ })
      const unsupported = { status: 415, code: '10002', msg: /^JSON parsing error/ }
      const body = JSON.stringify(sampleSeller)
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/jsonp',
        'application/json; charset=iso-8859-1',
        'application/json; charset=utf-16',
        'application/vnd.api+json',
        'application/json, text/plain',
      ]) {
        verify(await gateway.post(`${path}/login`, body, { headers: { 'content-type': type } }), unsupported)
      }
      for (const encoding of ['gzip', 'identity', 'br', '']) {
        verify(await gateway.post(`${path}/login`, body, { headers: { 'content-encoding': encoding } }), unsupported)
      }
      const untyped = await gateway.app.inject({ method: 'POST', url: `${path}/login`, payload: Buffer.from(body) })
      assert.equal(untyped.statusCode, 415)
      for (const type of ['application/json', 'application/json;charset=utf-8', 'Application/JSON; Charset="UTF-8"']) {
        verify(await gateway.post(`${path}/login`, body, { headers: { 'content-type': type } }), {
          status: 200,
          code: '0000',
          msg: 'Success',
        })
      }
    })

    test('10004: the store is unavailable', async (context) => {
      const away = await startTestGateway()
      context.after(() => away.close())
      const { accessToken, refreshToken } = await loginTokens(away)
      await away.store.close()
      away.clock.advance(2_000)
      const expected = { status: 503, code: '10004', msg: 'Service unavailable, retry', headers: { 'retry-after': '1' } }
      const answers = [
        await away.post(`${path}/login`, sampleSeller),
        await away.post(`${path}/refresh`, { refreshToken }),
        await away.request('GET', `${path}/me`, bearer(accessToken)),
        await away.request('POST', `${path}/logout`, bearer(accessToken)),
      ]
      for (const answer of answers) verifyAnswer(answer, away.clock.now(), expected)
    })

    test('10005: a field is missing, unknown or invalid', async () => {
      const bad = (msg: string) => ({ status: 400, code: '10005', msg: `Request parameter error: ${msg}` })
      const verifyLogin = async (fields: object, msg: string) => verify(await gateway.post(`${path}/login`, fields), bad(msg))
      await verifyLogin({}, 'email is required')
      await verifyLogin({ password: 'x' }, 'email is required')
      await verifyLogin({ email: 'a@example.com' }, 'password is required')
      await verifyLogin({ ...sampleSeller, remember: true }, 'remember is not a field of this call')
      await verifyLogin({ ...sampleSeller, email: 1 }, 'email must be a string: one e-mail address')
      await verifyLogin({ ...sampleSeller, email: null }, 'email must be a string: one e-mail address')
      await verifyLogin({ ...sampleSeller, email: '' }, 'email must be a string: one e-mail address')
      await verifyLogin({ ...sampleSeller, email: 'seller' }, 'email must be one e-mail address of at most 254 characters')
      await verifyLogin({ ...sampleSeller, password: 12_345 }, 'password must be a string of 1 to 1024 bytes')
      await verifyLogin({ ...sampleSeller, password: '' }, 'password must be a string of 1 to 1024 bytes')
      await verifyLogin({ ...sampleSeller, password: 'p'.repeat(1_025) }, 'password must be a string of 1 to 1024 bytes without NUL')
      await verifyLogin(
        { ...sampleSeller, password: `${sampleSeller.password}\0` },
        'password must be a string of 1 to 1024 bytes without NUL',
      )
      const verifyRefresh = async (fields: object, msg: string) => verify(await gateway.post(`${path}/refresh`, fields), bad(msg))
      await verifyRefresh({}, 'refreshToken is required')
      await verifyRefresh({ refreshToken: 1 }, 'refreshToken must be a string: the refresh token')
      await verifyRefresh({ refreshToken: '' }, 'refreshToken must be a string: the refresh token')
      await verifyRefresh({ refreshToken: 'r'.repeat(4_097) }, 'refreshToken must be a string: the refresh token')
      await verifyRefresh({ refreshToken: 'r', access_token: 'a' }, 'access_token is not a field of this call')
      const { accessToken } = await tokens()
      verify(await gateway.post(`${path}/logout`, { all: true }, bearer(accessToken)), bad('all is not a field of this call'))
    })

    test('10006: unknown e-mail, wrong password, disabled account, locked account', async () => {
      const bad = { status: 401, code: '10006', msg: 'Email or password is incorrect', headers: { 'www-authenticate': 'Bearer' } }
      verify(await gateway.post(`${path}/login`, { ...sampleSeller, email: 'nobody@example.com' }, { address: '10.1.0.1' }), bad)
      verify(await gateway.post(`${path}/login`, { ...sampleSeller, password: wrongPassword }, { address: '10.1.0.2' }), bad)
      const admin = await sellerAdmin(gateway)
      await admin.add('disabled@example.com', sampleSeller.password)
      await admin.setStatus('disabled@example.com', 'disabled')
      verify(await gateway.post(`${path}/login`, { ...sampleSeller, email: 'disabled@example.com' }, { address: '10.1.0.3' }), bad)
    })

    test('10007: throttled', async () => {
      const email = 'throttled@example.com'
      for (let i = 0; i < 5; i++) await login(gateway, { email, password: wrongPassword })
      verify(await gateway.post(`${path}/login`, { email, password: 'x' }), {
        status: 429,
        code: '10007',
        msg: 'Too many requests',
        headers: { 'retry-after': '1' },
      })
    })

    test('10008, 10009, 10010: the bearer token is missing or invalid, expired, revoked', async () => {
      const invalid = { status: 401, code: '10008', msg: 'Access token is missing or invalid', headers: invalidToken }
      const expired = { status: 401, code: '10009', msg: 'Access token has expired', headers: invalidToken }
      const revoked = { status: 401, code: '10010', msg: 'Access token has been revoked', headers: invalidToken }
      const calls = [['GET', 'me'] as const, ['POST', 'logout'] as const]
      const { accessToken } = await tokens()
      const { accessToken: ended } = await tokens()
      assert.equal((await logout(gateway, ended)).status, 200)
      for (const [method, name] of calls) {
        verify(await gateway.request(method, `${path}/${name}`), invalid)
        verify(await gateway.request(method, `${path}/${name}`, bearer('x.y.z')), invalid)
        verify(await gateway.request(method, `${path}/${name}`, bearer(ended)), revoked)
      }
      gateway.clock.advance(86_400_000)
      for (const [method, name] of calls) verify(await gateway.request(method, `${path}/${name}`, bearer(accessToken)), expired)
    })

    test('10011: the refresh token is not valid', async () => {
      const bad = { status: 401, code: '10011', msg: 'Refresh token is not valid', headers: { 'www-authenticate': 'Bearer' } }
      const { accessToken, refreshToken } = await tokens()
      verify(await gateway.post(`${path}/refresh`, { refreshToken: 'r'.repeat(4_096) }), bad)
      verify(await gateway.post(`${path}/refresh`, { refreshToken: accessToken }), bad)
      await logout(gateway, accessToken)
      verify(await gateway.post(`${path}/refresh`, { refreshToken }), bad)
    })

    test('10012: the password lane is full', async (context) => {
      const narrow = await startTestGateway({ settings: { passwordLaneWidth: 1, passwordQueueMax: 0 } })
      context.after(() => narrow.close())
      const answers = await Promise.all(Array.from({ length: 4 }, () => narrow.post(`${path}/login`, sampleSeller)))
      const busy = answers.filter(({ status }) => status !== 200)
      assert.ok(busy.length > 0 && busy.length < 4)
      for (const answer of busy) {
        verifyAnswer(answer, narrow.clock.now(), {
          status: 503,
          code: '10012',
          msg: 'Login is busy, retry',
          headers: { 'retry-after': '1' },
        })
      }
    })

    test('10099: an unforeseen error, without its cause', async (context) => {
      const broken = await startTestGateway()
      context.after(() => broken.close())
      context.mock.method(broken.store.sellers, 'findForLogin', () => Promise.reject(new TypeError('select * from sellers')))
      const answer = await broken.post(`${path}/login`, sampleSeller)
      verifyAnswer(answer, broken.clock.now(), { status: 500, code: '10099', msg: 'Internal error' })
      assert.doesNotMatch(answer.text, /select|TypeError|\.ts/)
    })
  })
}

test('both base paths are one API: tokens from one work under the other', async (context) => {
  const gateway = await startTestGateway()
  context.after(() => gateway.close())
  const { accessToken, refreshToken } = await loginTokens(gateway)
  assert.equal((await gateway.request('GET', '/api/merchant-api/seller/auth/me', bearer(accessToken))).status, 200)
  assert.equal((await gateway.post('/api/merchant-api/seller/auth/refresh', { refreshToken })).status, 200)
  assert.equal((await gateway.request('POST', '/api/merchant-api/seller/auth/logout', bearer(accessToken))).status, 200)
  assert.equal((await me(gateway, accessToken)).status, 401)
  assert.equal((await refresh(gateway, refreshToken)).status, 401)
  assert.equal((await gateway.post(`${authPath}/login`, sampleSeller)).status, 200)
})
