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
  const [timestamp, callback] = [1734417873301, 'https://a.example/']
  const played = { agent_id: 'a', platform: 'web', language: 'en', currency: 'USD', timestamp, callback }
  const sign = (call: string, body: object) => command.json(['sign', '--key', 'k', '--call', call], JSON.stringify(body))
  const guest = await sign('guest_login', played)
  assert.equal(guest.canonical, `k&agent_id=a&callback=${callback}&currency=USD&language=en&platform=web&timestamp=${timestamp}`)
  const login = await sign('login', { ...played, user_id: 'u01', token: 'token0001', limits: null })
  assert.equal(login.canonical, `k&agent_id=a&currency=USD&language=en&platform=web&timestamp=${timestamp}&token=token0001&user_id=u01`)
  const list = await sign('game_list', { agent_id: 'a', game_id: '', timestamp, sign: 'x' })
  assert.deepEqual(list, {
    ...list,
    canonical: `k&agent_id=a&timestamp=${timestamp}`,
    query: `agent_id=a&timestamp=${timestamp}&sign=${list.sign}`,
  })
  assert.equal((await command.failure(['sign', '--key', 'k', '--call', 'nothing'], '{}')).key, 'usage')
})

test("--call refuses a body that the call's server would refuse, and says why", async () => {
  const logout = { agent_id: 'a', user_id: 'u01', timestamp: 1734417873301 }
  const wrong = [
    [{ ...logout, token: 'x' }, 'token is not a field of this call'],
    [{ ...logout, user_id: '' }, 'user_id is required'],
    [{ ...logout, timestamp: 1734417873 }, /^timestamp must be the current time in milliseconds/],
  ] as const
  for (const [body, why] of wrong) {
    const { exitCode, message } = await command.failure(['sign', '--key', 'k', '--call', 'logout'], JSON.stringify(body))
    assert.equal(exitCode, 2)
    if (typeof why === 'string') assert.equal(message, why)
    else assert.match(message, why)
  }
})
