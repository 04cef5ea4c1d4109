import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogue, type ErrorKey, GatewayError } from '@lobbykey/contract'
import { exitCodes, toFailure } from '../../src/cli/exit-codes.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { version } from '../../src/core/base/version.ts'
import { CommandLine, verbsOf } from './command-line.ts'

const command = new CommandLine({})

const program = await buildProgram(command.context())
const verbs = verbsOf(program).map((verb) => verb.split(' '))

test('the program has its verbs', () => {
  assert.ok(verbs.length > 40, String(verbs.length))
})

test('a subject is found by each of its names, without the others', async () => {
  for (const subject of program.commands) {
    const names = (await buildProgram(command.context(), [subject.name()])).commands.map((own) => own.name())
    assert.ok(names.includes(subject.name()) && names.length <= 2, `${subject.name()}: ${names}`)
  }
})

for (const words of verbs) {
  test(`${words.join(' ')}: --help describes its options and the exit codes`, async () => {
    const { exitCode, output } = await command.run([...words, '--help'])
    assert.equal(exitCode, 0)
    assert.match(output, new RegExp(`^Usage: lobbykey ${words.join(' ')} `))
    assert.match(output, /--json/)
    for (const [code, meaning] of Object.entries(exitCodes)) assert.ok(output.includes(`${code}  ${meaning}`))
  })
}

test('wrong usage is exit code 2, and refers to the help; with --json in JSON on standard error only', async () => {
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

test('[check 98] no argument is printed raw: none can control the terminal or start a line', async () => {
  const hidden = '\u001b[2J\u202e\u200b\u009b\u{e0041}x\n  - all is well'
  const wrong = [
    [hidden],
    ['serve', `--${hidden}`],
    ['serve', `--workers=${hidden}`],
    ['merchant', hidden],
    ['merchant', 'list', `--limit`, hidden],
    ['merchant', 'show', hidden],
    ['sign', 'login', hidden],
    ['catalogue', 'import', hidden],
    ['sandbox', '--clock-offset', hidden],
  ]
  for (const words of wrong) {
    for (const more of [[], ['--json']]) {
      const { exitCode, output, errorOutput } = await command.run([...words, ...more])
      assert.notEqual(exitCode, 0)
      assert.doesNotMatch(
        output + errorOutput,
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e\u{e0041}]|\n {2}- all is well/u,
        words.join(' '),
      )
    }
  }
})

test('every error of the catalogue has a meaningful exit code and a message', () => {
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

test('--version prints the version', async () => {
  const { exitCode, output } = await command.run(['--version'])
  assert.deepEqual([exitCode, output], [0, `${version}\n`])
})
