import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { memberCreate, memberLock } from '@lobbykey/contract'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

/** The signature is valid for any fields, so only a field's rule can refuse. */
async function codeOf(changes: Body): Promise<{ code: number; message: string }> {
  const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), changes)))
  return json as { code: number; message: string }
}

const long = (count: number, char = 'a') => char.repeat(count)

/** For each field, values just inside its rule (so that something else decides) and just outside. */
const rules: Record<string, { inside: Body[string][]; outside: Body[string][] }> = {
  agent_id: { inside: ['a', long(64), 'A-Z_09'], outside: [undefined, '', null, long(65), 'a b', 'a&b', 'ä', 1, ['agent001'], {}, true] },
  user_id: {
    inside: ['abc', long(64), 'uid_001'],
    outside: [undefined, '', null, 'ab', long(65), 'a-b', 'u&d', 'u d', 7, ['u', 'id'], {}],
  },
  token: {
    inside: [long(9), long(31), '!"#$%\'()*+,-./:;<=>?', '[\\]^_`{|}~@x'],
    outside: [
      undefined,
      '',
      null,
      long(8),
      long(32),
      'with space',
      'with&amper',
      'tab\tttttt',
      'nul\u0000tttttt',
      'ünicode-token',
      123456789,
      ['token-1234'],
    ],
  },
  platform: { inside: ['ios', 'android', 'h5', 'web'], outside: [undefined, '', null, 'H5', 'iOS', 'h5 ', 'pc', 5, ['h5']] },
  language: {
    inside: ['en', 'en-US', 'zh-Hans-CN', 'sl-rozaj-biske-1994', 'de-DE-x-a', 'en-US-u-islamcal'],
    outside: [undefined, '', null, 'e', 'en_US', 'en-', '-en', 'en--US', 'en US', 'en&x=y', `en-${long(9)}`, 'x', 1, ['en']],
  },
  currency: { inside: ['VND2', 'USD', 'VND'], outside: [undefined, '', null, 'US', long(11, 'A'), 'usd', 'US D', 'USD&', 840, ['USD']] },
  game_code: {
    inside: [undefined, '', null, '101', 'rand-101', '101-DYfsRc', 'no-such-game', long(128)],
    outside: [long(129), 'a b', 'a/b', 'a&b', 'é', 101, ['101'], {}],
  },
  custom_language: { inside: [undefined, '', null, 'en-US>en-play', long(64)], outside: [long(65), 'a b', 'a&b', 'a<b', 1, ['x']] },
  limits: {
    inside: [undefined, '', null, {}, [], { USD_101: '' }, { USD_101: null }, { USD_101: '110101' }],
    outside: ['USD_101', 5, true, { USD_101: 110101 }, { USD_101: ['110101'] }, { USD_101: {} }],
  },
  callback: {
    inside: [undefined, '', null, 'https://h5-uat.aig1234.com/home', 'https://h5-uat.aig1234.com/a&b=c'],
    outside: [
      'https://h5-uat.aig1234.com/a b',
      'https://h5-uat.aig1234.com\\x',
      'https://h5-uat.aig1234.com/\u0000',
      `https://h5-uat.aig1234.com/${long(2048)}`,
      1,
      ['x'],
      {},
    ],
  },
}

for (const [field, { inside, outside }] of Object.entries(rules)) {
  test(`[check 30] ${field}: just inside its rule`, async () => {
    for (const value of inside) {
      const { code, message } = await codeOf({ [field]: value })
      assert.notEqual(code, 408000, `${JSON.stringify(value)}: ${message}`)
    }
  })
  test(`[check 30] ${field}: just outside its rule`, async () => {
    for (const value of outside) {
      const { code, message } = await codeOf({ [field]: value })
      assert.equal(code, 408000, JSON.stringify(value))
      assert.match(message, new RegExp(`^Request Parameter Error: ${field} (?:must be|is required)`))
    }
  })
}

test('[check 31] timestamp: a whole number or a string of 13 digits', async () => {
  const now = gateway.clock.now()
  for (const value of [now, String(now)]) assert.equal((await codeOf({ timestamp: value })).code, 200)
  const outside = [
    undefined,
    null,
    '',
    0,
    Math.floor(now / 1000),
    String(now / 1000),
    ` ${now}`,
    `${now} `,
    `${now}\u0000`,
    `${now}0`,
    `+${now}`,
  ]
  for (const value of [...outside, '１７６７２２５６００００0', 'NaN', [now], true, -now]) {
    const { code, message } = await codeOf({ timestamp: value })
    assert.equal(code, 408000, JSON.stringify(value))
    assert.match(message, /timestamp/)
  }
  const { json } = await gateway.post('/api/member/login', { ...loginBody(now, { timestamp: { toString: 'x' } }), sign: '0'.repeat(32) })
  assert.equal((json as Body).code, 408000)
})

test('[check 31] timestamp: ten minutes in either direction, to the millisecond', async () => {
  for (const off of [-600_000, -599_999, 599_999, 600_000])
    assert.equal((await codeOf({ timestamp: gateway.clock.now() + off })).code, 200, String(off))
  for (const off of [-600_001, 600_001]) {
    const { code, message } = await codeOf({ timestamp: gateway.clock.now() + off })
    assert.equal(code, 408000)
    assert.match(message, new RegExp(`601 s ${off > 0 ? 'ahead of' : 'behind'} the server's clock, ${gateway.clock.now()}`))
  }
})

test('[check 30] numbers not written as plain digits are refused by name', async () => {
  const now = gateway.clock.now()
  for (const number of [`${now}.0`, `${now / 1e12}e12`, '1.7e12', '1400', '-0', '1e400', '9007199254740993', `-${now}`]) {
    const body = JSON.stringify(signed(loginBody(now))).replace(`"timestamp":${now}`, `"timestamp":${number}`)
    const { json } = await gateway.post('/api/member/login', body)
    assert.equal((json as Body).code, 408000, number)
    assert.match(String((json as Body).message), /timestamp/)
  }
})

test('[check 27] sign: 32 or 64 hex digits, of either case; anything else is a parameter error', async () => {
  const body = signed(loginBody(gateway.clock.now()))
  const sign = String(body.sign)
  assert.equal(((await gateway.post('/api/member/login', { ...body, sign: sign.toUpperCase() })).json as Body).code, 200)
  for (const wrong of [
    undefined,
    '',
    null,
    sign.slice(1),
    `${sign}0`,
    `${sign.slice(1)}g`,
    `${sign.slice(1)} `,
    'a'.repeat(63),
    'a'.repeat(65),
    [sign],
    { sign },
    5,
  ]) {
    const { json } = await gateway.post('/api/member/login', { ...loginBody(gateway.clock.now()), sign: wrong })
    assert.equal((json as Body).code, 408000, JSON.stringify(wrong))
    assert.match(String((json as Body).message), /: sign /)
  }
  for (const wrong of ['0'.repeat(32), '0'.repeat(64)]) {
    const { json } = await gateway.post('/api/member/login', { ...loginBody(gateway.clock.now()), sign: wrong })
    assert.deepEqual(json, { code: 600100, message: 'Invalid Signature', data: {} })
  }
})

test('[check 46] any other field is refused by name', async () => {
  for (const name of ['foo', 'User_id', 'uid', 'constructor2', 'desc', 'a&b', '<script>']) {
    const { code, message } = await codeOf({ [name]: 'x' })
    assert.equal(code, 408000)
    assert.match(message, /is not a field of this call$/)
  }
})

test('create: user_name and desc at their edges', async () => {
  let count = 0
  const create = async (changes: Body) => {
    const body = { agent_id: 'agent001', user_id: `edge${++count}`, user_name: 'testUser', timestamp: gateway.clock.now(), ...changes }
    return (await gateway.post('/api/member/create', signed(body, { call: memberCreate }))).json as Body
  }
  for (const changes of [{ user_name: 'a' }, { user_name: long(64) }, { desc: '' }, { desc: 'a test user_9 and 20' }])
    assert.equal((await create(changes)).code, 200)
  for (const changes of [
    { user_name: undefined },
    { user_name: '' },
    { user_name: long(65) },
    { user_name: 'a b' },
    { desc: long(21) },
    { desc: 'a-b' },
    { status: 'Active' },
  ]) {
    assert.equal((await create(changes)).code, 408000, JSON.stringify(changes))
  }
})

test('lock: exactly the three statuses', async () => {
  for (const status of ['active', 'Lock', '', null, 1, undefined]) {
    const body = { agent_id: 'agent001', user_id: 'uid001', status, timestamp: gateway.clock.now() }
    assert.equal(
      ((await gateway.post('/api/member/lock', signed(body, { call: memberLock }))).json as Body).code,
      408000,
      JSON.stringify(status),
    )
  }
})
