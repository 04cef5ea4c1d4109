/** Issued tokens verify, and nothing that differs from one in a single claim does. */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { signCompact } from '../../../src/core/tokens/compact-jws.ts'
import { SigningKeys } from '../../../src/core/tokens/signing-keys.ts'
import { type IssuedFamily, jtiHash, refreshAudience, TokenIssuer } from '../../../src/core/tokens/token-issuer.ts'
import { TokenError, type TokenUse, TokenVerifier } from '../../../src/core/tokens/token-verifier.ts'
import { wrongClaims } from '../../support/forged-tokens.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { decodeToken } from '../../support/seller-calls.ts'
import { eachStore } from '../../support/stores.ts'

const issuer = 'https://login.example'
const audience = 'merchant-api'
const secret = Buffer.alloc(32, 9)

eachStore('tokens', (subject) => {
  async function open() {
    const clock = new ManualClock()
    const keys = new SigningKeys({ store: subject.store.signingKeys, sealer: new Sealer(Buffer.alloc(32, 7)), clock })
    await keys.load()
    const tokenIssuer = new TokenIssuer({ keys, secret, issuer, audience, accessTokenSeconds: 600 })
    const verifier = new TokenVerifier({ keys, clock, issuer, audiences: { access: audience, refresh: refreshAudience } })
    const family: IssuedFamily = {
      sid: 'family',
      sellerId: 'seller',
      issuedAt: clock.now(),
      kid: keys.current().kid,
      idleExpiresAt: clock.now() + 7_000_999,
      absoluteExpiresAt: clock.now() + 9_000_000,
    }
    const sign = (claims: object | string) => {
      const { tokenHeader, privateKey } = keys.current()
      return signCompact(tokenHeader, typeof claims === 'string' ? claims : JSON.stringify(claims), privateKey)
    }
    const verdict = (token: string, use: TokenUse = 'access') => {
      try {
        verifier.verify(token, use)
        return 'accepted'
      } catch (error) {
        if (!(error instanceof TokenError)) throw error
        assert.deepEqual([error.name, error.message], ['TokenError', `token ${error.reason}`])
        return error.reason
      }
    }
    return { clock, keys, tokenIssuer, verifier, family, sign, verdict, seconds: clock.now() / 1_000 }
  }

  test('a pair contains whose it is, which login, and until when', async () => {
    const { tokenIssuer, verifier, family, seconds } = await open()
    const pair = await tokenIssuer.issue(family, 'first')
    assert.deepEqual([pair.tokenType, pair.expiresIn], ['Bearer', 600])
    const jti = tokenIssuer.accessJti('first')
    const common = { iss: issuer, sub: 'seller', sid: 'family', iat: seconds }
    assert.deepEqual(decodeToken(pair.accessToken).claims, { ...common, aud: audience, exp: seconds + 600, jti, token_use: 'access' })
    const refreshClaims = { ...common, aud: 'lobbykey:refresh', exp: seconds + 7_000, jti: 'first', token_use: 'refresh' }
    assert.deepEqual(decodeToken(pair.refreshToken).claims, refreshClaims)
    const { kid } = family
    const read = { sellerId: 'seller', sid: 'family', kid, issuedAt: family.issuedAt }
    assert.deepEqual(verifier.verify(pair.accessToken, 'access'), { ...read, jti, expiresAt: family.issuedAt + 600_000 })
    assert.deepEqual(verifier.verify(pair.refreshToken, 'refresh'), { ...read, jti: 'first', expiresAt: family.issuedAt + 7_000_000 })
  })

  test('[check 17] a refresh token ends with its family', async () => {
    const { tokenIssuer, family, seconds } = await open()
    const { refreshToken } = await tokenIssuer.issue({ ...family, absoluteExpiresAt: family.issuedAt + 5_000_000 }, 'first')
    assert.equal(decodeToken(refreshToken).claims.exp, seconds + 5_000)
  })

  test('a first `jti` is random; all others are derived under the secret, separately for each use', async () => {
    const { tokenIssuer } = await open()
    assert.match(tokenIssuer.firstJti(), /^[\w-]{43}$/)
    assert.notEqual(tokenIssuer.firstJti(), tokenIssuer.firstJti())
    const derive = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')
    assert.equal(tokenIssuer.successorJti('first'), derive('refresh\nfirst'))
    assert.equal(tokenIssuer.accessJti('first'), derive('access\nfirst'))
    assert.deepEqual(Buffer.from(jtiHash('first')), createHash('sha256').update('first').digest())
  })

  test('[check 15] [check 16] one wrong claim under a valid signature is refused', async () => {
    const { tokenIssuer, family, sign, verdict, seconds } = await open()
    const { claims } = decodeToken((await tokenIssuer.issue(family, 'first')).accessToken)
    assert.equal(verdict(await sign(claims)), 'accepted')
    for (const [name, wrong] of wrongClaims(claims, seconds)) assert.equal(verdict(await sign(wrong)), 'invalid', name)
    assert.equal(verdict(await sign({ ...claims, nbf: -1 })), 'invalid')
  })

  test('[check 15] neither kind of token is accepted in place of the other', async () => {
    const { tokenIssuer, family, sign, verdict } = await open()
    const pair = await tokenIssuer.issue(family, 'first')
    assert.deepEqual([verdict(pair.accessToken, 'refresh'), verdict(pair.refreshToken, 'access')], ['invalid', 'invalid'])
    const { claims } = decodeToken(pair.accessToken)
    assert.equal(verdict(await sign({ ...claims, aud: refreshAudience }), 'refresh'), 'invalid')
    assert.equal(verdict(await sign({ ...claims, token_use: 'refresh' }), 'refresh'), 'invalid')
  })

  test('another clock may be five seconds ahead for `iat` and `nbf`; expiry has no leeway', async () => {
    const { tokenIssuer, family, clock, sign, verdict, seconds } = await open()
    const { claims } = decodeToken((await tokenIssuer.issue(family, 'first')).accessToken)
    for (const name of ['iat', 'nbf']) {
      assert.equal(verdict(await sign({ ...claims, [name]: seconds + 5 })), 'accepted', name)
      assert.equal(verdict(await sign({ ...claims, [name]: seconds + 6 })), 'invalid', name)
    }
    assert.equal(verdict(await sign({ ...claims, iat: 0, nbf: 0 })), 'accepted')
    assert.equal(verdict(await sign({ ...claims, iat: seconds, exp: seconds })), 'invalid')
    const token = await sign(claims)
    clock.advance(599_999)
    assert.equal(verdict(token), 'accepted')
    clock.advance(1)
    assert.equal(verdict(token), 'expired')
  })

  test('a token longer than 4,096 characters is not parsed', async () => {
    const { tokenIssuer, family, sign, verdict } = await open()
    const { claims } = decodeToken((await tokenIssuer.issue(family, 'first')).accessToken)
    const fill = async (length: number) => {
      const room = length - (await sign({ ...claims, more: '' })).length
      for (let extra = Math.floor((room * 3) / 4) - 4; ; extra++) {
        const token = await sign({ ...claims, more: 'x'.repeat(extra) })
        if (token.length >= length) return token
      }
    }
    const longest = await fill(4_096)
    assert.deepEqual([longest.length, verdict(longest)], [4_096, 'accepted'])
    const tooLong = await fill(4_097)
    assert.deepEqual([tooLong.length, verdict(tooLong)], [4_097, 'invalid'])
  })
})
