import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../support/server-process.ts'
import { CommandLine, commandLine, temporaryFolder } from './command-line.ts'

const publicUrl = 'https://login.example.com'

test('[check 10] serve reports every reason at once: settings, sample data, sample key, sample password', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme', '--key-from-stdin'], 'l4gnD61pz4arJyv8')
  await command.json(['seller', 'add', 'seller@example.com'], 'sandbox-orchard-lantern')
  const env = { ...command.env, PORT: 'x', PUBLIC_URL: 'http://login.example.com' }
  const { exitCode, key, message } = await new CommandLine(env).failure(['serve'])
  assert.deepEqual([exitCode, key], [2, 'configuration'])
  assert.deepEqual(
    message.split('\n').map((problem) => problem.split(' ').slice(0, 2).join(' ')),
    ['PUBLIC_URL must', 'PORT must', 'merchant acme', 'seller seller@example.com'],
  )
  // After the suggested fixes the store is acceptable.
  const { keyId } = (await command.json<{ keys: { keyId: string }[] }>(['merchant', 'show', 'acme'])).keys[0] ?? assert.fail()
  await command.json(['merchant', 'rotate-key', 'acme'])
  await command.json(['merchant', 'retire-key', 'acme', keyId, '--force'])
  await command.json(['seller', 'set-password', 'seller@example.com'], randomBytes(24).toString('hex'))
  const mended = new CommandLine({ ...command.env, PUBLIC_URL: publicUrl })
  const { ok, settings } = await mended.json<{ ok: boolean; settings: Record<string, string> }>(['serve', '--check-config'])
  assert.deepEqual([ok, settings.PUBLIC_URL, settings.MASTER_KEY], [true, publicUrl, '(set, not shown)'])
  assert.deepEqual([settings.OTEL_EXPORTER_OTLP_HEADERS, settings.REDIS_URL], ['', ''])
})

test('a database without tables is called that, not old', async (t) => {
  const path = join(await temporaryFolder(t), 'empty.db')
  await writeFile(path, '', { mode: 0o600 })
  const { env } = await commandLine(t)
  for (const words of [['serve', '--check-config'], ['status']]) {
    const { exitCode, message } = await new CommandLine({ ...env, PUBLIC_URL: publicUrl, DATABASE_URL: `sqlite:${path}` }).failure(words)
    assert.deepEqual([exitCode, message], [2, 'the database has no tables yet: run `lobbykey migrate`'])
  }
})

test('serve refuses one port for both listeners where they would meet', async (t) => {
  const { env } = await commandLine(t)
  const both = { ...env, PUBLIC_URL: publicUrl, PORT: '8081', ADMIN_PORT: '8081' }
  for (const hosts of [{}, { HOST: '0.0.0.0' }, { ADMIN_HOST: '::' }]) {
    const { exitCode, message } = await new CommandLine({ ...both, ...hosts }).failure(['serve', '--check-config'])
    assert.deepEqual([exitCode, message], [2, 'PORT and ADMIN_PORT are the same; change one'])
  }
  await new CommandLine({ ...both, ADMIN_HOST: '127.0.0.2' }).json(['serve', '--check-config'])
})

test('single sign-on: serve wants an https issuer, shows no secret, and warns of a provider that does not answer', async (t) => {
  const { env } = await commandLine(t)
  const sso = {
    ...env,
    PUBLIC_URL: publicUrl,
    OPERATOR_SSO_CLIENT_ID: 'lobbykey',
    OPERATOR_SSO_CLIENT_SECRET: 'not for eyes',
    OPERATOR_SSO_ROLES: '/ops=owner,cn=all=auditor',
  }
  const plain = await new CommandLine({ ...sso, OPERATOR_SSO_ISSUER: 'http://localhost:1' }).failure(['serve', '--check-config'])
  assert.deepEqual([plain.exitCode, plain.message], [2, 'OPERATOR_SSO_ISSUER must be https outside the sandbox; change it or unset it'])
  const line = new CommandLine({ ...sso, OPERATOR_SSO_ISSUER: `https://localhost:${await freePort()}/realms/ops` })
  const { settings, warnings } = await line.json<{ settings: Record<string, string>; warnings: string[] }>(['serve', '--check-config'])
  assert.deepEqual([settings.OPERATOR_SSO_CLIENT_SECRET, settings.OPERATOR_SSO_ROLES], ['(set, not shown)', '/ops=owner,cn=all=auditor'])
  assert.match(
    warnings.join(),
    /the provider of single sign-on, https:\/\/localhost:\d+\/realms\/ops: ECONNREFUSED: operators cannot sign in by it/,
  )
})

test('a store that cannot be used: the reason, and where to look', async (t) => {
  const file = join(await temporaryFolder(t), 'file')
  await writeFile(file, '')
  const { exitCode, message } = await new CommandLine({ DATABASE_URL: `sqlite:${file}/lobbykey.db` }).failure(['migrate'])
  assert.equal(exitCode, 5)
  assert.match(message, /^the store cannot be used \(.*mkdir.*\): check DATABASE_URL, that the database runs, and that its disk has room$/)
})

test("[check 10] serve refuses the sandbox's store, and the sandbox a store in use", async (t) => {
  const folder = await temporaryFolder(t)
  const env = { DATABASE_URL: `sqlite:${join(folder, 'lobbykey.db')}`, LOG_LEVEL: 'silent', PORT: String(await freePort()) }
  const { exitCode } = await new CommandLine(env).run(['sandbox'])
  assert.equal(exitCode, 0)
  const { message } = await new CommandLine({ ...env, PUBLIC_URL: publicUrl }).failure(['serve', '--check-config'])
  assert.match(
    message,
    /MASTER_KEY or MASTER_KEY_FILE is required.*\n.*made by `lobbykey sandbox`.*\nmerchant agent001.*\n(?:merchant .*\n)+seller seller@example.com/,
  )

  const inUse = await commandLine(t)
  await inUse.json(['merchant', 'add', 'acme'])
  assert.match(
    (await new CommandLine({ ...inUse.env, PORT: String(await freePort()) }).failure(['sandbox'])).message,
    /not made by the sandbox/,
  )
})

test("[check 67] every verb refuses a master key that does not match the store's, and prints both fingerprints", async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme'])
  const other = new CommandLine({ ...command.env, MASTER_KEY: randomBytes(32).toString('hex'), PUBLIC_URL: publicUrl })
  for (const words of [['merchant', 'list'], ['seller', 'list'], ['serve']]) {
    const { exitCode, message } = await other.failure(words)
    assert.equal(exitCode, 2)
    assert.match(message, /not this store's: the store belongs to the key with fingerprint [0-9a-f]{12}, this one has [0-9a-f]{12}/)
  }
})

test('check-config binds nothing: a wrong master key there does no harm', async (t) => {
  const command = await commandLine(t)
  const wrong = { ...command.env, MASTER_KEY: randomBytes(32).toString('hex'), PUBLIC_URL: publicUrl }
  await new CommandLine(wrong).json(['serve', '--check-config'])
  await command.json(['merchant', 'add', 'acme'])
})

test('a missing, unmigrated or unreachable store is reported with what to do', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { PUBLIC_URL: publicUrl, MASTER_KEY: randomBytes(32).toString('hex') }
  const path = join(folder, 'none.db')
  for (const words of [['serve'], ['merchant', 'list']]) {
    const absent = await new CommandLine({ ...env, DATABASE_URL: `sqlite:${path}` }).failure(words)
    assert.deepEqual([absent.exitCode, absent.key], [2, 'configuration'])
    assert.match(absent.message, /lobbykey migrate/)
    await assert.rejects(stat(path), 'asking made no file')
    const unreachable = await new CommandLine({ ...env, DATABASE_URL: 'postgres://x:secret@127.0.0.1:1/x' }).failure(words)
    assert.deepEqual([unreachable.exitCode, unreachable.key], [5, 'store_unavailable'])
    assert.doesNotMatch(unreachable.message, /secret/)
  }
  const command = new CommandLine({ ...env, DATABASE_URL: `sqlite:${path}` })
  assert.ok((await command.json<{ applied: string[] }>(['migrate'])).applied.length > 0)
  assert.deepEqual(await command.json(['migrate']), { applied: [] })
  await rm(path)
})

test('the sandbox listens on loopback only, unless configured otherwise', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { DATABASE_URL: `sqlite:${join(folder, 'lobbykey.db')}`, LOG_LEVEL: 'silent', PORT: '18933' }
  const { exitCode, message } = await new CommandLine({ ...env, HOST: '0.0.0.0' }).failure(['sandbox'])
  assert.equal(exitCode, 2)
  assert.match(message, /HOST: 0\.0\.0\.0 is not loopback/)
  await assert.rejects(stat(join(folder, 'lobbykey.db')))
  const printed = await new CommandLine(env).json<{ commands: { command: string }[] }>(['sandbox', '--print-curl'])
  assert.equal(printed.commands.length, 2)
  assert.match(printed.commands[0]?.command ?? '', /http:\/\/127\.0\.0\.1:18933\/api\/member\/login/)
})
