import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CommandLine } from './command-line.ts'

interface Vector {
  name: string
  key: string
  fields: Record<string, unknown>
  excluded: string[]
  canonical: string
  md5: string
  hmacSha256: string
}

const file = new URL('../../../contract/test/vectors.json', import.meta.url)
const { valid } = JSON.parse(readFileSync(file, 'utf8')) as { valid: Vector[] }
const command = new CommandLine({})

for (const { name, key, fields, excluded, canonical, md5, hmacSha256 } of valid) {
  test(`[check 26] sign: ${name}`, async () => {
    const words = ['sign', '--key', key, '--callback', excluded.includes('callback') ? 'unsigned' : 'signed']
    const body = JSON.stringify(fields)
    assert.deepEqual(await command.json(words, body), { canonical, sign: md5 })
    const hmac = await command.json([...words, '--sign', 'hmac-sha256'], body)
    assert.deepEqual(hmac, { canonical: canonical.slice(key.length + 1), sign: hmacSha256 })
    const { output } = await command.run(words, body)
    assert.equal(output, `canonical  ${canonical}\nsign       ${md5}\n`)
  })
}

test('an existing signature is ignored: a signed body gets the same signature', async () => {
  const { key, fields, md5 } = valid[0] ?? assert.fail()
  assert.equal((await command.json(['sign', '--key', key], JSON.stringify({ ...fields, sign: 'x' }))).sign, md5)
})

test('[check 28] [check 30] a body without a unique canonical string is refused', async () => {
  const bodies = [
    '',
    '[]',
    '{"a":"x","a":"y"}',
    '{"a":["x"]}',
    '{"a":{"b":"c"}}',
    '{"a":true}',
    '{"a":1.0}',
    '{"a":"x&b=y"}',
    '{"a":"x\\u0000"}',
  ]
  for (const body of bodies) assert.equal((await command.failure(['sign', '--key', 'k'], body)).exitCode, 2, body)
  assert.equal((await command.failure(['sign'], '{}')).key, 'usage')
  const callback = ['sign', '--key', 'k', '--callback', 'signed']
  assert.equal((await command.failure(callback, '{"callback":"https://a.b/?x&token=1","token":"t"}')).exitCode, 2)
  assert.ok(await command.json(callback, '{"callback":"https://a.b/?x&y=1","token":"t"}'))
})

test("--call signs by the call's rules: a guest login's callback, a list's query", async () => {
  const sign = (call: string, body: object) => command.json(['sign', '--key', 'k', '--call', call], JSON.stringify(body))
  const guest = await sign('guest_login', { agent_id: 'a', callback: 'https://a.example/', timestamp: 1734417873301 })
  assert.equal(guest.canonical, 'k&agent_id=a&callback=https://a.example/&timestamp=1734417873301')
  const login = await sign('login', { agent_id: 'a', callback: 'https://a.example/', limits: null })
  assert.equal(login.canonical, 'k&agent_id=a')
  const list = await sign('game_list', { agent_id: 'a', game_id: '', timestamp: 1734417873301, sign: 'x' })
  assert.deepEqual(list, {
    ...list,
    canonical: 'k&agent_id=a&timestamp=1734417873301',
    query: `agent_id=a&timestamp=1734417873301&sign=${list.sign}`,
  })
  const failure = await command.failure(['sign', '--key', 'k', '--call', 'logout'], '{"token":"x"}')
  assert.deepEqual([failure.exitCode, failure.message], [2, 'token is not a field of this call'])
  assert.equal((await command.failure(['sign', '--key', 'k', '--call', 'nothing'], '{}')).key, 'usage')
})
