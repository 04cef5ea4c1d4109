import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CommandLine, commandLine, temporaryFolder } from './command-line.ts'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const timestamp = 1_734_417_873_301
const text = `agent_id=acme&timestamp=${timestamp}&user_id=bob_1`

function logout(sign: string): string {
  return JSON.stringify({ agent_id: 'acme', user_id: 'bob_1', timestamp, sign })
}

interface Answer {
  kind: string
  sentence: string
  cure: string
  also: { kind: string }[]
  ruledOut: string[]
}

test('explain: with the key no store is needed; body or curl, file or standard input', async (t) => {
  const command = new CommandLine({})
  const key = 'ownKey0123456789'
  const file = join(await temporaryFolder(t), 'request.sh')
  const body = logout(md5(`${text}&key=${key}`))
  await writeFile(file, `curl http://localhost:8080/api/member/logout -d '${body}'\n`)
  for (const answer of [
    await command.json<Answer>(['explain', '--key', key], body),
    await command.json<Answer>(['explain', '-', '--key', key, '--call', 'logout'], body),
    await command.json<Answer>(['explain', file, '--key', key]),
  ]) {
    assert.deepEqual([answer.kind, answer.also, answer.ruledOut], ['key-as-field', [], []])
  }
  const { output, exitCode } = await command.run(['explain', '--key', key, '--now', '2024-12-17T14:00:00Z'], body)
  assert.equal(exitCode, 0)
  assert.match(
    output,
    /^timestamp is 7 h 15 min behind the server's clock.*\n.*\n\nAlso: The key was signed as a field, key=KEY, .*\n.*\n$/,
  )
  assert.ok(!output.includes(key))
  const hmac = createHash('sha256')
    .update(key + text)
    .digest('hex')
  assert.equal((await command.json<Answer>(['explain', '--key', key, '--sign', 'hmac-sha256'], logout(hmac))).kind, 'hash-instead-of-hmac')
  const unknown = await command.run(['explain', '--key', key], logout(md5('')).replace(md5(''), md5('?')))
  assert.match(unknown.output, /Ruled out:\n {2}- /)
})

test('explain --text: the hashed text beside the right one, with the key masked', async (t) => {
  const command = new CommandLine({})
  const key = 'ownKey0123456789'
  const file = join(await temporaryFolder(t), 'text')
  await writeFile(file, `${key}&${text}&from=nowhere\n`)
  const { output } = await command.run(['explain', '--key', key, '--text', file], logout(md5(`${key}&${text}&from=nowhere`)))
  assert.match(output, /^“from” stands in your text as a field, but there is no such field to sign\.\n/)
  assert.match(output, new RegExp(`\nyours  KEY&${text}&from=nowhere\nright  KEY&${text}\n +\\^{13}\n`))
  assert.ok(!output.includes(key))
  await writeFile(file, `KEY& ${text}`)
  const blank = await command.run(['explain', '--key', key, '--text', file], logout(md5(`${key}& ${text}`)))
  assert.match(blank.output, new RegExp(`\nyours  KEY&␣${text}\nright  KEY& ${text}\n +\\^\n`))
  assert.equal((await command.failure(['explain', '-', '--key', key, '--text', '-'], '{}')).key, 'invalid_parameter')
})

test('explain: for operators the store has the keys, and recognises retired ones and those of others', async (t) => {
  const command = await commandLine(t)
  const { key: first, keyId } = await command.json<{ key: string; keyId: string }>(['merchant', 'add', 'acme'])
  const { key: foreign } = await command.json<{ key: string }>(['merchant', 'add', 'other', '--currency', 'USD'])
  const kindOf = async (sign: string) => (await command.json<Answer>(['explain'], logout(sign))).kind
  assert.equal(await kindOf(md5(`${first}&${text}`)), 'signature-right')
  await command.json(['merchant', 'rotate-key', 'acme'])
  await command.json(['merchant', 'retire-key', 'acme', keyId, '--force'])
  assert.equal(await kindOf(md5(`${first}&${text}`)), 'key-retired')
  assert.equal(await kindOf(md5(`${foreign}&${text}`)), 'key-of-another-merchant')
  assert.equal(await kindOf(md5(`${keyId}&${text}`)), 'key-is-identifier')
  assert.equal(await kindOf(md5(`l4gnD61pz4arJyv8&${text}`)), 'key-sample')
  const { output } = await command.run(['explain'], logout(md5(`${text}&${foreign}`)))
  for (const secret of [first, foreign, 'other']) assert.ok(!output.replaceAll('another', '').includes(secret))
})

test('explain: says so when there is no explanation', async (t) => {
  const command = await commandLine(t)
  assert.equal((await command.failure(['explain'], logout('x'))).key, 'merchant_not_found')
  assert.equal((await command.failure(['explain'], '{"user_id":"bob_1"}')).exitCode, 2)
  assert.match((await command.failure(['explain'], '')).message, /the request is empty/)
  assert.match(
    (await command.failure(['explain', '--key', 'k'], 'agent_id=acme&sign=1')).message,
    /is none of these: a JSON body.*say which call it is/,
  )
  assert.equal((await command.failure(['explain', '/nowhere/at/all'])).exitCode, 3)
  for (const now of ['noon', '1734417873', '2024-13-40'])
    assert.equal((await command.failure(['explain', '--now', now], '{}')).key, 'usage')
  const form = await command.json<Answer>(['explain', '--key', 'k', '--call', 'login'], 'agent_id=acme&sign=1')
  assert.equal(form.kind, 'body-unreadable')
})
