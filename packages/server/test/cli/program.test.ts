import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogue, type ErrorKey, GatewayError } from '@lobbykey/contract'
import { exitCodes, toFailure } from '../../src/cli/exit-codes.ts'
import { CommandLine } from './command-line.ts'

const command = new CommandLine({})

const verbs = `sandbox serve migrate sign
  merchant:add,list,show,update,enable,disable,rotate-key,retire-key
  member:add,lock,logout,list
  seller:add,list,show,enable,disable,unlock,set-password,sessions
  service:add,list,show,rotate-secret,enable,disable
  keys:list,rotate,retire,reset
  catalogue:import`
  .split(/\s+/)
  .flatMap((group) => {
    const [name = '', list] = group.split(':')
    return list === undefined ? [[name]] : list.split(',').map((verb) => [name, verb])
  })

for (const words of verbs) {
  test(`${words.join(' ')}: --help says what it takes and what the exit codes mean`, async () => {
    const { exitCode, output } = await command.run([...words, '--help'])
    assert.equal(exitCode, 0)
    assert.match(output, new RegExp(`^Usage: lobbykey ${words.join(' ')} `))
    assert.match(output, /--json/)
    for (const [code, meaning] of Object.entries(exitCodes)) assert.ok(output.includes(`${code}  ${meaning}`))
  })
}

test('wrong words are exit code 2, and say where help is; with --json in JSON on standard error only', async () => {
  for (const words of [
    ['nothing'],
    ['merchant', 'nothing'],
    ['sign', '--nothing'],
    ['merchant', 'show'],
    ['member', 'lock', 'a', 'bcd', 'e'],
  ]) {
    const { exitCode, output, errorOutput } = await command.run(words)
    assert.deepEqual([exitCode, output], [2, ''], words.join(' '))
    assert.match(errorOutput, /^lobbykey: .+\nAdd --help/)
    assert.equal((await command.failure(words)).key, 'usage')
  }
  for (const words of [[], ['merchant']]) {
    const { exitCode, errorOutput } = await command.run(words)
    assert.equal(exitCode, 2)
    assert.match(errorOutput, /^Usage:/)
  }
})

test('every error of the catalogue has an exit code that means something, and a message', () => {
  for (const key of Object.keys(catalogue) as ErrorKey[]) {
    const { exitCode, message } = toFailure(new GatewayError(key))
    assert.ok(exitCode >= 1 && exitCode <= 5 && message.length > 10, key)
  }
  const expected = {
    invalid_parameter: 2,
    merchant_not_found: 3,
    member_not_found: 3,
    not_found: 3,
    already_exists: 4,
    member_exists: 4,
    conflict: 4,
    store_unavailable: 5,
    internal: 1,
  } as const
  for (const [key, exitCode] of Object.entries(expected)) assert.equal(toFailure(new GatewayError(key as ErrorKey)).exitCode, exitCode, key)
  assert.deepEqual(toFailure(new Error('boom')), { exitCode: 1, key: 'internal', message: 'boom' })
})
