import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { AdminClient } from 'lobbykey-client/admin'
import { findConfigurationFolder } from '../../src/config/read-env.ts'
import { addOperator, addToken } from '../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { enrol } from '../support/operator-accounts.ts'
import { RecordingServer } from '../support/recording-server.ts'
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
  const { path } = await command.json<{ path: string }>(['connect', url, '--with-token'], `${token}\n`)
  assert.equal(path, join(folder, 'lobbykey', 'connections.json'))
  assert.deepEqual([statSync(path).mode & 0o777, statSync(join(folder, 'lobbykey')).mode & 0o777], [0o600, 0o700])
  assert.equal((await command.json(['merchant', 'show', 'agent001'])).agentId, 'agent001')
  assert.equal((await command.json(['disconnect'])).url, url)
  assert.equal((await command.json(['disconnect'])).url, null)
  assert.doesNotMatch(readFileSync(path, 'utf8'), /lk_/)
})

test('a token with any right is accepted, such as the one of the first call in admin-api.md', async (t) => {
  const command = new CommandLine({ XDG_CONFIG_HOME: await temporaryFolder(t) })
  const narrow = await addToken(gateway, await addOperator(gateway, 'owner'), { rights: ['merchants.read', 'merchants.write'] })
  await command.json(['connect', url, '--with-token'], narrow)
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
    const failure = await command.failure(['connect', where, '--with-token'], secret)
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
  const { path } = await saved.json<{ path: string }>(['connect', url, '--with-token'], token)
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

/** A command line whose waiting is the gateway's time, and does `meanwhile` with the code that was shown. */
function asking(folder: string, meanwhile: (userCode: string) => Promise<unknown>) {
  const command = new CommandLine({ XDG_CONFIG_HOME: folder })
  const waits: number[] = []
  command.pause = async (ms) => {
    waits.push(ms)
    gateway.clock.advance(ms)
    await meanwhile(/^ {4}([A-Z]{4}-[A-Z]{4})$/m.exec(command.shown())?.[1] ?? '')
  }
  return { command, waits }
}

test('[check 63] an operator confirms the code, and the token is in a file that only its user reads; disconnect revokes it', async (t) => {
  const folder = await temporaryFolder(t)
  const owner = await enrol(gateway, 'owner')
  const decide = async (userCode: string) =>
    assert.equal((await owner.visitor.call('POST', '/connections/allow', { userCode })).status, 200)
  const { command, waits } = asking(folder, decide)
  const { exitCode, output, errorOutput } = await command.run(['connect', url, '--role', 'support', '--days', '7', '--json'])
  assert.equal(exitCode, 0, errorOutput)
  assert.match(errorOutput, /^Open http\S+\/console\/connect\n/)
  assert.deepEqual(waits, [5_000])
  const answer = JSON.parse(output)
  assert.deepEqual([answer.url, answer.email], [url, owner.email])
  assert.doesNotMatch(output + errorOutput, /lk_/, 'the token is shown nowhere')
  assert.equal(statSync(answer.path).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(join(folder, 'lobbykey')), ['connections.json'])
  assert.equal((await command.json(['merchant', 'show', 'agent001'])).agentId, 'agent001')
  assert.equal((await command.failure(['merchant', 'add', 'acme'])).key, 'forbidden')
  const found = await gateway.store.apiTokens.find(answer.tokenId)
  assert.equal(found?.token.expiresAt, Date.parse(answer.expiresAt))

  // A file whose mode lets others read is replaced, not written into.
  chmodSync(answer.path, 0o644)
  await command.json(['connect', url, '--use'])
  assert.equal(statSync(answer.path).mode & 0o777, 0o600)
  const { servers } = await command.json<{ servers: object[] }>(['connect', '--list'])
  const { tokenId, email, expiresAt } = answer
  assert.deepEqual(servers, [{ url, isCurrent: true, tokenId, email, expiresAt }])
  assert.deepEqual(await command.json(['disconnect']), { url, revoked: true })
  assert.notEqual((await gateway.store.apiTokens.find(tokenId))?.token.revokedAt, null)
  assert.deepEqual(await command.json(['connect', '--list']), { servers: [] })
})

test('what is denied, expires or is asked for too often ends in words and a code, and saves nothing', async (t) => {
  const folder = await temporaryFolder(t)
  const owner = await enrol(gateway, 'owner')
  const denied = asking(folder, (userCode) => owner.visitor.call('POST', '/connections/deny', { userCode }))
  const refusal = await denied.command.run(['connect', url])
  assert.deepEqual([refusal.exitCode, /the operator denied it; nothing is saved/.test(refusal.errorOutput)], [4, true])
  const late = asking(folder, async () => {})
  const expiry = await late.command.run(['connect', url])
  assert.deepEqual([expiry.exitCode, /nobody confirmed the code in time/.test(expiry.errorOutput)], [4, true])
  assert.equal(late.waits.length, 120, 'every five seconds for ten minutes')
  for (let count = 0; count < 5; count++) await ask(url)
  const full = await late.command.run(['connect', url])
  assert.deepEqual([full.exitCode, /too many programs wait to be connected/.test(full.errorOutput)], [5, true])
  const none = await late.command.failure(['connect'])
  assert.deepEqual([none.exitCode, none.message], [2, 'the URL is missing: name the server'])
  assert.equal((await late.command.failure(['connect', url, '--use'])).exitCode, 3)
  assert.deepEqual(await late.command.json(['connect', '--list']), { servers: [] })
})

function ask(baseUrl: string) {
  return new AdminClient({ baseUrl }).connect('request', { host: 'laptop', user: 'ann', name: 'ann' })
}

test('several servers are saved side by side, and one of them is the one that commands run on', async (t) => {
  const command = new CommandLine({ XDG_CONFIG_HOME: await temporaryFolder(t) })
  const other = url.replace('127.0.0.1', 'localhost')
  await command.json(['connect', url, '--with-token'], token)
  await command.json(['connect', other, '--with-token'], token)
  const current = async () => {
    const { servers } = await command.json<{ servers: { url: string; isCurrent: boolean }[] }>(['connect', '--list'])
    return servers.map((server) => [server.url, server.isCurrent])
  }
  assert.deepEqual(await current(), [
    [url, false],
    [other, true],
  ])
  await command.json(['connect', url, '--use'])
  assert.deepEqual(await current(), [
    [url, true],
    [other, false],
  ])
  assert.deepEqual(await command.json(['disconnect', other]), { url: other, revoked: false })
  assert.deepEqual(await current(), [[url, true]])
  assert.equal((await command.json(['merchant', 'show', 'agent001'])).agentId, 'agent001')
})

test('the configuration folder is the one of the system', () => {
  const windows = { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming', USERPROFILE: 'C:\\Users\\ann' }
  assert.equal(findConfigurationFolder(windows, 'win32'), windows.APPDATA)
  assert.equal(findConfigurationFolder({ HOME: '/home/ann' }, 'linux'), '/home/ann/.config')
  assert.equal(findConfigurationFolder({ HOME: '/home/ann', XDG_CONFIG_HOME: '/etc/ann' }, 'linux'), '/etc/ann')
  assert.equal(findConfigurationFolder({ HOME: '/home/ann', XDG_CONFIG_HOME: 'relative' }, 'linux'), '/home/ann/.config')
})

test('a server that answers otherwise than Lobbykey is not polled without a pause, and no token of its is saved', async (t) => {
  const server = await RecordingServer.start()
  t.after(() => server.close())
  const command = new CommandLine({ XDG_CONFIG_HOME: await temporaryFolder(t) })
  const pauses: number[] = []
  command.pause = async (ms) => {
    pauses.push(ms)
  }
  const asked = { deviceCode: 'A'.repeat(43), userCode: 'BCDF-GHJK', verificationUrl: url, expiresAt: '2026-01-01T00:10:00.000Z' }
  for (const [pollSeconds, outcome] of [
    [-5, { state: 'granted', token: 'lk_no\r\nX-Other: 1', tokenId: 'one', email: 'a@example.com', expiresAt: asked.expiresAt }],
    [0, { state: 'accepted' }],
    [1e12, {}],
    [undefined, { state: 'granted' }],
  ] as const) {
    server.answer = (request, response) => {
      const answer = request.url?.endsWith('/connect/requests') ? { ...asked, pollSeconds } : outcome
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    }
    const { exitCode, errorOutput } = await command.run(['connect', `http://127.0.0.1:${server.port}`])
    assert.deepEqual([exitCode, /does not answer as Lobbykey does/.test(errorOutput)], [5, true], errorOutput)
  }
  assert.deepEqual(pauses, [1_000, 1_000, 60_000, 60_000])
  assert.deepEqual(await command.json(['connect', '--list']), { servers: [] })
})
