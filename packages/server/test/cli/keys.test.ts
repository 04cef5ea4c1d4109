import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandLine } from './command-line.ts'

interface ListedKey {
  readonly kid: string
  readonly state: string
  readonly tokensEndAt: string | null
}

test('keys are rotated, listed, retired and reset by hand', async (t) => {
  const command = await commandLine(t)
  const list = async () => (await command.json<{ keys: ListedKey[] }>(['keys', 'list'])).keys
  assert.match((await command.run(['keys', 'list'])).output, /no key yet/)

  const first = await command.json<ListedKey>(['keys', 'rotate'])
  assert.equal(first.state, 'signing', 'the first key has nobody to wait for')
  const second = await command.json<ListedKey>(['keys', 'rotate'])
  assert.equal(second.state, 'published')
  command.clock.advance(599_999)
  assert.deepEqual(new Set((await list()).map(({ state }) => state)), new Set(['signing', 'published']))
  command.clock.advance(1)
  assert.equal((await list()).find(({ kid }) => kid === first.kid)?.state, 'verifying')

  assert.equal((await command.json(['keys', 'retire', first.kid, '--force'])).state, 'retired')
  command.clock.advance(1_000)
  const reset = await command.json<ListedKey>(['keys', 'reset', '--yes'])
  assert.deepEqual(
    (await list()).filter(({ state }) => state !== 'retired').map(({ kid }) => kid),
    [reset.kid],
  )
  command.env.KEY_PUBLISH_SECONDS = '30'
  const third = await command.json(['keys', 'rotate'])
  assert.equal(third.activeAt, new Date(command.clock.now() + 30_000).toISOString())
  assert.match((await command.run(['keys', 'list'])).output, /^KEY +STATE +SIGNS FROM +ITS TOKENS END +RETIRED\n/)
})

test('failures end with their exit code and a reason', async (t) => {
  const command = await commandLine(t)
  const { kid } = await command.json(['keys', 'rotate'])
  assert.equal((await command.failure(['keys', 'retire', String(kid)])).exitCode, 4)
  assert.equal((await command.failure(['keys', 'retire', 'nothing'])).exitCode, 3)
  await command.json(['keys', 'rotate'])
  const again = await command.failure(['keys', 'rotate'])
  assert.deepEqual([again.exitCode, again.key], [4, 'conflict'])
  assert.match(again.message, /published already and signs from/)
  const unasked = await command.failure(['keys', 'reset'])
  assert.deepEqual([unasked.exitCode, unasked.key], [2, 'invalid_parameter'])
  assert.match(unasked.message, /--yes/)
  command.env.KEY_PUBLISH_SECONDS = '1'
  assert.equal((await command.failure(['keys', 'rotate'])).exitCode, 2)
  delete command.env.MASTER_KEY
  command.env.KEY_PUBLISH_SECONDS = '600'
  assert.match((await command.failure(['keys', 'list'])).message, /MASTER_KEY/)
})
