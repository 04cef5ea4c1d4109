import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { memberLock } from '@lobbykey/contract'
import pino from 'pino'
import { startTestGateway } from './support/gateway.ts'
import { type Body, loginBody, signed } from './support/signed-body.ts'

test('[check 67] [check 71] no plain-text secret in the store, the log or an error', async () => {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  // Traces that show as much as they may.
  const settings = { lobbyPage: true, traceValues: 'shown' } as const
  const gateway = await startTestGateway({ logger: pino({ level: 'trace' }, sink), settings })
  const seen: string[] = []
  const post = async (path: string, body: object | string, headers: Record<string, string> = {}) => {
    const answer = await gateway.post(path, body, { headers })
    seen.push(JSON.stringify(answer.headers))
    if (answer.status !== 200) seen.push(answer.text)
    return answer.json as { data: Record<string, string> | null }
  }

  // Every kind of secret, once where it works and once where something fails.
  const member = signed(loginBody(gateway.clock.now(), { token: 'canary-member-token' }))
  const { data } = await post('/api/member/login', member)
  await gateway.request('GET', data?.url ?? '')
  await post('/api/member/login', { ...member, limits: { USD_101: '1' } })
  await post('/api/member/login', JSON.stringify(member).slice(0, -1))
  await post(
    '/api/member/lock',
    signed({ agent_id: 'agent001', user_id: 'nobody1', status: 'LockAll', timestamp: gateway.clock.now() }, { call: memberLock }),
  )
  const login = await post('/merchant-api/seller/auth/login', { email: 'seller@example.com', password: 'sandbox-orchard-lantern' })
  await post('/merchant-api/seller/auth/login', { email: 'seller@example.com', password: 'canary-wrong-password' })
  await post('/merchant-api/seller/auth/login', { email: 'seller@example.com', password: 'canary-wrong-password', extra: 'x' })
  const refreshed = await post('/merchant-api/seller/auth/refresh', { refreshToken: login.data?.refreshToken ?? '' })
  await gateway.request('GET', '/merchant-api/seller/auth/me', { headers: { authorization: `Bearer ${login.data?.accessToken}` } })
  await gateway.request('GET', `/merchant-api/seller/auth/me?access_token=${login.data?.accessToken}`)
  await post('/merchant-api/seller/auth/refresh', { refreshToken: `${login.data?.refreshToken}x` })
  await post('/merchant-api/seller/auth/logout', {}, { authorization: `Bearer ${login.data?.accessToken}` })
  await gateway.flushRefusals()
  const events = JSON.stringify([await gateway.store.events.list({ limit: 1_000 }), await gateway.store.refusals.list({ limit: 1_000 })])
  await gateway.flushTraces()
  const traced = await gateway.store.traces.list({ limit: 1_000 })
  assert.deepEqual(new Set(traced.map(({ call }) => call)), new Set(['login', 'lock', 'refresh', 'me', 'logout']))
  const traces = JSON.stringify(traced)
  for (const secret of ['seller@example.com', String((member as Body).sign)]) assert.equal(traces.includes(secret), false, secret)

  const folder = dirname(gateway.settings.databaseUrl.slice('sqlite:'.length))
  const store = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))
  const secrets: Record<string, string> = {
    'merchant key': 'l4gnD61pz4arJyv8',
    'member token': 'canary-member-token',
    'seller password': 'sandbox-orchard-lantern',
    'wrong password': 'canary-wrong-password',
    'master key': Buffer.from(gateway.settings.masterKey).toString('base64'),
    ...Object.fromEntries(
      [login, refreshed].flatMap(({ data: tokens }, index) => [
        [`access token ${index}`, tokens?.accessToken?.split('.')[2] ?? ''],
        [`refresh token ${index}`, tokens?.refreshToken?.split('.')[2] ?? ''],
        [`refresh jti ${index}`, jti(tokens?.refreshToken ?? '')],
      ]),
    ),
  }
  for (const [name, secret] of Object.entries(secrets)) {
    assert.ok(secret.length > 8, name)
    assert.equal(store.includes(secret), false, `${name} in the store`)
    assert.equal(lines.join('').includes(secret), false, `${name} in the log`)
    assert.equal(seen.join('').includes(secret), false, `${name} in a header or an error`)
    assert.equal(events.includes(secret), false, `${name} in an event`)
    assert.equal(traces.includes(secret), false, `${name} in a trace`)
  }
  assert.equal(lines.join('').includes(String((member as Body).sign)), false, 'signature in the log')
  for (const line of lines) JSON.parse(line)
  await gateway.close()
})

function jti(token: string): string {
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti
}
