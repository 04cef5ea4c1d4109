/** Every kind of secret at every consumer: only its own accepts it (check 16); and the catalogue of forgeries at every consumer of tokens. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { SigningKeys } from '../../../src/core/tokens/signing-keys.ts'
import { sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { compact, forgeries, type Genuine, rs256, wrongClaims } from '../../support/forged-tokens.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { RecordingServer } from '../../support/recording-server.ts'
import { authPath, bearer, codeOf, decodeToken, loginTokens, me, refresh, sellerAdmin } from '../../support/seller-calls.ts'
import { addService, basic, type Credentials, introspect, postForm, revoke } from '../../support/service-calls.ts'
import { loginBody, signed } from '../../support/signed-body.ts'

let gateway: TestGateway
let upstream: RecordingServer
let service: Credentials

before(async () => {
  upstream = await RecordingServer.start()
  const upstreams = [{ prefix: '/merchant-api/orders', url: `http://127.0.0.1:${upstream.port}` }]
  gateway = await startTestGateway({ settings: { upstreams } })
  service = await addService(gateway)
})
after(async () => {
  await gateway.close()
  await upstream.close()
})

const isActive = (json: unknown) => (json as { active?: unknown } | null)?.active === true

/** Consumers of access tokens, and whether they accepted one. */
const bearers: Readonly<Record<string, (token: string) => Promise<boolean>>> = {
  me: async (token) => codeOf(await me(gateway, token)) === '0000',
  'forward-auth': async (token) => (await gateway.request('GET', '/verify', bearer(token))).status === 200,
  proxy: async (token) => {
    upstream.received = []
    const { status } = await gateway.request('GET', '/merchant-api/orders/7', bearer(token))
    assert.equal(upstream.received.length, status === 200 ? 1 : 0)
    return status === 200
  },
  introspection: async (token) => isActive((await introspect(gateway, service, token)).json),
}

describe('cross use', () => {
  test('[check 16] each secret works at its own consumer and no other', async () => {
    const { accessToken, refreshToken } = await loginTokens(gateway)
    const feed = (await gateway.request('GET', '/.well-known/revocations')).text
    const { token: resetToken } = await (await sellerAdmin(gateway)).issueResetToken(sampleSeller.email)
    const memberToken = await memberLogin()
    await gateway.updateMerchant({ settings: { launch: 'ticket' } })
    const ticket = await memberLogin()
    const redeemed = await sessionCall('redeem', { ticket: await memberLogin() })
    const handle = String((redeemed as { handle: string }).handle)

    const secrets = {
      access: accessToken,
      refresh: refreshToken,
      'revocation feed': feed,
      'service secret': service.secret,
      'service credentials': Buffer.from(`${service.id}:${service.secret}`).toString('base64'),
      'session token': memberToken,
      ticket,
      handle,
      reset: resetToken,
    }
    // Consumers that use a secret up come last.
    const consumers: Record<string, { takes: keyof typeof secrets; take: (secret: string) => Promise<boolean> }> = {
      ...Object.fromEntries(Object.entries(bearers).map(([name, take]) => [name, { takes: 'access' as const, take }])),
      'service authentication': {
        takes: 'service secret',
        take: async (secret) => {
          gateway.clock.advance(200)
          const headers = basic({ id: service.id, secret })
          return (await postForm(gateway, '/oauth/introspect', { token: 'x' }, { headers })).status === 200
        },
      },
      'session check by token': { takes: 'session token', take: async (token) => isActive(await sessionCall('check', { token })) },
      'session check by handle': { takes: 'handle', take: async (text) => isActive(await sessionCall('check', { handle: text })) },
      redemption: { takes: 'ticket', take: async (text) => isActive(await sessionCall('redeem', { ticket: text })) },
      refresh: { takes: 'refresh', take: async (token) => codeOf(await refresh(gateway, token)) === '0000' },
      'password reset': {
        takes: 'reset',
        take: async (token) => {
          const body = { resetToken: token, newPassword: 'another fine long passphrase' }
          return codeOf(await gateway.post(`${authPath}/password/reset`, body)) === '0000'
        },
      },
    }
    for (const [consumer, { takes, take }] of Object.entries(consumers)) {
      for (const [name, secret] of Object.entries(secrets)) {
        if (name !== takes) assert.equal(await take(secret), false, `${name} at ${consumer}`)
      }
      assert.equal(await take(secrets[takes]), true, `${takes} at ${consumer}`)
    }
  })

  test('[check 16] revocation by anything but a token of the family ends nothing', async () => {
    const { accessToken, refreshToken } = await loginTokens(gateway, { password: 'another fine long passphrase' })
    for (const secret of [service.secret, String(decodeToken(accessToken).claims.sid), String(decodeToken(refreshToken).claims.jti)]) {
      assert.equal((await revoke(gateway, service, secret)).text, '{}')
    }
    assert.equal(codeOf(await me(gateway, accessToken)), '0000')
  })

  async function memberLogin(): Promise<string> {
    gateway.clock.advance(1)
    const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now())))
    return new URL((json as { data: { url: string } }).data.url).searchParams.get('token') ?? ''
  }

  async function sessionCall(name: string, form: Record<string, string>): Promise<unknown> {
    gateway.clock.advance(200)
    const agent: Record<string, string> = 'handle' in form ? {} : { agent_id: 'agent001' }
    return (await postForm(gateway, `/session/${name}`, { ...agent, ...form }, { headers: basic(service) })).json
  }
})

describe('forged tokens', () => {
  let genuine: Genuine
  let accessToken: string
  before(async () => {
    ;({ accessToken } = await loginTokens(gateway, { password: 'another fine long passphrase' }))
    const keys = new SigningKeys({ store: gateway.store.signingKeys, sealer: new Sealer(gateway.settings.masterKey), clock: gateway.clock })
    await keys.load()
    genuine = { ...decodeToken(accessToken), ...keys.current() }
  })

  for (const [name, take] of Object.entries(bearers)) {
    test(`[check 12] [check 13] [check 14] [check 15] ${name} accepts none, and revocation by one ends nothing`, async () => {
      const forged = await forgeries(genuine)
      const signed = wrongClaims(genuine.claims, Math.floor(gateway.clock.now() / 1_000)).map(([wrong, claims]) => [
        wrong,
        compact(genuine.header, claims, rs256(genuine.privateKey)),
      ])
      assert.ok(forged.length >= 40)
      const spellings = [`${accessToken} `, `${accessToken}=`, `${accessToken}\n`, `${accessToken}.`, ...otherSpellings(accessToken)]
      // A header cannot contain a line break.
      const sendable = spellings.filter((spelling) => name === 'introspection' || !spelling.endsWith('\n'))
      for (const [title, token] of [...forged, ...signed, ...sendable.slice(1).map((spelling) => ['spelling', spelling])]) {
        assert.equal(await take(String(token)), false, String(title))
      }
      // Claims under our own signature may form a refresh token, which revocation accepts; forgeries have no effect.
      if (name === 'introspection') for (const [, token] of forged) assert.equal((await revoke(gateway, service, token)).text, '{}')
      assert.equal(await take(accessToken), true)
    })

    test(`[check 14] ${name}: no byte of a token can be changed, and no spelling of a revoked one is accepted`, async () => {
      for (let index = 0; index < accessToken.length; index += 7) {
        const char = accessToken.charAt(index)
        const other = char === '.' ? '-' : char === 'A' ? 'B' : 'A'
        assert.equal(await take(accessToken.slice(0, index) + other + accessToken.slice(index + 1)), false, String(index))
      }
      const ended = (await loginTokens(gateway, { password: 'another fine long passphrase' })).accessToken
      assert.equal(await take(ended), true)
      await revoke(gateway, service, ended)
      for (const spelling of [ended, ...otherSpellings(ended)]) assert.equal(await take(spelling), false)
    })
  }
})

/** The fifteen other spellings of a signature's last character, which most decoders accept as the same bytes. */
function otherSpellings(token: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.slice(-1))
  return Array.from({ length: 16 }, (_, bits) => token.slice(0, -1) + alphabet.charAt((last & 0b110000) | bits)).filter(
    (spelling) => spelling !== token,
  )
}
