import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ConfigError, type Environment, readSettings } from '../../src/config/read-env.ts'
import { type SettingDefinition, type Settings, settingDefinitions } from '../../src/config/settings.ts'

const masterKey = Buffer.alloc(32, 7).toString('base64')
const right = { PUBLIC_URL: 'https://login.example.com', MASTER_KEY: masterKey }

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lobbykey-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

function problemsOf(env: Environment, mode: 'serve' | 'sandbox' = 'serve'): readonly string[] {
  try {
    readSettings(env, mode)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.problems
  }
}

test('defaults match the table', () => {
  const settings = readSettings(right, 'serve')
  for (const [name, definition] of Object.entries(settingDefinitions) as [keyof Settings, SettingDefinition<unknown>][]) {
    if (definition.default !== null) assert.deepEqual(settings[name], definition.parse(definition.default), name)
    else if (
      ['redisUrl', 'otlpEndpoint', 'ssoIssuer', 'ssoClientId', 'ssoClientSecret', 'ssoMerchantsClaim', 'sealsFile', 'sealsUrl'].includes(
        name,
      )
    )
      assert.equal(settings[name], null)
    else assert.ok(settings[name], name)
  }
  assert.deepEqual([settings.host, settings.port, settings.ratePerMerchant, settings.ratePerAddress], ['127.0.0.1', 8080, 1000, 2000])
})

test('serve requires a public URL and a master key; an empty variable counts as unset', () => {
  for (const env of [{}, { PUBLIC_URL: '', MASTER_KEY: ' ' }]) {
    assert.deepEqual(
      problemsOf(env).map((problem) => problem.split(' is required')[0]),
      ['PUBLIC_URL', 'MASTER_KEY or MASTER_KEY_FILE'],
    )
  }
})

test('all problems are reported at once, each with what to do', () => {
  const wrong = Object.fromEntries(Object.values(settingDefinitions).map(({ variable }) => [variable, '?!']))
  // '?!' is a valid audience, client ID, name of a claim and so on.
  const expected = (Object.values(settingDefinitions) as SettingDefinition<unknown>[]).filter(({ parse }) => parse('?!') === undefined)
  assert.deepEqual(
    problemsOf(wrong),
    expected.map(({ variable, form }) => `${variable} must be ${form}`),
  )
})

const edges: Record<string, { inside: string[]; outside: string[] }> = {
  UPSTREAMS: {
    inside: [
      '/merchant-api/orders=http://127.0.0.1:9000',
      '/merchant-api/a=http://a/, /merchant-api/a/b=https://b/v1/x/',
      '/merchant-api/seller/stock=http://a',
      '/merchant-api/seller/authx=http://a',
      '/merchant-api/a=http://[::1]:9000',
    ],
    outside: [
      'orders=http://a',
      '/orders=http://a',
      '/merchant-api=http://a',
      '/merchant-api/=http://a',
      '/merchant-api/a/=http://a',
      '/merchant-api/../a=http://a',
      '/merchant-api/a%2fb=http://a',
      '/merchant-api/seller=http://a',
      '/merchant-api/seller/auth=http://a',
      '/merchant-api/seller/auth/x=http://a',
      '/merchant-api/a=ftp://a',
      '/merchant-api/a=a',
      '/merchant-api/a=http://u:p@a',
      '/merchant-api/a=http://a?b',
      '/merchant-api/a=http://a#b',
      '/merchant-api/a=http://a,/merchant-api/a=http://b',
      '/merchant-api/a',
    ],
  },
  TOKEN_KEY_BITS: { inside: ['2048', '3072'], outside: ['1024', '2049', '4096', ''.padEnd(4, '0')] },
  KEY_PUBLISH_SECONDS: { inside: ['2', '43200'], outside: ['1', '43201'] },
  KEY_ROTATION_DAYS: { inside: ['0', '3650'], outside: ['-1', '3651'] },
  UPSTREAM_TIMEOUT_SECONDS: { inside: ['1', '3600'], outside: ['0', '3601'] },
  UPSTREAM_WEBSOCKETS: { inside: ['on', 'off'], outside: ['true', 'ON'] },
  PUBLIC_URL: {
    inside: [
      'https://a.example',
      'https://a.example/',
      'https://a.example:8443',
      'http://127.0.0.1:8080',
      'http://localhost',
      'http://[::1]:1',
    ],
    outside: [
      'a.example',
      'http://a.example',
      'https://a.example/x',
      'https://a.example?x',
      'https://a.example#',
      'https://u@a.example',
      'ftp://a.example',
      'http://127.example',
    ],
  },
  HOST: {
    inside: ['0.0.0.0', '::', '::1', 'localhost', 'Node-1.example', 'a_b'],
    outside: ['a b', 'http://x', '999.1.1.1', '10.0.0', '1', 'a:b', ':::', 'fe80::1%eth0', 'a..b', '.'],
  },
  PORT: { inside: ['1', '65535'], outside: ['0', '65536', '080', '-1', '80.0', '1e3', '0x50'] },
  WORKERS: { inside: ['1', '256', 'auto'], outside: ['0', '257', 'AUTO', '2.5'] },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    inside: ['http://collector:4318', 'https://otlp.example.com/otlp/', 'http://[::1]:4318'],
    outside: ['collector:4318', 'grpc://collector:4317', 'http://', 'http://user:password@h', 'http://h?x=1', 'http://h#x'],
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: { inside: ['http/json'], outside: ['grpc', 'http/protobuf'] },
  OTEL_EXPORTER_OTLP_HEADERS: {
    inside: ['authorization=Bearer%20a=b', 'a=1, b = 2,', 'a='],
    outside: ['a', '=1', 'a b=1', 'a=%0d%0ab', 'a=%', 'a=%c3%a9'],
  },
  OTEL_RESOURCE_ATTRIBUTES: { inside: ['deployment.environment.name=a%20b', 'team=%c3%a9'], outside: ['team', 'a b=1', 'a=%'] },
  OTEL_TRACES_SAMPLER: { inside: ['traceidratio'], outside: ['jaeger_remote', 'ALWAYS_ON'] },
  OTEL_TRACES_SAMPLER_ARG: { inside: ['0', '1', '0.01', '1.0'], outside: ['1.1', '-0.1', '.5', '1e-3', '5%'] },
  REDIS_URL: {
    inside: ['redis://h', 'rediss://user:password@h:6380/15', 'redis://:password@[::1]:6379/'],
    outside: ['redis://', 'http://h', 'h:6379', 'redis://h/name', 'redis://h/0?family=6', 'redis://h#1'],
  },
  DATABASE_URL: {
    inside: ['sqlite:x.db', 'postgres://a/b', 'postgresql://u:p@h:1/d?sslmode=verify-full'],
    outside: ['sqlite:', 'mysql://x', 'x.db', 'postgres://'],
  },
  MASTER_KEY: {
    inside: [masterKey, masterKey.replace('=', ''), 'a'.repeat(64)],
    outside: ['a'.repeat(63), 'a'.repeat(42), 'a'.repeat(45), 'ü'],
  },
  TRUSTED_PROXIES: {
    inside: ['127.0.0.1', '10.0.0.0/8, ::1 ,2001:db8::/32'],
    outside: [
      'localhost',
      '10.0.0.0/33',
      '10.0.0',
      '10.0.0.1;10.0.0.2',
      '0.0.0.0/0',
      '::/0',
      '0.0.0.0/1,128.0.0.0/1',
      '::ffff:0.0.0.0/96',
      '2000::/3',
    ],
  },
  ALLOWED_HOSTS: {
    inside: ['a.example, b', '*', '10.0.0.1,[::1]', 'lobby_key'],
    outside: ['a.example:80', 'http://a.example', '*.a.example', 'a b', '*,a', 'a.example.'],
  },
  CONNECTIONS_PER_PEER: { inside: ['0', '256', '1000000'], outside: ['-1', '1000001'] },
  UPSTREAM_HEADERS: {
    inside: ['X-Acme', 'x-acme-device, X-Acme-Locale'],
    outside: [
      'X_Acme',
      'X-Seller-Id',
      'X-Forwarded-For',
      'Forwarded',
      'X-HTTP-Method-Override',
      'Proxy',
      'Host',
      'Connection',
      'X-*',
      'a b',
    ],
  },
  LOG_LEVEL: { inside: ['silent', 'debug'], outside: ['INFO', 'verbose'] },
  RATE_PER_MERCHANT: { inside: ['0', '1000000'], outside: ['-1', '1000001', '1.5', 'none'] },
  MEMBER_HTTP_STATUS: { inside: ['contract', 'standard'], outside: ['real', 'Contract'] },
  LOBBY_PAGE: { inside: ['on', 'off'], outside: ['true', '1', 'On'] },
  ACCESS_TOKEN_SECONDS: { inside: ['60', '86400'], outside: ['59', '86401'] },
  TOKEN_AUDIENCE: { inside: ['x', 'https://api.example'], outside: ['a b', 'é', 'x'.repeat(129)] },
  PASSWORD_QUEUE_MS_MAX: { inside: ['1', '999'], outside: ['0', '1000'] },
  LOGIN_LOCK_AFTER: { inside: ['5', '100'], outside: ['101', '0'] },
  LOGIN_FAILURES_PER_ADDRESS_MINUTE: { inside: ['1'], outside: ['0'] },
}

for (const [variable, { inside, outside }] of Object.entries(edges)) {
  test(`${variable}: just inside its form, and just outside`, () => {
    for (const value of inside) assert.deepEqual(problemsOf({ ...right, [variable]: value }), [], value)
    for (const value of outside)
      assert.match(problemsOf({ ...right, [variable]: value }).join(), new RegExp(`^${variable} must be `), value)
  })
}

test('the public URL is used without its trailing slash', () => {
  assert.equal(readSettings({ ...right, PUBLIC_URL: 'https://A.example:443/' }, 'serve').publicUrl, 'https://a.example')
})

test('[check 1] password hashing never goes below the floor or an equivalent', () => {
  const sets: [number, number][] = [
    [1, 47_104],
    [2, 19_456],
    [3, 12_288],
    [4, 9_216],
    [5, 7_168],
    [6, 7_168],
  ]
  for (const [passes, kib] of sets) {
    const env = (memory: number) => ({ ...right, ARGON2_PASSES: String(passes), ARGON2_MEMORY_KIB: String(memory) })
    assert.deepEqual(problemsOf(env(kib)), [])
    assert.equal(problemsOf(env(kib - 1)).length, 1, `${passes} passes, ${kib - 1} KiB`)
  }
})

test('contradicting settings are refused', () => {
  assert.equal(problemsOf({ ...right, REFRESH_IDLE_SECONDS: '61', REFRESH_ABSOLUTE_SECONDS: '60' }).length, 1)
  assert.equal(problemsOf({ ...right, LOGIN_BACKOFF_AFTER: '6', LOGIN_LOCK_AFTER: '5' }).length, 1)
})

test('[check 58] an upstream cannot be this server itself, or have a link-local address', () => {
  const problemOf = (url: string, more: Environment = {}) =>
    problemsOf({ ...right, UPSTREAMS: `/merchant-api/orders=${url}`, ...more }).join()
  for (const url of [
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://0.0.0.0:8080/x',
    'http://[::]:8080',
    'http://127.0.0.1:8081',
  ]) {
    assert.match(problemOf(url), /leads to this server itself/, url)
  }
  assert.match(problemOf('https://login.example.com/x'), /leads to this server itself/)
  assert.match(problemOf('http://10.1.2.3:9000', { HOST: '10.1.2.3', PORT: '9000' }), /leads to this server itself/)
  assert.match(problemOf('http://127.0.0.1:9000', { HOST: '0.0.0.0', PORT: '9000' }), /leads to this server itself/)
  for (const url of [
    'http://169.254.169.254',
    'http://0xa9fea9fe/x',
    'http://[fe80::1]',
    'http://[febf::1]:1',
    'http://[::ffff:169.254.169.254]',
  ]) {
    assert.match(problemOf(url), /leads to a link-local address/, url)
  }
  for (const url of ['http://127.0.0.1:9000', 'http://10.0.0.5:8080', 'https://orders.example.com', 'http://[fec0::1]'])
    assert.equal(problemOf(url), '', url)
})

test('[check 69] secrets may come from files, and only from one place', (t) => {
  const path = join(folder(t), 'key')
  writeFileSync(path, `${masterKey}\n`)
  const { MASTER_KEY: _key, ...env } = right
  assert.deepEqual(readSettings({ ...env, MASTER_KEY_FILE: path }, 'serve').masterKey, Buffer.alloc(32, 7))
  assert.match(problemsOf({ ...right, MASTER_KEY_FILE: path }).join(), /both set/)
  assert.match(problemsOf({ ...env, MASTER_KEY_FILE: `${path}.not` }).join(), /^MASTER_KEY_FILE cannot be read/)
  writeFileSync(path, 'postgres://u:secret@h/d')
  assert.equal(readSettings({ ...right, DATABASE_URL_FILE: path }, 'serve').databaseUrl, 'postgres://u:secret@h/d')
  writeFileSync(path, 'mysql://u:secret@h/d')
  assert.doesNotMatch(problemsOf({ ...right, DATABASE_URL_FILE: path }).join(), /secret/)
})

test('[check 67] the sandbox creates a master key that only its owner can read, and finds it again; serve does neither', (t) => {
  const data = join(folder(t), 'data')
  const env = { DATABASE_URL: `sqlite:${join(data, 'lobbykey.db')}` }
  assert.match(problemsOf({ ...env, PUBLIC_URL: right.PUBLIC_URL }).join(), /^MASTER_KEY or/)
  const first = readSettings(env, 'sandbox')
  assert.equal(statSync(join(data, 'master.key')).mode & 0o777, 0o600)
  assert.equal(statSync(data).mode & 0o777, 0o700)
  assert.deepEqual(readSettings(env, 'sandbox').masterKey, first.masterKey)
  assert.deepEqual(readSettings(env, 'cli').masterKey, first.masterKey)
  assert.match(problemsOf({ ...env, PUBLIC_URL: right.PUBLIC_URL }).join(), /^MASTER_KEY or/)
  assert.equal(Buffer.from(readFileSync(join(data, 'master.key'), 'utf8'), 'base64').length, 32)
  writeFileSync(join(data, 'master.key'), 'damaged')
  assert.match(problemsOf(env, 'sandbox').join(), /master\.key must hold 32 bytes/)
})

test('the sandbox shows its lobby page, at the address where it listens', (t) => {
  const sandbox = (env: Environment) => readSettings({ DATABASE_URL: `sqlite:${join(folder(t), 'x.db')}`, ...env }, 'sandbox')
  assert.equal(sandbox({}).lobbyPage, true)
  assert.equal(sandbox({ LOBBY_PAGE: 'off' }).lobbyPage, false)
  assert.equal(readSettings(right, 'serve').lobbyPage, false)
  assert.equal(sandbox({}).apiReference, true)
  assert.equal(readSettings(right, 'serve').apiReference, false)
  assert.equal(readSettings({ ...right, API_REFERENCE: 'on' }, 'serve').apiReference, true)
  assert.equal(sandbox({ PORT: '9090' }).publicUrl, 'http://127.0.0.1:9090')
  assert.equal(sandbox({ HOST: '::1', PORT: '9090' }).publicUrl, 'http://[::1]:9090')
  assert.equal(sandbox({ HOST: '0.0.0.0' }).publicUrl, 'http://127.0.0.1:8080')
})

test('the command line reads only what it needs: a wrong PORT does not stop it', (t) => {
  assert.equal(readSettings({ PORT: 'x', DATABASE_URL: `sqlite:${join(folder(t), 'x.db')}` }, 'cli').masterKey, null)
})

test('settings of single sign-on: the issuer needs a client and roles, partners a claim with merchants', () => {
  const sso = {
    OPERATOR_SSO_ISSUER: 'https://login.example.com/realms/ops',
    OPERATOR_SSO_CLIENT_ID: 'lobbykey',
    OPERATOR_SSO_CLIENT_SECRET: 'secret',
    OPERATOR_SSO_ROLES: 'a=owner',
  }
  assert.deepEqual(problemsOf({ ...right, ...sso, OPERATOR_SSO_ROLES: 'cn=ops=support' }), [])
  const { ssoRoles } = readSettings({ ...right, ...sso, OPERATOR_SSO_ROLES: '/staff/owners=owner, cn=ops=support' }, 'serve')
  assert.deepEqual(ssoRoles, [
    { value: '/staff/owners', role: 'owner' },
    { value: 'cn=ops', role: 'support' },
  ])
  for (const [change, problem] of [
    [{ OPERATOR_SSO_CLIENT_ID: '' }, /^OPERATOR_SSO_CLIENT_ID is required/],
    [{ OPERATOR_SSO_CLIENT_SECRET: '' }, /^OPERATOR_SSO_CLIENT_SECRET or OPERATOR_SSO_CLIENT_SECRET_FILE is required/],
    [{ OPERATOR_SSO_ROLES: '' }, /^OPERATOR_SSO_ROLES is empty/],
    [{ OPERATOR_SSO_ROLES: 'a=admin' }, /^OPERATOR_SSO_ROLES must be/],
    [{ OPERATOR_SSO_ROLES: 'a=partner' }, /^OPERATOR_SSO_MERCHANTS_CLAIM is required/],
    [{ OPERATOR_SSO_ISSUER: '' }, /^OPERATOR_SSO_ISSUER is required with OPERATOR_SSO_CLIENT_ID/],
    [{ OPERATOR_SSO_ISSUER: 'http://login.example.com' }, /^OPERATOR_SSO_ISSUER must be an https URL/],
    [{ OPERATOR_SSO_ISSUER: 'https://login.example.com/?tenant=a' }, /^OPERATOR_SSO_ISSUER must be an https URL/],
    [{ OPERATOR_SSO_ISSUER: 'http://localhost:9000', ADMIN_URL: 'https://admin.example.com' }, /^OPERATOR_SSO_ISSUER must be https where/],
    [{ OPERATOR_SSO_SCOPES: 'email' }, /^OPERATOR_SSO_SCOPES must be/],
  ] as const) {
    const [found = '', ...more] = problemsOf({ ...right, ...sso, ...change })
    assert.match(found, problem)
    assert.deepEqual(more, [])
  }
})
