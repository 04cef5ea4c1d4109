import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { parseOptions } from '@node-rs/argon2'
import { sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import {
  authPath,
  codeOf,
  decodeToken,
  envelopeOf,
  login,
  loginTokens,
  me,
  refresh,
  sellerAdmin,
  wrongPassword,
} from '../../support/seller-calls.ts'

const { email, password } = sampleSeller

describe('seller login', () => {
  let gateway: TestGateway
  before(async () => {
    gateway = await startTestGateway()
  })
  after(() => gateway.close())

  test('[check 11] tokens say whose, for what and until when, and nothing about the person', async () => {
    const { accessToken, refreshToken, expiresIn } = await loginTokens(gateway)
    const access = decodeToken(accessToken)
    const refresh = decodeToken(refreshToken)
    const iat = Math.floor(gateway.clock.now() / 1_000)
    const { kid } = access.header
    assert.match(String(kid), /^[\w-]{43}$/)
    for (const { header, claims } of [access, refresh]) {
      assert.deepEqual(header, { alg: 'RS256', typ: 'JWT', kid })
      assert.deepEqual(Object.keys(header), ['alg', 'typ', 'kid'])
      assert.deepEqual(Object.keys(claims).sort(), ['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub', 'token_use'])
      assert.deepEqual([claims.iss, claims.iat], [gateway.publicUrl, iat])
      assert.match(String(claims.jti), /^[\w-]{43}$/)
    }
    assert.deepEqual([access.claims.aud, access.claims.token_use], ['merchant-api', 'access'])
    assert.deepEqual([refresh.claims.aud, refresh.claims.token_use], ['lobbykey:refresh', 'refresh'])
    assert.deepEqual([access.claims.exp, refresh.claims.exp], [iat + expiresIn, iat + 604_800])
    assert.deepEqual([access.claims.sub, access.claims.sid], [refresh.claims.sub, refresh.claims.sid])
    assert.notEqual(access.claims.jti, refresh.claims.jti)
    assert.doesNotMatch(JSON.stringify([access, refresh]), /example\.com"|seller@/)
  })

  test("[check 17] the store has only a refresh token's hash, and every login is a separate family", async () => {
    const pairs = await Promise.all([loginTokens(gateway), loginTokens(gateway)])
    const claims = pairs.map(({ refreshToken }) => decodeToken(refreshToken).claims)
    assert.notEqual(claims[0]?.sid, claims[1]?.sid)
    for (const { sid, jti } of claims) {
      const session = await gateway.store.sellerSessions.find(String(sid))
      assert.equal(session?.refreshHash.length, 32)
      assert.ok(!JSON.stringify(session).includes(String(jti)))
    }
  })

  test('[check 47] one e-mail is one account, however it is written', async () => {
    for (const spelling of [' SELLER@example.com', 'Seller@Example.COM\t']) await loginTokens(gateway, { email: spelling })
    for (const other of ['\uff53eller@example.com', 'seller@example.com.', '"seller"@example.com', 'seller@ex\u00adample.com']) {
      assert.equal(codeOf(await login(gateway, { email: other })), '10005', other)
    }
  })

  test('[check 2] the limits of both fields, just inside and just outside', async () => {
    const local = 'a'.repeat(64)
    const domain = (length: number) => `${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(length - 128)}`
    const codes = async (fields: { email?: string; password?: string }) =>
      codeOf(await gateway.post(`${authPath}/login`, { email: 'limits@example.com', password: 'x', ...fields }, { address: '10.0.0.1' }))
    assert.equal(await codes({ email: `${local}@${domain(189)}` }), '10006')
    assert.equal(await codes({ email: `${local}@${domain(190)}` }), '10005')
    assert.equal(await codes({ password: 'p'.repeat(1_024) }), '10006')
    assert.equal(await codes({ password: 'p'.repeat(1_025) }), '10005')
    assert.equal(await codes({ password: '\u00e9'.repeat(512) }), '10006')
    assert.equal(await codes({ password: `${'\u00e9'.repeat(512)}p` }), '10005')
  })

  test('[check 5] the composed and decomposed forms of a password are the same', async () => {
    const admin = await sellerAdmin(gateway)
    await admin.add('unicode@example.com', 'caf\u00e9 under the pi\u00f1a')
    for (const spelling of ['cafe\u0301 under the pi\u00f1a', 'caf\u00e9 under the pin\u0303a']) {
      await loginTokens(gateway, { email: 'unicode@example.com', password: spelling })
    }
  })

  test('[check 4] the whole password counts, unchanged', async () => {
    const admin = await sellerAdmin(gateway)
    const long = `${'Orchard'.repeat(28)}end!`
    await admin.add('whole@example.com', long)
    await loginTokens(gateway, { email: 'whole@example.com', password: long })
    const others = [
      long.slice(0, 72),
      long.slice(0, -1),
      `${long} `,
      ` ${long}`,
      long.toUpperCase(),
      `${long.slice(0, 72)}X${long.slice(73)}`,
    ]
    for (const [index, other] of others.entries()) {
      await admin.unlock('whole@example.com')
      assert.equal(codeOf(await login(gateway, { email: 'whole@example.com', password: other, address: `10.0.1.${index}` })), '10006')
    }
  })

  test('[check 7] unknown, wrong, disabled and locked answer alike: status, headers, length, and one hash each', async (context) => {
    const admin = await sellerAdmin(gateway)
    await admin.add('off@example.com', password)
    await admin.setStatus('off@example.com', 'disabled')
    const locked = await startTestGateway({ settings: { loginBackoffAfter: 2, loginLockAfter: 2 } })
    context.after(() => locked.close())
    for (let i = 0; i < 2; i++) await login(locked, { password: wrongPassword, address: '10.2.0.1' })
    locked.clock.advance(60_000)
    const answers: Record<string, Answer> = {
      unknown: await login(gateway, { email: 'nobody@example.com', address: '10.2.0.2' }),
      wrong: await login(gateway, { password: wrongPassword, address: '10.2.0.3' }),
      disabled: await login(gateway, { email: 'off@example.com', address: '10.2.0.4' }),
      locked: await login(locked, { address: '10.2.0.5' }),
    }
    const shapes = Object.values(answers).map(({ status, headers, text }) => {
      const { date: _date, 'x-request-id': _id, ...rest } = headers
      return { status, headers: rest, text: text.replace(/"time":"[^"]+"/, '') }
    })
    for (const shape of shapes) assert.deepEqual(shape, shapes[0])
    assert.equal(shapes[0]?.status, 401)

    // The event table has what the caller is not told.
    await gateway.flushRefusals()
    await locked.flushRefusals()
    const reasons = async (node: TestGateway) =>
      (await node.store.refusals.list({ kind: 'seller.login_refused', limit: 100 })).map(({ details }) => details?.reason)
    for (const reason of ['unknown-email', 'wrong-password', 'disabled']) assert.ok((await reasons(gateway)).includes(reason), reason)
    assert.ok((await reasons(locked)).includes('locked'))
  })

  test('a disabled seller is out at once: no login, no refresh, no access', async () => {
    const admin = await sellerAdmin(gateway)
    await admin.add('leaver@example.com', password)
    const { accessToken, refreshToken } = await loginTokens(gateway, { email: 'leaver@example.com' })
    await admin.setStatus('leaver@example.com', 'disabled')
    assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
    await gateway.hearChanges()
    assert.equal(codeOf(await me(gateway, accessToken)), '10010')
    assert.equal(codeOf(await login(gateway, { email: 'leaver@example.com' })), '10006')
    await admin.setStatus('leaver@example.com', 'enabled')
    assert.equal(codeOf(await me(gateway, accessToken)), '10010')
    await loginTokens(gateway, { email: 'leaver@example.com' })
  })

  test('a waiting request that the caller abandons leaves nothing behind', async (context) => {
    const busy = await startTestGateway({ settings: { passwordLaneWidth: 1 } })
    context.after(() => busy.close())
    const port = Number(new URL(await busy.app.listen({ host: '127.0.0.1', port: 0 })).port)
    const body = JSON.stringify({ email, password })
    const request = `POST ${authPath}/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    // One login holds the lane while the socket of another opens, sends and closes.
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const read = busy.store.throttles.read
    let reads = 0
    context.mock.method(busy.store.throttles, 'read', async (keys: readonly string[]) => {
      reads++
      if (reads === 1) await held
      return read(keys)
    })
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    while (reads === 0) await setImmediate()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const gone = new Promise((resolve) => busy.app.server.once('connection', resolve))
    socket.destroy()
    await closed
    // A second connection is accepted only after the server has handled the close of the first.
    const probe = connect(port, '127.0.0.1')
    await gone
    probe.destroy()
    await setImmediate()
    release()
    await loginTokens(busy)
    const seller = await busy.store.sellers.findByEmail(email)
    assert.equal((await busy.store.sellerSessions.listBySeller(seller?.id ?? '', 10)).length, 1)
    await busy.flushRefusals()
    assert.deepEqual(await busy.store.refusals.list({ kind: 'seller.login_refused', limit: 10 }), [])
  })
})

test('expiresIn is exact: the setting, and the second after it', async (context) => {
  const gateway = await startTestGateway({ settings: { accessTokenSeconds: 7_200 } })
  context.after(() => gateway.close())
  const { accessToken, expiresIn } = await loginTokens(gateway)
  assert.equal(expiresIn, 7_200)
  gateway.clock.advance(7_199_999)
  assert.equal(codeOf(await me(gateway, accessToken)), '0000')
  gateway.clock.advance(1)
  assert.equal(codeOf(await me(gateway, accessToken)), '10009')
})

test('[check 1] a hash is replaced at the next login after the cost was raised', async (context) => {
  const gateway = await startTestGateway()
  context.after(() => gateway.close())
  const hash = async () => (await gateway.store.sellers.findByEmail(email))?.passwordHash ?? ''
  const before = await hash()
  await loginTokens(gateway)
  assert.equal(await hash(), before)
  Object.assign(gateway.settings, { argon2MemoryKib: 8_192 })
  await gateway.restart()
  assert.equal(codeOf(await login(gateway, { password: wrongPassword })), '10006')
  assert.equal(await hash(), before)
  await Promise.all(Array.from({ length: 5 }, () => loginTokens(gateway)))
  assert.equal(parseOptions(await hash()).memoryCost, 8_192)
  await loginTokens(gateway)
})

test('[check 20] a password set while a login is being verified leaves no session of the old one', async (context) => {
  const gateway = await startTestGateway()
  context.after(() => gateway.close())
  const admin = await sellerAdmin(gateway)
  const { create } = gateway.store.sellerSessions
  context.mock.method(gateway.store.sellerSessions, 'create', async (...args: Parameters<typeof create>) => {
    await admin.setPassword(email, 'another long enough password')
    return create(...args)
  })
  assert.equal(codeOf(await login(gateway)), '10006')
  const seller = await admin.get(email)
  assert.deepEqual(await gateway.store.sellerSessions.listBySeller(seller.id, 10), [])
})

test('[check 40] a flood is answered busy in time, and those who wait their turn get in', async (context) => {
  const gateway = await startTestGateway({ settings: { passwordLaneWidth: 1, passwordQueueMax: 3 } })
  context.after(() => gateway.close())
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => login(gateway, { email: `s${index}@example.com`, address: `10.3.0.${index}` })),
  )
  const codes = answers.map(codeOf)
  assert.equal(codes.filter((code) => code === '10006').length, 4)
  assert.equal(codes.filter((code) => code === '10012').length, 36)
  assert.ok(answers.every((answer) => answer.status === 401 || answer.headers['retry-after'] === '1'))
  assert.equal(envelopeOf(await login(gateway)).code, '0000')
})
