import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { sqliteFileOf } from '../../src/store/database-url.ts'
import { openStore } from '../../src/store/open-store.ts'
import { CommandLine, commandLine } from './command-line.ts'

interface Merchant {
  status: string
  currencies: string[]
  allow: string[]
  callbackOrigins: string[]
  lobbyUrl: string | null
  lobbyUrls: Record<string, string | null>
  launch: string
  sessions: string
  ratePerSecond: number | null
  autoCreateMembers: boolean
  sign: string
  callback: string
  keys: { keyId: string; status: string }[]
}

function show(command: CommandLine): Promise<Merchant> {
  return command.json<Merchant>(['merchant', 'show', 'acme'])
}

test('[check 66] add makes a key of 32 letters and digits and shows it once; the store has it encrypted only [check 67]', async (t) => {
  const command = await commandLine(t)
  const { key } = await command.json<{ key: string }>(['merchant', 'add', 'acme', '--currency', 'USD'])
  assert.match(key, /^[A-Za-z0-9]{32}$/)
  const folder = dirname((command.env.DATABASE_URL ?? '').slice('sqlite:'.length))
  for (const file of await readdir(folder)) assert.equal((await readFile(join(folder, file))).includes(key), false, file)
  for (const words of [
    ['merchant', 'show', 'acme'],
    ['merchant', 'list'],
  ]) {
    for (const form of [[], ['--json']]) assert.doesNotMatch((await command.run([...words, ...form])).output, new RegExp(key))
  }
})

test('add sets the given options, and update changes only the named ones', async (t) => {
  const command = await commandLine(t)
  const options = ['--currency', 'USD,VND', '--currency', 'VND2', '--allow', '10.0.0.0/8', '--allow', '::1,192.0.2.7']
  const more = [
    '--callback-origin',
    'https://A.example:443',
    '--callback-origin',
    'MyApp://done',
    '--frame-ancestor',
    'https://www.a.example',
    '--lobby-url',
    'https://l.example/x?y=1#z',
    '--rate-per-second',
    '0',
  ]
  await command.json([
    'merchant',
    'add',
    'acme',
    ...options,
    ...more,
    '--auto-create-members',
    '--sign',
    'hmac-sha256',
    '--callback',
    'signed',
  ])
  const { keys: _keys, ...added } = await show(command)
  assert.deepEqual(
    { ...added, createdAt: '', updatedAt: '' },
    {
      agentId: 'acme',
      status: 'enabled',
      currencies: ['USD', 'VND', 'VND2'],
      allow: ['10.0.0.0/8', '::1', '192.0.2.7'],
      callbackOrigins: ['https://a.example', 'myapp://done'],
      lobbyUrl: 'https://l.example/x?y=1#z',
      lobbyUrls: { ios: null, android: null, h5: null, web: null },
      frameAncestors: ['https://www.a.example'],
      launch: 'token',
      sessions: 'many',
      ratePerSecond: 0,
      autoCreateMembers: true,
      sign: 'hmac-sha256',
      callback: 'signed',
      labels: {},
      createdAt: '',
      updatedAt: '',
      clock: null,
      warnings: [],
    },
  )
  await command.json([
    'merchant',
    'update',
    'acme',
    '--currency',
    'USD',
    '--allow',
    'none',
    '--lobby-url',
    'none',
    '--no-auto-create-members',
  ])
  const updated = await show(command)
  assert.deepEqual([updated.currencies, updated.allow, updated.lobbyUrl, updated.autoCreateMembers], [['USD'], [], null, false])
  assert.deepEqual(
    [updated.callbackOrigins, updated.ratePerSecond, updated.sign],
    [['https://a.example', 'myapp://done'], 0, 'hmac-sha256'],
  )
  await command.json(['merchant', 'update', 'acme', '--rate-per-second', 'default', '--callback-origin', 'none'])
  const cleared = await show(command)
  assert.deepEqual([cleared.ratePerSecond, cleared.callbackOrigins], [null, []])
})

test('[check 34] [check 35] invalid settings are refused with the value, and nothing is written', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme', '--currency', 'USD'])
  const before = await show(command)
  const wrong: [string, ...string[]][] = [
    ['--currency', 'US', 'usd', 'A'.repeat(11), 'USD,,VND'],
    ['--allow', '10.0.0.300', '10.0.0.0/33', '::/129', '010.0.0.1', 'fe80::1%eth0', 'localhost', '10.0.0.0/08', ''],
    [
      '--callback-origin',
      'http://a.example',
      'https://a.example/x',
      'https://u@a.example',
      'https://a.example?x',
      'a.example',
      'https://a.example\\',
      'javascript:1',
      'javascript://done',
      'intent://done',
      'myapp:done',
    ],
    [
      '--frame-ancestor',
      'http://a.example',
      'https://a.example/x',
      'https://*.a.example',
      'https://a.example; script-src *',
      'myapp://done',
      '*',
    ],
    [
      '--lobby-url',
      'http://a.example',
      '/lobby',
      'https://u:p@a.example',
      'https://a.example/?token=1',
      'https://a.example/?a=1&agent_id=',
      'https://a.example/ x',
      '',
    ],
    ['--rate-per-second', '-1', '1.5', 'x', '1000001', '01'],
    ['--sign', 'MD5', 'sha256'],
    ['--callback', 'yes'],
  ]
  for (const [option, ...values] of wrong) {
    for (const value of values)
      assert.equal((await command.failure(['merchant', 'update', 'acme', option, value])).exitCode, 2, `${option} ${value}`)
  }
  assert.deepEqual(await show(command), before)
  for (const id of ['a b', 'é', 'x'.repeat(65), 'a&b']) assert.equal((await command.failure(['merchant', 'add', id])).exitCode, 2)
})

test('lobby URLs are set platform by platform; launch and sessions are settings like the others', async (t) => {
  const command = await commandLine(t)
  const urls = ['--lobby-url', 'https://l.example/', '--lobby-url', 'h5=https://m.example/', '--lobby-url', 'web=https://w.example/?a=1']
  await command.json(['merchant', 'add', 'acme', ...urls, '--launch', 'ticket', '--sessions', 'refuse'])
  const lobby = async () => {
    const { lobbyUrl, lobbyUrls, launch, sessions } = await show(command)
    return { lobbyUrl, ...lobbyUrls, launch, sessions }
  }
  const added = { lobbyUrl: 'https://l.example/', ios: null, android: null, h5: 'https://m.example/', web: 'https://w.example/?a=1' }
  assert.deepEqual(await lobby(), { ...added, launch: 'ticket', sessions: 'refuse' })
  await command.json(['merchant', 'update', 'acme', '--lobby-url', 'h5=none', '--lobby-url', 'ios=https://i.example/'])
  const updated = { ...added, h5: null, ios: 'https://i.example/' }
  assert.deepEqual(await lobby(), { ...updated, launch: 'ticket', sessions: 'refuse' })
  await command.json(['merchant', 'update', 'acme', '--lobby-url', 'none', '--launch', 'token', '--sessions', 'newest-wins'])
  assert.deepEqual(await lobby(), { ...updated, lobbyUrl: null, launch: 'token', sessions: 'newest-wins' })
  for (const wrong of ['h5=http://a.example', 'H5=https://a.example', 'pc=https://a.example', 'web=https://a.example/?token=1', 'h5=']) {
    assert.equal((await command.failure(['merchant', 'update', 'acme', '--lobby-url', wrong])).exitCode, 2, wrong)
  }
  for (const wrong of ['Ticket', 'both'])
    assert.equal((await command.failure(['merchant', 'update', 'acme', '--launch', wrong])).exitCode, 2)
  assert.equal((await command.failure(['merchant', 'update', 'acme', '--sessions', 'one'])).exitCode, 2)
  assert.match(
    (await command.run(['merchant', 'show', 'acme'])).output,
    /lobby URL, ios +https:\/\/i\.example\/\n.*web.*\n.*token\n.*newest wins/,
  )
})

test('loopback may be http', async (t) => {
  const command = await commandLine(t)
  await command.json([
    'merchant',
    'add',
    'acme',
    '--callback-origin',
    'http://127.0.0.1:3000,http://[::1]:3000,http://localhost',
    '--lobby-url',
    'http://localhost:3000/l',
  ])
  assert.equal((await show(command)).callbackOrigins.length, 3)
  assert.equal((await command.failure(['merchant', 'update', 'acme', '--callback-origin', 'http://localhost.example'])).exitCode, 2)
})

test('[check 34] a callback origin with a wildcard is refused when set, and causes a warning where it is stored', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme', '--callback-origin', 'https://a.example'])
  for (const origin of ['https://*.a.example', 'https://*', 'https://a.example:*', 'https://a*.example']) {
    const { exitCode, message } = await command.failure(['merchant', 'update', 'acme', '--callback-origin', origin])
    assert.equal(exitCode, 2)
    assert.match(message, /callback origin/)
  }
  assert.equal((await command.failure(['merchant', 'update', 'acme', '--lobby-url', 'https://*.a.example/l'])).exitCode, 2)
  // As an earlier version accepted it.
  const database = new DatabaseSync(sqliteFileOf(command.env.DATABASE_URL ?? '') ?? assert.fail())
  database.prepare("update merchants set settings = replace(settings, 'https://a.example', 'https://*.a.example')").run()
  database.close()
  const serve = new CommandLine({ ...command.env, PUBLIC_URL: 'https://login.example.com' })
  const { warnings } = await serve.json<{ warnings: string[] }>(['serve', '--check-config'])
  assert.ok(
    warnings.some((warning) => /merchant acme has the callback origin https:\/\/\*\.a\.example/.test(warning)),
    warnings.join(),
  )
})

test('[check 68] two keys are active until one is retired, never none', async (t) => {
  const command = await commandLine(t)
  const first = await command.json<{ keyId: string }>(['merchant', 'add', 'acme'])
  assert.deepEqual(await command.failure(['merchant', 'retire-key', 'acme', first.keyId]), {
    exitCode: 4,
    key: 'conflict',
    message: `${first.keyId} is the last active key of acme; add another with rotate-key first`,
  })
  command.clock.advance(1)
  const second = await command.json<{ keyId: string; key: string }>(['merchant', 'rotate-key', 'acme'])
  assert.match(second.key, /^[A-Za-z0-9]{32}$/)
  assert.equal((await command.failure(['merchant', 'rotate-key', 'acme'])).key, 'conflict')
  assert.deepEqual(
    (await show(command)).keys.map(({ status }) => status),
    ['active', 'active'],
  )
  const early = await command.failure(['merchant', 'retire-key', 'acme', first.keyId])
  assert.deepEqual([early.exitCode, early.key], [4, 'conflict'])
  assert.match(early.message, /no other key has verified a request yet; --force/)
  await command.json(['merchant', 'retire-key', 'acme', first.keyId, '--force'])
  assert.deepEqual(
    (await show(command)).keys.map(({ keyId, status }) => [keyId, status]),
    [
      [first.keyId, 'retired'],
      [second.keyId, 'active'],
    ],
  )
  assert.equal((await command.failure(['merchant', 'retire-key', 'acme', first.keyId])).exitCode, 3)
})

test('[check 66] an imported key has 16 to 128 letters and digits, comes from standard input and is not shown again', async (t) => {
  const command = await commandLine(t)
  for (const key of ['', 'A'.repeat(15), 'A'.repeat(129), 'abcdefghijklmno&', 'abcdefghijklmno ', 'abcdefghijklmnoé']) {
    assert.equal((await command.failure(['merchant', 'add', 'acme', '--key-from-stdin'], key)).exitCode, 2, key)
  }
  const { output } = await command.run(['merchant', 'add', 'acme', '--key-from-stdin', '--json'], 'ABCDEFGHabcdefgh\n')
  assert.deepEqual(Object.keys(JSON.parse(output) as object), ['agentId', 'keyId', 'warnings'])
  assert.equal(
    (await command.run(['merchant', 'rotate-key', 'acme', '--key-from-stdin'], '0123456789012345')).output.includes('01234'),
    false,
  )
})

test('disable and enable; exit code 3 for a missing object, 4 for an existing one', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme'])
  assert.equal((await command.failure(['merchant', 'add', 'acme'])).key, 'already_exists')
  assert.equal((await command.failure(['merchant', 'add', 'acme'])).exitCode, 4)
  await command.json(['merchant', 'disable', 'acme'])
  assert.equal((await show(command)).status, 'disabled')
  await command.json(['merchant', 'enable', 'acme'])
  assert.equal((await show(command)).status, 'enabled')
  for (const [verb, ...options] of [
    ['show'],
    ['update', '--allow', 'none'],
    ['enable'],
    ['disable'],
    ['delete'],
    ['rotate-key'],
  ] as const) {
    const { exitCode, key } = await command.failure(['merchant', verb, 'nobody', ...options])
    assert.deepEqual([exitCode, key], [3, 'merchant_not_found'])
  }
})

test('text output: what was done, what is still missing', async (t) => {
  const command = await commandLine(t)
  assert.match((await command.run(['merchant', 'list'])).output, /There is no merchant yet/)
  const { output } = await command.run(['merchant', 'add', 'acme'])
  assert.match(output, /Merchant acme is added\.\nKey ID: \w+\nKey \(shown only now\): \w{32}\n.*no currency.*\n.*refuses everyone/)
  assert.match((await command.run(['merchant', 'show', 'acme'])).output, /allow {13}none: refuses everyone/)
  await command.json(['merchant', 'add', 'globex', '--label', 'team=slots'])
  assert.match((await command.run(['merchant', 'list', '--label', 'team=slots'])).output, /^globex .* team=slots$/m)
  const list = (await command.run(['merchant', 'list'])).output.replace(/^globex.*\n/m, '')
  assert.match(
    list,
    /^AGENT_ID {2}STATUS {3}CURRENCIES {2}SIGN {2}CLOCK {9}KEY {9}LAST USED {2}RETIRE {40}LABELS\nacme {6}enabled {14}md5 {3}not seen yet {2}\w{10} {2}- {10}not to be retired: it is the only active key {2}none\n$/,
  )
})

test('update without a setting is wrong usage; an unused merchant can be deleted, a used one cannot', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme'])
  const { exitCode, message } = await command.failure(['merchant', 'update', 'acme'])
  assert.equal(exitCode, 2)
  assert.match(message, /at least one setting/)
  await command.json(['member', 'add', 'acme', 'player1'])
  const used = await command.failure(['merchant', 'delete', 'acme'])
  assert.deepEqual([used.exitCode, used.key], [4, 'conflict'])
  await command.json(['merchant', 'add', 'unused'])
  assert.deepEqual(await command.json(['merchant', 'delete', 'unused']), { agentId: 'unused', deleted: true })
  assert.equal((await command.failure(['merchant', 'show', 'unused'])).exitCode, 3)
  await command.json(['merchant', 'add', 'unused'])
})

test('an address is tested against the list, and the admitting entry is named', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme', '--allow', '10.0.0.0/8,2001:db8::/32'])
  const test = (address: string) => command.json(['merchant', 'test-address', 'acme', address])
  assert.deepEqual(await test('10.1.2.3'), { agentId: 'acme', address: '10.1.2.3', isAllowed: true, by: '10.0.0.0/8' })
  assert.deepEqual(await test('::ffff:10.1.2.3'), { agentId: 'acme', address: '10.1.2.3', isAllowed: true, by: '10.0.0.0/8' })
  assert.deepEqual(await test('192.0.2.1'), { agentId: 'acme', address: '192.0.2.1', isAllowed: false, by: null })
  assert.equal((await command.failure(['merchant', 'test-address', 'acme', 'localhost'])).exitCode, 2)
})

test('a certificate lists what is missing, and the exit code says whether it is complete', async (t) => {
  const command = await commandLine(t)
  await command.json(['merchant', 'add', 'acme', '--allow', '0.0.0.0/0', '--rate-per-second', '7'])
  const words = ['merchant', 'certificate', 'acme']
  const text = await command.run(words)
  assert.equal(text.exitCode, 8)
  const lines = text.output.split('\n')
  assert.ok(lines.includes('[ ] Logout is called'), text.output)
  assert.ok(lines.includes('[-] A callback on a listed origin is used, not needed'), text.output)
  assert.match(
    text.output,
    /\[!\] The address list is not open to the world, wrong 20\d\d-.*\n {4}The list admits everybody in 0\.0\.0\.0\/0\./,
  )
  assert.match(text.output, /Send more than 14 calls at once/)
  assert.equal(lines.at(-2), '9 of 10 items are open.')
  const { exitCode, output } = await command.run([...words, '--json'])
  const { isComplete, items } = JSON.parse(output) as { isComplete: boolean; items: { item: string; todo: string | null }[] }
  assert.deepEqual([exitCode, isComplete, items.length], [8, false, 10])

  const store = await openStore({ url: command.env.DATABASE_URL ?? '', poolSize: 1 })
  try {
    const [merchant] = await store.merchants.load(['acme'])
    const at = (merchant?.createdAt ?? 0) + 1
    const topics = ['login', 'repeat', 'fresh-token', 'wrong-signature', 'retry-after', 'callback', 'logged-out']
    await store.merchantConduct.note(topics.map((topic) => ({ agentId: 'acme', topic, rightAt: at, wrongAt: 0 })))
    await store.merchantClocks.note([{ agentId: 'acme', differenceMs: -800, measuredAt: at }])
    const { keyId } = await command.json<{ keyId: string }>(['merchant', 'rotate-key', 'acme'])
    await store.merchants.noteKeyUses([{ agentId: 'acme', keyId, at }])
    await command.json(['merchant', 'retire-key', 'acme', merchant?.keys[0]?.id ?? '', '--force'])
    await command.json(['merchant', 'update', 'acme', '--allow', '198.51.100.7'])
    const complete = await command.run(words)
    assert.deepEqual([complete.exitCode, complete.output.split('\n').at(-2)], [0, 'The certificate is complete.'])
    await store.merchantClocks.note([{ agentId: 'acme', differenceMs: -3_400, measuredAt: at }])
    assert.match((await command.run(words)).output, /The clock is 3\.4 s behind\./)
  } finally {
    await store.close()
  }
})
