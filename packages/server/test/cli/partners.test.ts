import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../src/store/open-store.ts'
import { startTestGateway } from '../support/gateway.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { CommandLine, commandLine, temporaryFolder } from './command-line.ts'

const password = 'correct horse battery staple'

test('members: add, list, lock, unlock, log out', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme'])
  const added = await command.json(['member', 'add', 'acme', 'bob_1', '--name', 'Bob', '--desc', 'a test user'])
  assert.deepEqual([added.userName, added.desc, added.status], ['Bob', 'a test user', 'Active'])
  assert.equal((await command.failure(['member', 'add', 'acme', 'bob_1'])).exitCode, 4)
  assert.equal((await command.failure(['member', 'add', 'nobody', 'bob_1'])).key, 'merchant_not_found')
  for (const words of [['b'], ['bob-1'], ['bob_2', '--name', 'B b'], ['bob_2', '--desc', 'x'.repeat(21)]]) {
    assert.equal((await command.failure(['member', 'add', 'acme', ...words])).exitCode, 2)
  }
  assert.equal((await command.json(['member', 'lock', 'acme', 'bob_1'])).status, 'LockAll')
  assert.equal((await command.json(['member', 'lock', 'acme', 'bob_1', '--status', 'Active'])).status, 'Active')
  assert.equal((await command.json(['member', 'unlock', 'acme', 'bob_1'])).status, 'Active')
  assert.equal((await command.json(['member', 'update', 'acme', 'bob_1', '--name', 'Robert', '--desc', ''])).userName, 'Robert')
  assert.equal((await command.failure(['member', 'update', 'acme', 'bob_1'])).exitCode, 2)
  assert.deepEqual((({ userName, desc }) => [userName, desc])(await command.json(['member', 'show', 'acme', 'bob_1'])), ['Robert', ''])
  await command.json(['member', 'logout', 'acme', 'bob_1'])
  for (const verb of ['lock', 'unlock', 'show', 'logout'])
    assert.equal((await command.failure(['member', verb, 'acme', 'nobody'])).key, 'member_not_found')
  await command.json(['member', 'add', 'acme', 'ann_1'])
  const { members } = await command.json<{ members: { userId: string }[] }>(['member', 'list', 'acme'])
  assert.deepEqual(
    members.map(({ userId }) => userId),
    ['ann_1', 'bob_1'],
  )
  for (const words of [
    ['--begins', 'bo'],
    ['--name', 'Rob'],
    ['--after', 'ann_1'],
  ]) {
    const found = await command.json<{ members: { userId: string }[] }>(['member', 'list', 'acme', ...words])
    assert.deepEqual(
      found.members.map(({ userId }) => userId),
      ['bob_1'],
      words.join(' '),
    )
  }
  assert.equal((await command.failure(['member', 'list', 'acme', '--name', 'R', '--begins', 'b'])).exitCode, 2)
  const page = await command.run(['member', 'list', 'acme', '--limit', '1'])
  assert.match(page.output, /There are more: --after ann_1/)
  assert.equal((await command.failure(['member', 'list', 'acme', '--limit', '0'])).exitCode, 2)
})

test('sellers: the password comes from standard input, complete but for its line break, and is never an argument', async (t) => {
  const command = await commandLine(t)
  assert.equal((await command.failure(['seller', 'add', 'ops@acme.example', password])).key, 'usage')
  for (const input of ['', 'fourteen chars', 'x'.repeat(257)])
    assert.equal((await command.failure(['seller', 'add', 'ops@acme.example'], input)).exitCode, 2)
  assert.equal((await command.failure(['seller', 'add', 'ops@acme'], password)).exitCode, 2)
  const added = await command.json(['seller', 'add', 'Ops@Acme.example'], `${password}\n`)
  assert.equal(added.email, 'ops@acme.example')
  assert.equal((await command.failure(['seller', 'add', 'OPS@acme.example'], password)).exitCode, 4)
  assert.equal((await command.json(['seller', 'show', 'ops@acme.EXAMPLE'])).sellerId, added.sellerId)
  for (const verb of ['enable', 'disable', 'unlock']) assert.ok(await command.json(['seller', verb, 'ops@acme.example']))
  assert.equal((await command.json(['seller', 'show', 'ops@acme.example'])).status, 'disabled')
  assert.ok(await command.json(['seller', 'set-password', 'ops@acme.example'], 'another fine password'))
  assert.deepEqual(await command.json(['seller', 'sessions', 'ops@acme.example']), { sessions: [] })
  assert.equal((await command.json(['seller', 'sessions', 'ops@acme.example', '--end'])).ended, 0)
  for (const verb of ['show', 'enable', 'disable', 'unlock', 'set-password', 'sessions']) {
    const { exitCode, key } = await command.failure(['seller', verb, 'nobody@acme.example'], password)
    assert.deepEqual([exitCode, key], [3, 'not_found'], verb)
  }
  const { sellers } = await command.json<{ sellers: object[] }>(['seller', 'list'])
  assert.equal(sellers.length, 1)
  await command.json(['seller', 'update', 'ops@acme.example', '--label', 'team=pay'])
  assert.match((await command.run(['seller', 'list'])).output, /^EMAIL .* LABELS\nops@acme\.example .* team=pay\n$/)
  assert.doesNotMatch(JSON.stringify(sellers), /argon2|password/i)
})

test('[check 9] a reset link is built on PUBLIC_URL alone, works once, and its token is stored as a hash', async (t) => {
  const gateway = await startTestGateway()
  t.after(() => gateway.close())
  const { databaseUrl, masterKey } = gateway.settings
  const env = {
    DATABASE_URL: databaseUrl,
    MASTER_KEY: Buffer.from(masterKey).toString('base64'),
    ARGON2_MEMORY_KIB: '7168',
    ARGON2_PASSES: '5',
  }
  const command = new CommandLine({ ...env, PUBLIC_URL: 'https://login.example.com' })
  const { url, expiresAt } = await command.json<{ url: string; expiresAt: string }>(['seller', 'reset', 'Seller@example.com'])
  const token = /^https:\/\/login\.example\.com\/reset#([\w-]{43})&seller%40example\.com$/.exec(url)?.[1] ?? assert.fail(url)
  assert.equal(Date.parse(expiresAt), command.clock.now() + 3_600_000)
  assert.match((await command.run(['seller', 'reset', 'seller@example.com'])).output, /works once, until .*Z:\nhttps:/)
  const reset = async (resetToken: string) =>
    (await gateway.post('/merchant-api/seller/auth/password/reset', { resetToken, newPassword: password })).status
  assert.equal(await reset(token), 401, 'the second link voids the first')
  const newest = (await command.json<{ url: string }>(['seller', 'reset', 'seller@example.com'])).url.split(/[#&]/)[1] ?? ''
  assert.equal(await reset(newest), 200)
  assert.equal(await reset(newest), 401)
  assert.equal((await command.failure(['seller', 'reset', 'nobody@example.com'])).exitCode, 3)
  // A sandbox knows its own address; any other server's must be configured.
  const { url: local } = await new CommandLine(env).json<{ url: string }>(['seller', 'reset', 'seller@example.com'])
  assert.match(local, /^http:\/\/127\.0\.0\.1:8080\/reset#/)
  const other = await commandLine(t)
  await other.json(['seller', 'add', 'ops@acme.example'], password)
  const { key, message } = await other.failure(['seller', 'reset', 'ops@acme.example'])
  assert.deepEqual([key, /^PUBLIC_URL is required/.test(message)], ['configuration', true])
})

test('[check 35] [check 64] changes made here apply in a running server', async (t) => {
  const gateway = await startTestGateway()
  t.after(() => gateway.close())
  const { databaseUrl, masterKey } = gateway.settings
  const command = new CommandLine({ DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.from(masterKey).toString('base64') })
  const login = async (body: Record<string, unknown>) => {
    await gateway.hearChanges()
    return (((await gateway.post('/api/member/login', body)).json ?? {}) as { code: number }).code
  }
  const fresh = () => {
    gateway.clock.advance(1_000)
    return signed(loginBody(gateway.clock.now()))
  }
  assert.equal(await login(fresh()), 200)
  await command.json(['merchant', 'disable', 'agent001'])
  assert.equal(await login(fresh()), 700101)
  await command.json(['merchant', 'enable', 'agent001'])
  await command.json(['merchant', 'update', 'agent001', '--allow', '192.0.2.0/24'])
  assert.equal(await login(fresh()), 408003)
  await command.json(['merchant', 'update', 'agent001', '--allow', '127.0.0.1'])
  await command.json(['member', 'lock', 'agent001', 'uid001'])
  assert.equal(await login(fresh()), 700108)
  await command.json(['member', 'lock', 'agent001', 'uid001', '--status', 'Active'])
  const { keyId } = (await command.json<{ keys: { keyId: string }[] }>(['merchant', 'show', 'agent001'])).keys[0] ?? assert.fail()
  await command.json(['merchant', 'rotate-key', 'agent001'])
  assert.equal(await login(fresh()), 200, 'the old key stays good')
  await command.json(['merchant', 'retire-key', 'agent001', keyId, '--force'])
  assert.equal(await login(fresh()), 600100)
})

test('[check 21] a seller disabled here loses their tokens in a running server', async (t) => {
  const gateway = await startTestGateway()
  t.after(() => gateway.close())
  const { databaseUrl, masterKey } = gateway.settings
  const command = new CommandLine({ DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.from(masterKey).toString('base64') })
  const credentials = { email: 'seller@example.com', password: 'sandbox-orchard-lantern' }
  const { data } = (await gateway.post('/merchant-api/seller/auth/login', credentials)).json as { data: { accessToken: string } }
  const me = async () => {
    await gateway.hearChanges()
    const answer = await gateway.request('GET', '/merchant-api/seller/auth/me', {
      headers: { authorization: `Bearer ${data.accessToken}` },
    })
    return (answer.json as { code: string }).code
  }
  assert.equal(await me(), '0000')
  const listed = async () =>
    (await command.json<{ sessions: { address: string; state: string; endedAt: string }[] }>(['seller', 'sessions', 'seller@example.com']))
      .sessions
  assert.equal((await listed())[0]?.address, '127.0.0.1')
  await command.json(['seller', 'sessions', 'seller@example.com', '--end'])
  assert.equal(await me(), '10010')
  await gateway.post('/merchant-api/seller/auth/login', credentials)
  await command.json(['keys', 'reset', '--yes'])
  const states = (await listed()).map(({ state, endedAt }) => [state, endedAt !== null])
  assert.deepEqual(states.sort(), [
    ['ended: key retired', true],
    ['ended: operator', true],
  ])
})

test('a catalogue is imported completely or not at all, and every problem is reported', async (t) => {
  const command = await commandLine(t)
  const file = join(await temporaryFolder(t), 'catalogue.json')
  const example = readFileSync(new URL('../../../../docs/command-line.md', import.meta.url), 'utf8').match(/```json\n([^`]*)```/)?.[1] ?? ''
  await writeFile(file, example)
  const { difference, ...counts } = await command.json<{ difference: { limits: { added: string[] } } }>(['catalogue', 'import', file])
  assert.deepEqual(counts, { games: 1, tables: 1, limits: 2 })
  assert.deepEqual(difference.limits.added, ['USD_101 110101', 'USD_101 110102'])
  const whole = JSON.parse(example) as { games: object[]; tables: object[]; limits: object[] }
  const wrong: [unknown, RegExp][] = [
    [[], /one JSON object/],
    [{ ...whole, extra: [] }, /extra is not a part/],
    [{ games: whole.games, tables: whole.tables }, /limits must be a list/],
    [{ ...whole, games: [] }, /tables\[0\]\.game_id 101 is not one of games/],
    [{ ...whole, games: [...whole.games, ...whole.games] }, /games\[1\] repeats 101/],
    [{ ...whole, tables: [{ ...whole.tables[0], status: true }] }, /tables\[0\]\.status must be/],
    [
      { ...whole, tables: [{ ...whole.tables[0], inst_id: 'a b', name: 'x' }] },
      /tables\[0\]\.name is not a field.*tables\[0\]\.inst_id must be/,
    ],
    [
      { ...whole, limits: [{ ...whole.limits[0], currency: 'usd', seq: 1.5, max_limit: 100 }] },
      /currency must be.*max_limit must be.*seq must be/,
    ],
    [{ ...whole, limits: [{ ...whole.limits[0], min_limit: '101' }] }, /min_limit 101 is above max_limit 100/],
    [{ ...whole, limits: [whole.limits[0], { ...whole.limits[1], seq: 1 }] }, /repeats USD 101 seq 1/],
    [{ ...whole, games: [{ game_id: '101', names: {} }] }, /games\[0\]\.names must be/],
    [{ ...whole, games: ['101'] }, /games\[0\] must be an object/],
    [{ ...whole, games: [...whole.games, { game_id: 'rand', names: { en: 'x' } }] }, /games\[1\]\.game_id must not be rand/],
  ]
  for (const [content, message] of wrong) {
    await writeFile(file, JSON.stringify(content))
    const failure = await command.failure(['catalogue', 'import', file])
    assert.equal(failure.exitCode, 2)
    assert.match(failure.message, message)
  }
  assert.equal((await command.failure(['catalogue', 'import', `${file}.not`])).exitCode, 3)
  const store = await openStore({ url: command.env.DATABASE_URL ?? '' })
  t.after(() => store.close())
  assert.equal((await store.catalogue.load()).limits.length, 2)
})
