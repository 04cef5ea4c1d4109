import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { isGatewayError } from '@lobbykey/contract'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { AccessTokenVerifier } from '../../../src/core/tokens/access-token-verifier.ts'
import { KeyRotation } from '../../../src/core/tokens/key-rotation.ts'
import { Revocations } from '../../../src/core/tokens/revocations.ts'
import { SigningKeys } from '../../../src/core/tokens/signing-keys.ts'
import { type IssuedFamily, TokenIssuer } from '../../../src/core/tokens/token-issuer.ts'
import { type TokenUse, TokenVerifier } from '../../../src/core/tokens/token-verifier.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

const issuer = 'https://login.example'
const audience = 'merchant-api'

eachStore('access tokens', (subject) => {
  async function open(options: { cacheMax?: number } = {}, broken: Error | null = null) {
    const clock = new ManualClock()
    const { store } = subject
    const keys = new SigningKeys({ store: store.signingKeys, sealer: new Sealer(Buffer.alloc(32, 7)), clock })
    await keys.load()
    const revocations = new Revocations({ store: store.sellerSessions, clock })
    const tokens = new TokenVerifier({ keys, clock, issuer, audiences: { access: audience, refresh: 'lobbykey:refresh' } })
    const verifications: TokenUse[] = []
    const used: string[] = []
    const counted = {
      verify: (token: string, use: TokenUse) => {
        verifications.push(use)
        if (broken !== null) throw broken
        return tokens.verify(token, use)
      },
    } as unknown as TokenVerifier
    const verifier = new AccessTokenVerifier({
      tokens: counted,
      keys,
      revocations,
      clock,
      uses: { note: ({ jti }) => used.push(jti) },
      ...options,
    })
    const tokenIssuer = new TokenIssuer({ keys, secret: randomBytes(32), issuer, audience, accessTokenSeconds: 600 })
    const family = (sid: string): IssuedFamily => ({
      sid,
      sellerId: `seller of ${sid}`,
      issuedAt: clock.now(),
      kid: keys.current().kid,
      idleExpiresAt: clock.now() + 600_000,
      absoluteExpiresAt: clock.now() + 600_000,
    })
    const issue = (sid: string) => tokenIssuer.issue(family(sid), tokenIssuer.firstJti())
    const verdict = (token: string): string => {
      try {
        return verifier.verify(token).sid
      } catch (error) {
        return isGatewayError(error) ? error.key : String(error)
      }
    }
    return { clock, keys, revocations, verifier, tokenIssuer, family, issue, verdict, verifications, used }
  }

  test('returns the seller, the login and the expiry', async () => {
    const { verifier, issue, clock } = await open()
    const { sellerId, sid, expiresAt } = verifier.verify((await issue('one')).accessToken)
    assert.deepEqual([sellerId, sid, expiresAt], ['seller of one', 'one', clock.now() + 600_000])
  })

  test('[check 14] a token is verified once while it is cached, identified by all of its text', async () => {
    const { issue, verdict, verifications, used } = await open()
    const { accessToken } = await issue('one')
    for (let i = 0; i < 3; i++) assert.equal(verdict(accessToken), 'one')
    assert.equal(verifications.length, 1)
    // The same header and claims, so the same jti, with another signature.
    const forged = `${accessToken.slice(0, accessToken.lastIndexOf('.') + 1)}${Buffer.alloc(256, 1).toString('base64url')}`
    for (let i = 0; i < 2; i++) assert.equal(verdict(forged), 'access_token_invalid')
    assert.equal(verifications.length, 3)
    assert.equal(used.length, 1, 'told once, and never of a forgery')
    assert.equal(verdict(accessToken), 'one')
  })

  test('expiry and revocation are checked every time', async () => {
    const { issue, verdict, clock, revocations } = await open()
    const [one, two] = [await issue('one'), await issue('two')]
    assert.deepEqual([verdict(one.accessToken), verdict(two.accessToken)], ['one', 'two'])
    revocations.add('one', clock.now() + 600_000)
    assert.deepEqual([verdict(one.accessToken), verdict(two.accessToken)], ['access_token_revoked', 'two'])
    clock.advance(600_000)
    // Twice: from the cache, and verified anew.
    for (let i = 0; i < 2; i++) {
      assert.deepEqual([verdict(one.accessToken), verdict(two.accessToken)], ['access_token_expired', 'access_token_expired'])
    }
  })

  test('the cache is bounded; the least recently used entry is evicted first', async () => {
    const { issue, verdict, verifications } = await open({ cacheMax: 2 })
    const [one, two, three] = await Promise.all(['one', 'two', 'three'].map(issue))
    for (const pair of [one, two, one, three]) verdict(pair?.accessToken ?? '')
    assert.equal(verifications.length, 3)
    verdict(one?.accessToken ?? '')
    assert.equal(verifications.length, 3)
    verdict(two?.accessToken ?? '')
    assert.equal(verifications.length, 4)
  })

  test('a refused token leaves the cache', async () => {
    const { issue, verdict, verifications, revocations, clock } = await open({ cacheMax: 4 })
    const pairs = await Promise.all(['one', 'two', 'three'].map(issue))
    for (const pair of pairs) verdict(pair.accessToken)
    assert.equal(verifications.length, 3)
    revocations.add('one', clock.now() + 600_000)
    for (const count of [3, 4, 5]) {
      assert.equal(verdict(pairs[0]?.accessToken ?? ''), 'access_token_revoked')
      assert.equal(verifications.length, count)
    }
  })

  test('an unrelated failure is not a verdict on the token', async () => {
    const { issue, verdict, used } = await open({}, new TypeError('broken'))
    assert.equal(verdict((await issue('one')).accessToken), 'TypeError: broken')
    assert.deepEqual(used, [])
  })

  test('a pair is derived from its family and its refresh token', async () => {
    const { tokenIssuer, family, clock } = await open()
    const jti = tokenIssuer.firstJti()
    const [described, other] = [family('one'), family('two')]
    const pair = await tokenIssuer.issue(described, jti)
    clock.advance(5_000)
    assert.deepEqual(await tokenIssuer.issue(described, jti), pair)
    assert.notEqual((await tokenIssuer.issue(other, jti)).accessToken, pair.accessToken)
    assert.notEqual((await tokenIssuer.issue(described, tokenIssuer.successorJti(jti))).accessToken, pair.accessToken)
    assert.equal(tokenIssuer.successorJti(jti), tokenIssuer.successorJti(jti))
    assert.notEqual(tokenIssuer.successorJti(jti), tokenIssuer.successorJti(tokenIssuer.successorJti(jti)))
  })

  // Last: it changes the store's keys.
  test('[check 87] a cached token ends with its key', async () => {
    const { issue, verdict, keys, clock } = await open()
    const { accessToken } = await issue('one')
    assert.equal(verdict(accessToken), 'one')
    const { kid } = keys.current()
    const rotation = new KeyRotation({
      store: subject.store.signingKeys,
      sealer: new Sealer(Buffer.alloc(32, 7)),
      shared: sharedAs(clock),
      origin: { surface: 'cli' },
      bits: 2048,
      publishMs: 600_000,
    })
    await rotation.rotate(true)
    clock.advance(5_000)
    await rotation.retire(kid, true)
    await keys.load()
    assert.equal(verdict(accessToken), 'access_token_invalid')
  })
})
