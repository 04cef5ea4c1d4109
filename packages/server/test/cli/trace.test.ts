import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { runCommand } from '../../src/cli/program.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { TraceInput } from '../../src/store/store.ts'
import { commandLine } from './command-line.ts'

const trace = (requestId: string, changes: Partial<TraceInput> = {}): TraceInput => ({
  at: 1_767_225_600_000,
  requestId,
  surface: 'member-api',
  call: 'login',
  agentId: 'agent001',
  subject: 'uid001',
  address: '203.0.113.9',
  code: '200',
  isFailed: false,
  isStranger: false,
  // As the release before wrote it.
  steps: [{ name: 'body', passed: true, fact: '12 bytes' }],
  ...changes,
})

const refused = trace('refused', {
  code: '408003',
  key: 'address_not_allowed',
  isFailed: true,
  steps: [
    { name: 'body', passed: true, fact: '12 bytes' },
    { name: 'address list', passed: false, facts: [['address', '203.0.113.9', 2]] },
  ],
})

test('lobbykey trace shows how a call was decided', async (t) => {
  const command = await commandLine(t)
  const store = await openStore({ url: command.env.DATABASE_URL ?? '' })
  t.after(() => store.close())
  assert.deepEqual((await command.run(['trace'])).output, 'There is no such trace.\n')
  await command.json(['merchant', 'add', 'agent001'])
  await store.traces.append([trace('good'), refused, trace('foreign', { agentId: 'other' })])

  assert.deepEqual((await command.run(['trace', 'refused'])).output.split('\n'), [
    'Request refused, 2026-01-01T00:00:00.000Z',
    '  member login by agent001/uid001 from 203.0.113.9: 408003 address_not_allowed',
    '  pass  body          12 bytes',
    '  FAIL  address list  203.0.113.9, against 2 entries',
    '',
  ])
  const [body, addressList] = refused.steps
  assert.deepEqual(await command.json(['trace', 'refused']), {
    ...refused,
    at: '2026-01-01T00:00:00.000Z',
    steps: [body, { ...addressList, fact: '203.0.113.9, against 2 entries' }],
    canExplain: false,
  })
  const names = async (...words: string[]) =>
    (await command.json<{ traces: TraceInput[] }>(['trace', ...words])).traces.map(({ requestId }) => requestId)
  assert.deepEqual(await names(), ['foreign', 'refused', 'good'], 'of one moment, the last first')
  assert.deepEqual(await names('--merchant', 'agent001'), ['refused', 'good'])
  assert.deepEqual(await names('--code', '408003', '--address', '203.0.113.9', '--call', 'login'), ['refused'])
  const nowhere = await command.failure(['trace', '--merchant', 'nosuch'])
  assert.deepEqual([nowhere.exitCode, nowhere.key], [3, 'merchant_not_found'])
  assert.match(nowhere.message, /no merchant nosuch/)
  assert.deepEqual(await names('--merchant', 'agent001', '--failed'), ['refused'])
  assert.match((await command.run(['trace', '--failed'])).output, /member login {2}agent001\/uid001 .* address list: 203/)
  const missing = await command.failure(['trace', 'nothing'])
  assert.deepEqual([missing.exitCode, missing.key], [3, 'not_found'])
})

test('--follow shows new ones, each once, until interrupted', async (t) => {
  const command = await commandLine(t)
  const store = await openStore({ url: command.env.DATABASE_URL ?? '' })
  t.after(() => store.close())
  await store.traces.append([trace('old'), refused])
  const interrupted = Promise.withResolvers<void>()
  let text = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const words = ['trace', '--failed', '--follow', '--json']
  const untilSignal = () => interrupted.promise
  const context = { env: command.env, clock: command.clock, input: Readable.from([]), output, errorOutput: output, untilSignal }
  const ended = runCommand(words, context)
  const untilSeen = async (id: string) => {
    while (!text.includes(id)) {
      await setImmediate()
      t.mock.timers.tick(1_000)
    }
  }
  await untilSeen('refused')
  await store.traces.append([trace('passed'), { ...refused, requestId: 'later' }])
  await untilSeen('later')
  interrupted.resolve()
  assert.equal(await ended, 0)
  assert.deepEqual(
    text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as TraceInput).requestId),
    ['refused', 'later'],
  )
})

test("merchants are listed with their clocks' offsets", async (t) => {
  const command = await commandLine(t)
  const store = await openStore({ url: command.env.DATABASE_URL ?? '' })
  t.after(() => store.close())
  await command.json(['merchant', 'add', 'acme'])
  const clockOf = async (differenceMs: number) => {
    await store.merchantClocks.note([{ agentId: 'acme', differenceMs, measuredAt: 1_767_225_600_000 }])
    return (await command.run(['merchant', 'list'])).output.split('\n')[1]?.split(/ {2,}/)[3]
  }
  assert.equal(await clockOf(400), 'right')
  assert.equal(await clockOf(-90_000), '90 s behind')
  assert.equal(await clockOf(400_000), '400 s ahead: refused beyond 600 s')
  assert.match((await command.run(['merchant', 'show', 'acme'])).output, /clock {13}400 s ahead/)
  const { clock } = await command.json<{ clock: object }>(['merchant', 'show', 'acme'])
  assert.deepEqual(clock, { differenceMs: 400_000, measuredAt: '2026-01-01T00:00:00.000Z' })
})
