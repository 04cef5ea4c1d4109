import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandLine } from './command-line.ts'

test('operators are added, changed and disabled; the last owner stays', async (t) => {
  const command = await commandLine(t)
  assert.match((await command.run(['operator', 'list'])).output, /no operator yet/)
  await command.json(['operator', 'add', 'Owner@example.com', '--role', 'owner'])
  await command.json(['operator', 'add', 'help@example.com', '--role', 'support', '--merchant', 'acme'])
  const { operators } = await command.json<{ operators: { email: string; role: string; agentIds: string[] | null }[] }>([
    'operator',
    'list',
  ])
  assert.deepEqual(
    operators.map(({ email, role, agentIds }) => [email, role, agentIds]),
    [
      ['help@example.com', 'support', ['acme']],
      ['owner@example.com', 'owner', null],
    ],
  )
  assert.equal((await command.json(['operator', 'update', 'help@example.com', '--role', 'manager', '--merchant', 'none'])).agentIds, null)
  assert.equal((await command.failure(['operator', 'update', 'help@example.com', '--role', 'partner'])).exitCode, 2)
  for (const words of [
    ['disable', 'owner@example.com'],
    ['update', 'owner@example.com', '--role', 'manager'],
    ['update', 'owner@example.com', '--merchant', 'acme'],
  ]) {
    const { exitCode, message } = await command.failure(['operator', ...words])
    assert.equal(exitCode, 4)
    assert.match(message, /the last owner/)
  }
  assert.equal((await command.failure(['operator', 'disable', 'nobody@example.com'])).exitCode, 3)
  assert.equal((await command.failure(['operator', 'add', 'owner@example.com', '--role', 'owner'])).exitCode, 4)
  assert.equal((await command.failure(['operator', 'add', 'other@example.com', '--name', 'a\u202eb'])).exitCode, 2)
})

test('a token is shown once, and never permits more than its operator', async (t) => {
  const command = await commandLine(t)
  await command.json(['operator', 'add', 'help@example.com', '--role', 'support'])
  assert.equal((await command.failure(['token', 'add', 'nobody'])).exitCode, 2)
  const beyond = await command.failure(['token', 'add', 'x', '--for', 'help@example.com', '--right', 'merchants.write'])
  assert.deepEqual([beyond.exitCode, beyond.key], [4, 'forbidden'])
  const { token, tokenId } = await command.json([
    'token',
    'add',
    'lookup',
    '--for',
    'help@example.com',
    '--right',
    'merchants.read',
    '--days',
    '1',
  ])
  assert.match(String(token), /^lk_[\w-]{43}$/)
  const listed = await command.run(['token', 'list'])
  assert.match(listed.output, /lookup.*valid/)
  assert.doesNotMatch(listed.output + (await command.run(['token', 'list', '--json'])).output, /lk_/)
  assert.deepEqual(await command.json(['token', 'revoke', String(tokenId)]), { tokenId, revoked: true })
  assert.match((await command.run(['token', 'list'])).output, /lookup.*revoked/)
  assert.equal((await command.failure(['token', 'revoke', String(tokenId)])).exitCode, 3)
})
