import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/open-store.ts'
import { freePort } from '../support/server-process.ts'
import { CommandLine, commandLine, temporaryFolder } from './command-line.ts'

test('--reset starts over, and deletes only a store that a sandbox made and nobody has open', async (t) => {
  const path = join(await temporaryFolder(t), 'lobbykey.db')
  const env = {
    DATABASE_URL: `sqlite:${path}`,
    LOG_LEVEL: 'silent',
    PORT: String(await freePort()),
    ARGON2_MEMORY_KIB: '7168',
    ARGON2_PASSES: '5',
  }
  const command = new CommandLine(env)
  assert.equal((await command.run(['sandbox', '--reset'])).exitCode, 0, 'nothing to remove yet')
  await command.json(['merchant', 'add', 'mine'])
  const held = await openStore({ url: env.DATABASE_URL })
  await held.ping()
  assert.match((await command.failure(['sandbox', '--reset'])).message, /is in use/)
  await held.close()
  await command.json(['merchant', 'show', 'mine'])
  const { output } = await command.run(['sandbox', '--reset'])
  assert.match(output, /agent_id foreignip .*408003/)
  assert.equal((await command.failure(['merchant', 'show', 'mine'])).key, 'merchant_not_found')

  const other = await commandLine(t)
  await other.json(['merchant', 'add', 'real'])
  const reset = await new CommandLine({ ...other.env, PORT: env.PORT }).failure(['sandbox', '--reset'])
  assert.match(reset.message, /was not made by the sandbox/)
  await other.json(['merchant', 'show', 'real'])
  const foreign = new CommandLine({ ...env, DATABASE_URL: 'postgres://x@127.0.0.1:1/x', MASTER_KEY: '0'.repeat(64) })
  assert.match((await foreign.failure(['sandbox', '--reset'])).message, /only deletes a SQLite file/)
})

test("verbs at a sandbox's store use its settings, not the defaults of production", async (t) => {
  const taken = createServer().listen(await freePort(), '127.0.0.1')
  t.after(() => taken.close())
  const env = {
    DATABASE_URL: `sqlite:${join(await temporaryFolder(t), 'lobbykey.db')}`,
    LOG_LEVEL: 'silent',
    PORT: String(await freePort()),
    ADMIN_PORT: String((taken.address() as AddressInfo).port),
    ARGON2_MEMORY_KIB: '7168',
    ARGON2_PASSES: '5',
  }
  const { consoleUrl } = await new CommandLine(env).json<{ consoleUrl: string }>(['sandbox'])
  assert.notEqual(new URL(consoleUrl).port, env.ADMIN_PORT)
  const beside = new CommandLine({ DATABASE_URL: env.DATABASE_URL })
  assert.deepEqual((await beside.json(['merchant', 'show', 'agent001'])).warnings, [])
  const { link } = await beside.json<{ link: string }>(['operator', 'add', 'ops@example.com'])
  assert.equal(new URL(link).origin, new URL(consoleUrl).origin)
  const reset = await beside.json<{ url: string }>(['seller', 'reset', 'seller@example.com'])
  assert.equal(new URL(reset.url).port, env.PORT)
})

test('--reset leaves a foreign file alone', async (t) => {
  const path = join(await temporaryFolder(t), 'foreign.db')
  const store = await openStore({ url: `sqlite:${path}` })
  await store.close()
  const command = new CommandLine({ DATABASE_URL: `sqlite:${path}`, LOG_LEVEL: 'silent', PORT: String(await freePort()) })
  assert.match((await command.failure(['sandbox', '--reset'])).message, /was not made by the sandbox/)
  await stat(path)
  const migrated = await openStore({ url: `sqlite:${path}` })
  await migrate(migrated)
  await migrated.close()
  assert.match((await command.failure(['sandbox', '--reset'])).message, /was not made by the sandbox/)
})

test('production knows neither faults nor a clock offset', async (t) => {
  const command = await commandLine(t)
  for (const option of ['--clock-offset=5', '--reset']) {
    assert.equal((await command.failure(['serve', option])).key, 'usage')
  }
  assert.equal((await command.failure(['sandbox', '--clock-offset', 'soon'])).key, 'usage')
})
