import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandLine } from './command-line.ts'

test('a service is added, listed, shown, rotated and switched, and its secret is shown only when it is made', async (t) => {
  const command = await commandLine(t)
  assert.match((await command.run(['service', 'list'])).output, /no service yet/)
  const { serviceId, secret } = await command.json(['service', 'add', 'billing', '--label', 'team=pay', '--label', 'tier=1'])
  assert.equal(serviceId, 'billing')
  assert.match((await command.run(['service', 'list'])).output, /^SERVICE .*LABELS\nbilling .* team=pay, tier=1\n/)
  const rotated = await command.json(['service', 'rotate-secret', 'billing', '--overlap', '60'])
  assert.equal(rotated.previousGoodUntil, new Date(command.clock.now() + 60_000).toISOString())
  assert.notEqual(rotated.secret, secret)
  assert.match((await command.run(['service', 'rotate-secret', 'billing', '--overlap', '0'])).output, /no longer works/)

  assert.deepEqual(await command.json(['service', 'disable', 'billing']), { serviceId, status: 'disabled' })
  const shown = await command.run(['service', 'show', 'billing'])
  assert.match(shown.output, /^Service billing, disabled, since /)
  const { services } = await command.json<{ services: { status: string }[] }>(['service', 'list'])
  assert.equal(services[0]?.status, 'disabled')
  assert.equal((await command.json(['service', 'enable', 'billing'])).status, 'enabled')
  assert.doesNotMatch(shown.output + JSON.stringify(services), /lks_/)
})

test('failures end with their exit code and a reason', async (t) => {
  const command = await commandLine(t)
  await command.json(['service', 'add', 'billing'])
  const cases: [string[], number, RegExp][] = [
    [['add', 'a b'], 2, /must be 1 to 64/],
    [['add', 'billing'], 4, /already/],
    [['show', 'missing'], 3, /no service missing/],
    [['rotate-secret', 'missing'], 3, /no service missing/],
    [['disable', 'missing'], 3, /no service missing/],
    [['rotate-secret', 'billing', '--overlap', '2592001'], 2, /0 to 2592000/],
    [['rotate-secret', 'billing', '--overlap', '-1'], 2, /0 to 2592000/],
  ]
  for (const [words, exitCode, expected] of cases) {
    const failure = await command.failure(['service', ...words])
    assert.equal(failure.exitCode, exitCode, words.join(' '))
    assert.match(failure.message, expected)
  }
})
