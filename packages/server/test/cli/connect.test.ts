import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { addOperator, addToken } from '../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { CommandLine, temporaryFolder } from './command-line.ts'

let gateway: TestGateway
let url: string
let token: string
before(async () => {
  gateway = await startTestGateway({ settings: { adminPort: 8081 } })
  url = await gateway.admin.listen({ host: '127.0.0.1', port: 0 })
  token = await addToken(gateway, await addOperator(gateway, 'owner'))
})
after(() => gateway.close())

test('[check 63] a connection is tried, saved readable by its user only, used, and forgotten', async (t) => {
  const folder = await temporaryFolder(t)
  const command = new CommandLine({ XDG_CONFIG_HOME: folder })
  const { path } = await command.json<{ path: string }>(['connect', url], `${token}\n`)
  assert.equal(path, join(folder, 'lobbykey', 'connection.json'))
  assert.deepEqual([statSync(path).mode & 0o777, statSync(join(folder, 'lobbykey')).mode & 0o777], [0o600, 0o700])
  assert.equal((await command.json(['merchant', 'show', 'agent001'])).agentId, 'agent001')
  assert.equal((await command.json(['disconnect'])).url, url)
  assert.equal((await command.json(['disconnect'])).url, null)
  assert.throws(() => readFileSync(path))
})

test('a token with any right is accepted, such as the one of the first call in admin-api.md', async (t) => {
  const command = new CommandLine({ XDG_CONFIG_HOME: await temporaryFolder(t) })
  const narrow = await addToken(gateway, await addOperator(gateway, 'owner'), { rights: ['merchants.read', 'merchants.write'] })
  await command.json(['connect', url], narrow)
  assert.equal((await command.json(['merchant', 'show', 'agent001'])).agentId, 'agent001')
})

test('an invalid or expired token and a wrong server are not saved, and no message contains a token', async (t) => {
  const command = new CommandLine({ XDG_CONFIG_HOME: await temporaryFolder(t) })
  const wrong: [string, string, number][] = [
    [url, 'hello', 2],
    [url, `lk_${'A'.repeat(43)}`, 4],
    ['http://login.example.com', token, 2],
    ['http://127.0.0.1:1', token, 5],
  ]
  for (const [where, secret, exitCode] of wrong) {
    const failure = await command.failure(['connect', where], secret)
    assert.equal(failure.exitCode, exitCode, failure.message)
    assert.doesNotMatch(failure.message, new RegExp(secret))
  }
  assert.equal((await command.json(['disconnect'])).url, null)
})

test('a store and a server at once are refused; a URL without a token is reported; a broken file is named', async (t) => {
  const folder = await temporaryFolder(t)
  const both = new CommandLine({ XDG_CONFIG_HOME: folder, DATABASE_URL: 'sqlite:nowhere.db', LOBBYKEY_URL: url, LOBBYKEY_TOKEN: token })
  assert.match((await both.failure(['merchant', 'list'])).message, /LOBBYKEY_URL and DATABASE_URL are both set/)
  const half = new CommandLine({ XDG_CONFIG_HOME: folder, LOBBYKEY_URL: url })
  assert.match((await half.failure(['merchant', 'list'])).message, /LOBBYKEY_TOKEN or LOBBYKEY_TOKEN_FILE is required/)
  const saved = new CommandLine({ XDG_CONFIG_HOME: folder })
  const { path } = await saved.json<{ path: string }>(['connect', url], token)
  assert.equal((await half.json(['merchant', 'show', 'agent001'])).agentId, 'agent001')
  writeFileSync(path, '{}')
  const broken = await saved.failure(['merchant', 'list'])
  assert.deepEqual([broken.exitCode, broken.message.includes(path)], [2, true])
})

test('a forbidden operation is refused with its reason and exit code 4', async () => {
  const support = await addToken(gateway, await addOperator(gateway, 'support'))
  const command = new CommandLine({ LOBBYKEY_URL: url, LOBBYKEY_TOKEN: support })
  const { exitCode, key, message } = await command.failure(['merchant', 'add', 'acme'])
  assert.deepEqual([exitCode, key, message], [4, 'forbidden', 'it takes the right merchants.write, which you do not have'])
})
