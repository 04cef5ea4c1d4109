/** Our tokens and keys with independent libraries, configured as docs/verification.md says: what they accept and refuse. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import jsonwebtoken, { type JwtHeader, type SigningKeyCallback, type VerifyOptions } from 'jsonwebtoken'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { KeyRotation } from '../../../src/core/tokens/key-rotation.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { decodeToken, loginTokens, logout } from '../../support/seller-calls.ts'

/** Debian's python3-jwt is installed for Debian's Python. */
const python = '/usr/bin/python3'

/** By token: the seller's ID, or null where the library refuses it. */
type Verify = (jwksUri: string, tokens: readonly string[]) => Promise<(string | null)[]>

let gateway: TestGateway
let origin: string
let now: number

const verifiers: Readonly<Record<string, { verify: Verify; skip: string | false }>> = {
  jose: {
    skip: false,
    verify: async (jwksUri, tokens) => {
      const keys = createRemoteJWKSet(new URL(jwksUri))
      const options = { algorithms: ['RS256'], issuer: gateway.publicUrl, audience: 'merchant-api', currentDate: new Date(now) }
      return Promise.all(
        tokens.map((token) =>
          jwtVerify(token, keys, options).then(
            ({ payload }) => payload.sub ?? null,
            () => null,
          ),
        ),
      )
    },
  },
  jsonwebtoken: {
    skip: false,
    verify: async (jwksUri, tokens) => {
      const { keys } = (await (await fetch(jwksUri)).json()) as { keys: { kid: string; kty: string; n: string; e: string }[] }
      const findKey = ({ kid }: JwtHeader, done: SigningKeyCallback) => {
        const jwk = keys.find((key) => key.kid === kid)
        if (jwk === undefined) done(new Error('no such key'))
        else done(null, createPublicKey({ key: { ...jwk }, format: 'jwk' }))
      }
      const options: VerifyOptions = {
        algorithms: ['RS256'],
        issuer: gateway.publicUrl,
        audience: 'merchant-api',
        clockTimestamp: Math.floor(now / 1_000),
      }
      return Promise.all(
        tokens.map(
          (token) =>
            new Promise<string | null>((resolve) => {
              jsonwebtoken.verify(token, findKey, options, (error, claims) =>
                resolve(error ? null : String((claims as { sub?: string }).sub)),
              )
            }),
        ),
      )
    },
  },
  PyJWT: {
    skip: hasPyJwt() ? false : 'python3-jwt is not installed',
    verify: async (jwksUri, tokens) => {
      // PyJWT uses the machine's clock only: expiry is tested with the others.
      const program = `
import json, sys, jwt
uri, issuer, tokens = json.loads(sys.argv[1])
keys = jwt.PyJWKClient(uri)
def subject(token):
    try:
        key = keys.get_signing_key_from_jwt(token)
        options = {"require": ["exp", "iat", "iss", "aud", "sub", "jti"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}
        return jwt.decode(token, key.key, algorithms=["RS256"], issuer=issuer, audience="merchant-api", options=options)["sub"]
    except Exception:
        return None
print(json.dumps([subject(token) for token in tokens]))`
      const { stdout } = await promisify(execFile)(python, ['-c', program, JSON.stringify([jwksUri, gateway.publicUrl, tokens])])
      return JSON.parse(stdout) as (string | null)[]
    },
  },
}

before(async () => {
  gateway = await startTestGateway()
  origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
})
after(() => gateway.close())

for (const [name, { verify, skip }] of Object.entries(verifiers)) {
  describe(`interoperability with ${name}`, { skip }, () => {
    test('a genuine access token verifies with our key set; refresh tokens, the feed and forgeries do not', async () => {
      const { accessToken, refreshToken } = await loginTokens(gateway)
      now = gateway.clock.now()
      const feed = (await gateway.request('GET', '/.well-known/revocations')).text
      const [header, payload, signature] = accessToken.split('.') as [string, string, string]
      const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
      const flipped = `${header}.${payload.slice(0, -2)}${payload.endsWith('AA') ? 'BB' : 'AA'}.${signature}`
      const tokens = [accessToken, refreshToken, feed, `${none}.${payload}.`, flipped, `${header}.${payload}.${signature.slice(4)}AAAA`]
      const verified = await verify(`${origin}/.well-known/jwks.json`, tokens)
      assert.deepEqual(verified, [decodeToken(accessToken).claims.sub, null, null, null, null, null])
      if (name !== 'PyJWT') {
        now += 86_400_000
        assert.deepEqual(await verify(`${origin}/.well-known/jwks.json`, [accessToken]), [null], 'expired')
      }
    })

    test('[check 68] during a rotation, tokens of both keys verify with one key set', async () => {
      const old = await loginTokens(gateway)
      const rotation = new KeyRotation({
        store: gateway.store.signingKeys,
        sealer: new Sealer(gateway.settings.masterKey),
        shared: sharedAs(gateway.clock),
        origin: { surface: 'cli' },
        bits: 3072,
        publishMs: 600_000,
      })
      await rotation.rotate(false)
      await gateway.hearChanges()
      gateway.clock.advance(600_000)
      const fresh = await loginTokens(gateway)
      assert.notEqual(decodeToken(fresh.accessToken).header.kid, decodeToken(old.accessToken).header.kid)
      now = gateway.clock.now()
      const verified = await verify(`${origin}/.well-known/jwks.json`, [old.accessToken, fresh.accessToken])
      assert.deepEqual(verified, Array(2).fill(decodeToken(fresh.accessToken).claims.sub))
    })
  })
}

test('jose accepts the feed as a JWS, and it distinguishes a revoked token from a live one as documented', async () => {
  const [ended, live] = [await loginTokens(gateway), await loginTokens(gateway)]
  await logout(gateway, ended.accessToken)
  const text = await (await fetch(`${origin}/.well-known/revocations`)).text()
  const keys = createRemoteJWKSet(new URL(`${origin}/.well-known/jwks.json`))
  const { payload } = await jwtVerify(text, keys, {
    algorithms: ['RS256'],
    typ: 'revocations+jwt',
    issuer: gateway.publicUrl,
    audience: 'lobbykey:revocations',
    currentDate: new Date(gateway.clock.now()),
  })
  const revoked = payload.revoked as Record<string, number>
  const isRevoked = (token: string) => Object.hasOwn(revoked, String(decodeToken(token).claims.sid))
  assert.deepEqual([isRevoked(ended.accessToken), isRevoked(live.accessToken)], [true, false])
})

function hasPyJwt(): boolean {
  try {
    execFileSync(python, ['-c', 'import jwt, cryptography'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
