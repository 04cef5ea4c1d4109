import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { bearer, codeOf, decodeToken, loginTokens, logout, me, refresh, sellerAdmin } from '../../support/seller-calls.ts'
import { addService, basic, type Credentials, introspect, postForm, revoke, serviceAdmin } from '../../support/service-calls.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`introspection and revocation on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let service: Credentials
    before(async () => {
      gateway = await startTestGateway({ storeKind })
      service = await addService(gateway)
    })
    after(() => gateway.close())

    const isInactive = (answer: Answer, name = '') => assert.deepEqual([answer.status, answer.text], [200, '{"active":false}'], name)

    test('[check 22] a live access token is active, and the answer has its claims', async () => {
      const { accessToken } = await loginTokens(gateway)
      const answer = await introspect(gateway, service, accessToken)
      const { iss, sub, aud, iat, exp, jti, sid } = decodeToken(accessToken).claims
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.json, { active: true, token_type: 'Bearer', iss, aud, sub, iat, exp, jti, sid })
      assert.equal(answer.headers['cache-control'], 'no-store')
      assert.match(String(answer.headers['content-type']), /^application\/json/)
    })

    test('[check 22] unknown, expired, revoked, malformed, foreign and refresh tokens get the same answer', async (context) => {
      const other = await startTestGateway({ settings: { publicUrl: 'http://127.0.0.1:8081' } })
      context.after(() => other.close())
      const foreign = (await loginTokens(other)).accessToken
      const { accessToken, refreshToken } = await loginTokens(gateway)
      await logout(gateway, accessToken)
      const live = await loginTokens(gateway)
      const [header, payload, signature] = live.accessToken.split('.')
      const tokens = {
        foreign,
        revoked: accessToken,
        'revoked refresh': refreshToken,
        refresh: live.refreshToken,
        garbage: 'garbage',
        spaces: `${live.accessToken} `,
        padded: `${live.accessToken}=`,
        unsigned: `${header}.${payload}.`,
        swapped: `${header}.${signature}.${payload}`,
        'service secret': service.secret,
        long: 'x'.repeat(10_000),
        unicode: '\u{1F511}',
      }
      for (const [name, token] of Object.entries(tokens)) isInactive(await introspect(gateway, service, token), name)
      gateway.clock.advance(86_400_000)
      isInactive(await introspect(gateway, service, live.accessToken), 'expired')
    })

    test('[check 21] a session ended by the operator is inactive here at the next poll', async () => {
      const admin = await sellerAdmin(gateway)
      for (const end of [
        () => admin.endSessions(sampleSeller.email),
        () => admin.setPassword(sampleSeller.email, sampleSeller.password),
        () => admin.setStatus(sampleSeller.email, 'disabled'),
      ]) {
        const { accessToken } = await loginTokens(gateway)
        assert.equal((await introspect(gateway, service, accessToken)).json instanceof Object, true)
        await end()
        await gateway.hearChanges()
        isInactive(await introspect(gateway, service, accessToken))
      }
      await admin.setStatus(sampleSeller.email, 'enabled')
    })

    test('[check 22] revoking either token ends the whole family, here at once; a repeat succeeds without effect', async () => {
      for (const which of ['accessToken', 'refreshToken'] as const) {
        const first = await loginTokens(gateway)
        const second = (await refresh(gateway, first.refreshToken)).json as { data: typeof first }
        const answer = await revoke(gateway, service, first[which])
        assert.deepEqual([answer.status, answer.text, answer.headers['cache-control']], [200, '{}', 'no-store'])
        for (const { accessToken, refreshToken } of [first, second.data]) {
          isInactive(await introspect(gateway, service, accessToken))
          assert.equal(codeOf(await me(gateway, accessToken)), '10010')
          assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
        }
        assert.equal((await revoke(gateway, service, first[which])).status, 200)
        const { sid, sub } = decodeToken(first.accessToken).claims
        const [event] = await gateway.store.events.list({ kind: 'seller.session_ended', limit: 1 })
        assert.deepEqual(
          [event?.subject, event?.surface, event?.details],
          [sub, 'verify-api', { sid, reason: 'revoked', service: service.id }],
        )
      }
    })

    test('[check 22] an unknown, foreign or expired token is revoked with success and without effect', async () => {
      const { accessToken, refreshToken } = await loginTokens(gateway)
      const before = await gateway.store.changes.latestSeq()
      for (const token of ['garbage', `${accessToken}=`, service.secret]) {
        assert.deepEqual([(await revoke(gateway, service, token)).status], [200])
      }
      gateway.clock.advance(86_400_000)
      assert.equal((await revoke(gateway, service, accessToken)).status, 200)
      assert.equal(await gateway.store.changes.latestSeq(), before)
      assert.equal(codeOf(await refresh(gateway, refreshToken)), '0000')
    })

    test('[check 22] only a registered service, by Basic or by form, not both, not twice', async () => {
      const { accessToken: token } = await loginTokens(gateway)
      const { id, secret } = service
      const path = '/oauth/introspect'
      const good = await postForm(gateway, path, { token, client_id: id, client_secret: secret })
      assert.equal((good.json as { active: boolean }).active, true)
      const raw = (text: string) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } })
      const refused = [
        await postForm(gateway, path, { token }),
        await postForm(gateway, path, { token, client_id: id, client_secret: `${secret}x` }),
        await postForm(gateway, path, { token, client_id: id }),
        await postForm(gateway, path, { token }, { headers: basic({ id, secret: 'wrong' }) }),
        await postForm(gateway, path, { token }, { headers: basic({ id: 'nobody', secret }) }),
        await postForm(gateway, path, { token }, bearer(token)),
        await postForm(gateway, path, { token }, raw(`${id}${secret}`)),
        await postForm(gateway, path, { token }, raw(`${id}:%zz`)),
        await postForm(gateway, path, { token }, raw(`:${secret}`)),
        await postForm(gateway, path, { token }, { headers: { authorization: `Basic ${id}:${secret}` } }),
      ]
      for (const [index, answer] of refused.entries()) {
        assert.deepEqual([answer.status, answer.json], [401, { error: 'invalid_client' }], String(index))
        assert.equal(answer.headers['www-authenticate'], 'Basic realm="lobbykey", charset="UTF-8"')
        assert.equal(answer.headers['cache-control'], 'no-store')
        gateway.clock.advance(200)
      }
      const both = await postForm(gateway, path, { token, client_secret: secret }, { headers: basic(service) })
      assert.deepEqual([both.status, (both.json as { error: string }).error], [400, 'invalid_request'])

      await serviceAdmin(gateway).setStatus(id, 'disabled')
      await gateway.hearChanges()
      assert.equal((await introspect(gateway, service, token)).status, 401)
      await serviceAdmin(gateway).setStatus(id, 'enabled')
      await gateway.hearChanges()
      assert.equal((await introspect(gateway, service, token)).status, 200)
    })

    test('[check 22] POST and a form only; parameters once, never in the URL; the caller is checked before the request', async () => {
      const { accessToken: token } = await loginTokens(gateway)
      const headers = basic(service)
      for (const path of ['/oauth/introspect', '/oauth/revoke']) {
        for (const method of ['GET', 'PUT', 'DELETE'] as const) {
          const answer = await gateway.request(method, path, { headers })
          assert.deepEqual([answer.status, answer.headers.allow, answer.json], [405, 'POST', { error: 'invalid_request' }])
        }
        const json = await gateway.post(path, { token }, { headers })
        assert.deepEqual([json.status, json.json], [415, { error: 'invalid_request' }])
        const encoded = await postForm(gateway, path, { token }, { headers: { ...headers, 'content-encoding': 'gzip' } })
        assert.equal(encoded.status, 415)
        const large = await postForm(gateway, path, { token: 'x'.repeat(17_000) }, { headers })
        assert.equal(large.status, 413)
        for (const form of [`token=${token}&token=${token}`, `token=x&a=1&a=2`, '', 'token=', 'token_type_hint=access_token']) {
          const answer = await postForm(gateway, path, form, { headers })
          assert.deepEqual([answer.status, (answer.json as { error: string }).error], [400, 'invalid_request'], form.slice(0, 20))
        }
        const inUrl = await postForm(gateway, `${path}?token=${token}`, { token }, { headers })
        assert.equal(inUrl.status, 400)
        assert.equal((await postForm(gateway, path, '')).status, 401)
        const hinted = await postForm(gateway, path, { token: 'x', token_type_hint: 'nonsense', more: 'ignored' }, { headers })
        assert.equal(hinted.status, 200)
      }
      const lost = await gateway.request('GET', '/oauth/token')
      assert.deepEqual([lost.status, lost.json], [404, { error: 'invalid_request' }])
      assert.equal(codeOf(await me(gateway, token)), '0000')
    })

    test('guesses are limited by address, with Retry-After', async () => {
      const { accessToken: token } = await loginTokens(gateway)
      const guess = (secret: string, address: string) =>
        postForm(gateway, '/oauth/introspect', { token }, { headers: basic({ id: service.id, secret }), address })
      const statuses = []
      for (let n = 0; n < 20; n++) statuses.push((await guess(`guess-${n}`, '198.51.100.1')).status)
      assert.deepEqual([statuses.filter((status) => status === 401).length, statuses.at(-1)], [10, 429])
      const limited = await guess(service.secret, '198.51.100.1')
      assert.deepEqual([limited.status, limited.json, limited.headers['retry-after']], [429, { error: 'temporarily_unavailable' }, '1'])
      assert.equal((await guess(service.secret, '198.51.100.2')).status, 200)
      await gateway.flushRefusals()
      const [event] = await gateway.store.refusals.list({ kind: 'service.introspect_refused', limit: 1 })
      assert.equal(event?.address, '198.51.100.1')
    })

    test('[check 22] 503 with Retry-After when the store is unavailable: stale memory says nothing about a token', async (context) => {
      const { accessToken } = await loginTokens(gateway)
      assert.equal((await introspect(gateway, service, accessToken)).status, 200)
      context.mock.method(gateway.store.changes, 'since', () => Promise.reject(new Error('gone')))
      gateway.clock.advance(1_001)
      for (const ask of [introspect, revoke]) {
        const answer = await ask(gateway, service, accessToken)
        assert.deepEqual([answer.status, answer.json, answer.headers['retry-after']], [503, { error: 'temporarily_unavailable' }, '1'])
        assert.equal(answer.headers['cache-control'], 'no-store')
      }
    })
  })
}
