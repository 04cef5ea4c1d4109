import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { KeyRotation } from '../../../src/core/tokens/key-rotation.ts'
import { SigningKeys } from '../../../src/core/tokens/signing-keys.ts'
import { compact, encode, forgeries, type Genuine, rs256, wrongClaims } from '../../support/forged-tokens.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { authPath, bearer, codeOf, decodeToken, login, loginTokens, logout, me, refresh, tokensOf } from '../../support/seller-calls.ts'

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('bearer tokens', () => {
  let gateway: TestGateway
  let accessToken: string
  let refreshToken: string
  let genuine: Genuine
  before(async () => {
    gateway = await startTestGateway()
    ;({ accessToken, refreshToken } = await loginTokens(gateway))
    const keys = new SigningKeys({ store: gateway.store.signingKeys, sealer: new Sealer(gateway.settings.masterKey), clock: gateway.clock })
    await keys.load()
    genuine = { ...decodeToken(accessToken), ...keys.current() }
  })
  after(() => gateway.close())

  const now = () => Math.floor(gateway.clock.now() / 1_000)
  const forge = (claims: object | string, header: object = genuine.header) =>
    compact(header as Genuine['header'], claims as Genuine['claims'], rs256(genuine.privateKey))
  const verifyRefused = async (name: string, token: string) => {
    const answer = await me(gateway, token)
    assert.deepEqual([answer.status, codeOf(answer)], [401, '10008'], name)
    assert.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"', name)
  }

  test('a token made with the forgery tools passes, so refusals are due to the forgery', async () => {
    assert.equal(forge(genuine.claims), accessToken)
    assert.equal(codeOf(await me(gateway, forge({ ...genuine.claims, jti: 'another' }))), '0000')
    assert.equal(codeOf(await me(gateway, forge({ ...genuine.claims, iat: now() + 5, nbf: now() + 5 }))), '0000')
  })

  test('[check 68] a cached token ends with its key, and one of the next key does not', async (t) => {
    const other = await startTestGateway()
    t.after(() => other.close())
    const { accessToken: token } = await loginTokens(other)
    assert.equal(codeOf(await me(other, token)), '0000')
    const { store, settings, clock } = other
    const rotation = new KeyRotation({
      store: store.signingKeys,
      sealer: new Sealer(settings.masterKey),
      shared: sharedAs(clock),
      origin: { surface: 'cli' },
      bits: 2_048,
      publishMs: 600_000,
    })
    await rotation.rotate(true)
    await other.hearChanges()
    clock.advance(2_000)
    const next = await loginTokens(other)
    assert.equal(codeOf(await me(other, token)), '0000')
    await rotation.retire(String(decodeToken(token).header.kid), true)
    await other.hearChanges()
    clock.advance(1_000)
    for (let i = 0; i < 2; i++) assert.equal(codeOf(await me(other, token)), '10008')
    assert.equal(codeOf(await me(other, next.accessToken)), '0000')
  })

  test('[check 12] [check 13] no other algorithm, key or header passes', async () => {
    const forged = await forgeries(genuine)
    assert.ok(forged.length >= 40, String(forged.length))
    for (const [name, token] of forged) await verifyRefused(name, token)
  })

  test('[check 15] [check 16] no other claims pass, signed by the right key', async () => {
    for (const [name, claims] of wrongClaims(genuine.claims, now())) await verifyRefused(name, forge(claims))
  })

  test('[check 15] a token is valid until the second it expires in', async () => {
    assert.equal(codeOf(await me(gateway, forge({ ...genuine.claims, iat: now() - 10, exp: now() + 1 }))), '0000')
    for (const exp of [now(), now() - 1])
      assert.equal(codeOf(await me(gateway, forge({ ...genuine.claims, iat: now() - 10, exp }))), '10009')
  })

  test('[check 14] a change of any single character is refused', async () => {
    for (let index = 0; index < accessToken.length; index++) {
      const char = accessToken.charAt(index)
      const other = char === '.' ? 'A' : base64url.charAt((base64url.indexOf(char) + 1 + (index % 62)) % 64)
      await verifyRefused(`character ${index}`, accessToken.slice(0, index) + other + accessToken.slice(index + 1))
    }
  })

  test('[check 14] of sixteen spellings of a signature only ours passes: first use, cached, live and revoked', async () => {
    const { accessToken: token } = await loginTokens(gateway)
    const last = base64url.indexOf(token.slice(-1))
    const spellings = Array.from({ length: 16 }, (_, bits) => token.slice(0, -1) + base64url.charAt((last & 0b110000) | bits))
    assert.ok(spellings.includes(token))
    const others = spellings.filter((spelling) => spelling !== token)
    const bytes = (spelling: string) => Buffer.from(spelling.split('.')[2] ?? '', 'base64url')
    for (const other of others) assert.deepEqual(bytes(other), bytes(token))
    for (const other of others) await verifyRefused(other.slice(-4), other)
    assert.equal(codeOf(await me(gateway, token)), '0000')
    for (const other of others) await verifyRefused(other.slice(-4), other)
    await logout(gateway, token)
    assert.equal(codeOf(await me(gateway, token)), '10010')
    for (const other of others) await verifyRefused(other.slice(-4), other)
  })

  test('[check 14] two, four and five segments, spaces, padding, the other alphabet', async () => {
    const [header = '', payload = '', signature = ''] = accessToken.split('.')
    const dressed = [
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${accessToken}.`,
      `.${accessToken}`,
      `${accessToken}.${signature}`,
      `${accessToken}.x.y`,
      `${accessToken}=`,
      `${accessToken}==`,
      `${header}=.${payload}.${signature}`,
      `${accessToken}A`,
      `${accessToken}AAAA`,
      `${header}.${payload}.${Buffer.from(signature, 'base64url').toString('base64')}`,
      `${header} .${payload}.${signature}`,
      `${encode('{}')}.${payload}.${signature}`,
      accessToken.toLowerCase(),
      'A'.repeat(5_000),
    ]
    for (const token of dressed) await verifyRefused(token.slice(-20), token)
  })

  test('[check 16] neither kind of token passes for the other', async () => {
    await verifyRefused('refresh as access', refreshToken)
    assert.equal(codeOf(await refresh(gateway, accessToken)), '10011')
    const { claims } = decodeToken(refreshToken)
    for (const [name, wrong] of wrongClaims(claims, now())) {
      // Two entries are wrong for an access token only.
      if (!isDeepStrictEqual(wrong, claims)) assert.equal(codeOf(await refresh(gateway, forge(wrong))), '10011', name)
    }
    for (const [name, token] of await forgeries({ ...genuine, ...decodeToken(refreshToken) })) {
      assert.equal(codeOf(await refresh(gateway, token)), '10011', name)
    }
    assert.equal(codeOf(await refresh(gateway, refreshToken)), '0000')
  })

  test('[check 24] only the Authorization header, and only in its form', async () => {
    const send = (authorization: string) => gateway.request('GET', `${authPath}/me`, { headers: { authorization } })
    for (const form of [`Bearer ${accessToken}`, `bearer ${accessToken}`, `BEARER   ${accessToken}`])
      assert.equal(codeOf(await send(form)), '0000')
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      accessToken,
      `Basic ${accessToken}`,
      `Bearer${accessToken}`,
      `Bearer\t${accessToken}`,
      `Bearer ${accessToken} x`,
      `Bearer ${accessToken},${accessToken}`,
      `Bearer "${accessToken}"`,
      `Token ${accessToken}`,
    ]
    for (const form of wrong) assert.equal(codeOf(await send(form)), '10008', form.slice(0, 20))
    for (const headers of [{ cookie: `access_token=${accessToken}` }, { 'x-access-token': accessToken }]) {
      assert.equal(codeOf(await gateway.request('GET', `${authPath}/me`, { headers })), '10008')
    }
  })

  test('[check 24] a token in the URL, in two places or in two headers is a parameter error', async () => {
    for (const query of [
      'access_token=x',
      `access_token=${accessToken}`,
      'access_token=',
      'access_token',
      'a=b&access_token=x',
      'access%5ftoken=x',
    ]) {
      for (const options of [{}, bearer(accessToken)]) {
        const answer = await gateway.request('GET', `${authPath}/me?${query}`, options)
        assert.deepEqual([answer.status, codeOf(answer)], [400, '10005'], query)
      }
      assert.equal(codeOf(await gateway.post(`${authPath}/refresh?${query}`, { refreshToken: 'x' })), '10005')
    }
    const inBody = await gateway.post(`${authPath}/logout`, { access_token: accessToken }, bearer(accessToken))
    assert.deepEqual([inBody.status, codeOf(inBody)], [400, '10005'])
    assert.equal(codeOf(await me(gateway, accessToken)), '0000')

    const port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
    const header = `Authorization: Bearer ${accessToken}\r\n`
    for (const second of [header, header.toLowerCase(), 'authorization: Basic eDp5\r\n']) {
      const answer = await sendRaw(port, `GET ${authPath}/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}${second}\r\n`)
      assert.match(answer, /^HTTP\/1\.1 400 .*"code":"10005","msg":"Request parameter error: Authorization must be sent once"/s)
    }
    assert.match(
      await sendRaw(port, `GET ${authPath}/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n`),
      /^HTTP\/1\.1 200 /,
    )
  })

  test('a token of another server with the same names is refused', async (context) => {
    const other = await startTestGateway({ hasOwnKey: true })
    context.after(() => other.close())
    await verifyRefused('foreign', (await loginTokens(other)).accessToken)
  })

  test('stale memory does not confirm a token', async (context) => {
    const { accessToken: token } = tokensOf(await login(gateway))
    assert.equal(codeOf(await me(gateway, token)), '0000')
    context.mock.method(gateway.store.changes, 'since', () => Promise.reject(new Error('gone')))
    gateway.clock.advance(1_001)
    const answer = await me(gateway, token)
    assert.deepEqual([answer.status, codeOf(answer), answer.headers['retry-after']], [503, '10004', '1'])
  })
})

function sendRaw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('end', () => resolve(answer)).on('error', reject)
  })
}
