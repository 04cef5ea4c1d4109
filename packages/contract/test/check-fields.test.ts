import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compileFields,
  dropEmpty,
  escapeHidden,
  GatewayError,
  memberCreate,
  memberUpdate,
  printable,
  type SignedCall,
  sellerLogin,
  sellerRefresh,
  signedCalls,
  verifyField,
} from '@lobbykey/contract'
import { sampleLogin } from './sample-login.ts'

const sign = '0'.repeat(32)
const entry = { agent_id: 'agent001', timestamp: 1734417873301, sign }
const signed = { ...entry, user_id: 'uid001' }

/** A right request of each call. */
const samples: Record<string, Record<string, unknown>> = {
  login: { ...sampleLogin, custom_language: 'en-US>en-play' },
  create: { ...signed, user_name: 'testUser', desc: 'a test user' },
  lock: { ...signed, status: 'LockAll' },
  update: { ...signed, user_name: 'testUser', desc: 'a test user' },
  logout: signed,
  guest_login: {
    ...entry,
    platform: 'h5',
    language: 'en-US',
    currency: 'VND2',
    game_code: '101',
    amount: '1000.12',
    callback: 'https://a.example/',
  },
  game_list: { ...entry, game_id: '101' },
  limit_list: { ...entry, game_id: '101', currency: 'VND2' },
}

/** For each field: values just inside its rule, and just outside. */
const edges: Record<string, { inside: unknown[]; outside: unknown[] }> = {
  agent_id: { inside: ['a', 'A-_9', 'x'.repeat(64)], outside: ['x'.repeat(65), 'a b', 'a&b', 'a=b', 'é', 'a\n', 'ａ'] },
  user_id: { inside: ['abc', 'A_9', 'x'.repeat(64)], outside: ['ab', 'x'.repeat(65), 'a-b-c', 'a b', 'abc\n', '\u0661\u0662\u0663'] },
  token: {
    inside: ['x'.repeat(9), 'x'.repeat(31), '!"#$%\'()*+', 'dG9rZW4tMTIzNDU2Nzg==', '~~~~~~~~~'],
    outside: ['x'.repeat(8), 'x'.repeat(32), 'token token', 'token&token', 'token\ttoken', 'tokentokén', '\u007f'.repeat(9)],
  },
  platform: { inside: ['ios', 'android', 'h5', 'web'], outside: ['H5', 'windows', 'ios ', 'pc'] },
  language: {
    inside: ['en', 'en-US', 'zh-Hant-TW', 'es-419', 'de-CH-1996', `en-x-${'abcdefgh-'.repeat(6)}abcde`],
    outside: ['e', 'en_US', 'en-', '-en', 'en US', 'en--US', 'x', `en-x-${'abcdefgh-'.repeat(6)}abcdef`],
  },
  currency: { inside: ['USD', 'VND2', 'A'.repeat(10), '123'], outside: ['US', 'A'.repeat(11), 'usd', 'US D', 'USD&x', 'ＵＳＤ'] },
  timestamp: {
    inside: [1_000_000_000_000, 9_999_999_999_999, '1734417873301'],
    outside: [
      999_999_999_999,
      10_000_000_000_000,
      '173441787330',
      '17344178733010',
      ' 734417873301',
      '1734417873301\u0000',
      '１７３４４１７８７３３０１',
      'NaN',
      1734417873,
    ],
  },
  game_code: { inside: ['1', 'rand-101', '101-DYfsRc', 'x'.repeat(128)], outside: ['x'.repeat(129), '101 1', '101&a', '101/1', '101.1'] },
  callback: {
    inside: ['https://a.example/?a=1&b=%20#x', `https://a.example/${'x'.repeat(2030)}`],
    outside: [
      `https://a.example/${'x'.repeat(2031)}`,
      'https://a.example/ x',
      'https://a.example\\x',
      'https://a.example/\n',
      'https://a.example/\u2028',
      'https://a.example/\u00a0',
    ],
  },
  limits: {
    inside: [{ USD_101: '1,2' }],
    outside: ['USD_101', ['USD_101'], { USD_101: 110101 }, { USD_101: ['110101'] }, { USD_101: { a: 'b' } }],
  },
  custom_language: { inside: ['en-US>en-play', 'x'.repeat(64)], outside: ['x'.repeat(65), 'en US', 'en&US', 'en.US'] },
  sign: {
    inside: ['a'.repeat(32), 'A'.repeat(32), '0'.repeat(64)],
    outside: ['a'.repeat(31), 'a'.repeat(33), 'a'.repeat(63), 'a'.repeat(65), 'g'.repeat(32)],
  },
  user_name: { inside: ['a', '_', 'x'.repeat(64)], outside: ['x'.repeat(65), 'a b', 'a-b', 'é'] },
  desc: { inside: ['a', 'a b_9', 'x'.repeat(20)], outside: ['x'.repeat(21), 'a.b', 'a\tb', 'a&b'] },
  amount: {
    inside: ['0', '1', '1000.12', '0.00000001', '9'.repeat(16)],
    outside: ['01', '1.', '.5', '-1', '+1', '1e3', '1,000', '0x1', ' 1', '1.123456789', '9'.repeat(17), '１'],
  },
  game_id: { inside: ['1', 'A'.repeat(32)], outside: ['A'.repeat(33), '10-1', '1 ', '1_0', 'é'] },
  status: { inside: ['Active', 'LockBet', 'LockAll'], outside: ['active', 'Locked', 'LockAll '] },
}

/** Neither a string nor, where one may stand, a number. */
const wrongTypes: unknown[] = [
  true,
  [],
  ['x'],
  ['uid001'],
  { toString: 'x' },
  1.5,
  -1,
  Number('9007199254740993'),
  Number.POSITIVE_INFINITY,
  Number.NaN,
]

function faultOf(call: SignedCall, request: Record<string, unknown>): string | null {
  try {
    compileFields(call.schema)(dropEmpty({ ...request }, call.schema.properties))
    return null
  } catch (error) {
    assert.ok(error instanceof GatewayError && error.key === 'invalid_parameter', String(error))
    return error.details.field ?? ''
  }
}

for (const call of signedCalls) {
  const sample = samples[call.name] ?? assert.fail(`no sample of ${call.name}`)
  const names = Object.keys(call.schema.properties)

  test(`${call.name}: a right request is accepted, and every field has its edges here`, () => {
    assert.equal(faultOf(call, sample), null)
    assert.deepEqual(
      names.filter((name) => edges[name] === undefined),
      [],
    )
  })

  for (const name of names) {
    test(`[check 46] ${call.name}.${name}: just inside its rule is accepted, just outside is refused by its name`, () => {
      for (const value of edges[name]?.inside ?? []) assert.equal(faultOf(call, { ...sample, [name]: value }), null, JSON.stringify(value))
      for (const value of edges[name]?.outside ?? []) assert.equal(faultOf(call, { ...sample, [name]: value }), name, JSON.stringify(value))
    })
  }

  test(`[check 30] ${call.name}: scalars of other types are refused`, () => {
    // `limits` is the one that is an object.
    for (const name of names.filter((name) => name !== 'limits')) {
      for (const value of wrongTypes) assert.equal(faultOf(call, { ...sample, [name]: value }), name, `${name} = ${JSON.stringify(value)}`)
      if (name !== 'timestamp') assert.equal(faultOf(call, { ...sample, [name]: 1734417873301 }), name)
    }
  })

  test(`${call.name}: an empty, null or absent field is missing where it is required, and nothing where it is not`, () => {
    const required = new Set(call.schema.required)
    for (const name of names) {
      for (const empty of ['', null, undefined]) assert.equal(faultOf(call, { ...sample, [name]: empty }), required.has(name) ? name : null)
    }
  })

  test(`[check 46] ${call.name}: an unknown field is refused by its name, empty or not`, () => {
    for (const name of ['extra', 'Agent_id', 'agent_id ', 'toString', 'hasOwnProperty']) {
      for (const value of ['x', '', null]) assert.equal(faultOf(call, { ...sample, [name]: value }), printable(name))
    }
  })
}

test('limits that are empty, or hold only empty lists, are absent', () => {
  const login = signedCalls.find(({ name }) => name === 'login') ?? assert.fail()
  for (const limits of [{}, { USD_101: '' }, { USD_101: null }]) {
    assert.equal('limits' in dropEmpty({ ...sampleLogin, limits: { ...limits } }, login.schema.properties), false)
  }
})

test('seller fields: one field more, one less, and other types are refused', () => {
  const login = compileFields(sellerLogin)
  assert.deepEqual(login({ email: 'a@b.example', password: 'x' }), { email: 'a@b.example', password: 'x' })
  for (const fields of [
    {},
    { email: 'a@b.example' },
    { password: 'x' },
    { email: 'a@b.example', password: 1 },
    { email: ['a'], password: 'x' },
    { email: 'a', password: 'x', remember: true },
  ]) {
    assert.throws(() => login(fields), GatewayError)
  }
  const refresh = compileFields(sellerRefresh)
  assert.throws(() => refresh({ refreshToken: 'x'.repeat(4_097) }), GatewayError)
  assert.ok(refresh({ refreshToken: 'x'.repeat(4_096) }))
})

test('[check 72] names of strangers are told without control characters and cut', () => {
  assert.equal(printable('user_id'), 'user_id')
  assert.equal(printable('a\nb\u0085\u202e'), '"a\\nb\\u0085\\u202e"')
  assert.ok(printable('x'.repeat(1_000_000)).length < 80)
  // Everything that a display ignores or that turns text about, of every plane.
  const kinds = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
  const hidden = Array.from({ length: 0x110000 }, (_, code) => code).filter(
    (code) => (code < 0xd800 || code > 0xdfff) && kinds.test(String.fromCodePoint(code)),
  )
  assert.ok(hidden.length > 4_000, String(hidden.length))
  for (const code of hidden) {
    const shown = printable(`a${String.fromCodePoint(code)}b`)
    assert.match(shown, /^[ -~]+$/, code.toString(16))
    assert.equal(JSON.parse(shown), `a${String.fromCodePoint(code)}b`)
  }
  for (const char of ['\u00ad', '\u061c', '\u180e', '\u200b', '\u2060', '\u3164', '\ufeff', '\u{e0041}', '\ud800', '\u00a0']) {
    assert.match(printable(char), /^"(?:\\u[0-9a-f]{4})+"$/)
  }
  assert.equal(escapeHidden('Zoë 李 ελ 😀'), 'Zoë 李 ελ 😀')
})

test('one value is held to one schema by name', () => {
  const { agent_id } = signedCalls[0]?.schema.properties ?? {}
  assert.ok(agent_id)
  verifyField('agent_id', agent_id, 'agent001')
  assert.throws(() => verifyField('agent_id', agent_id, 'a b'), /agent_id must be a string of 1 to 64/)
})

test('an empty text is absent, but where it clears a field', () => {
  const { properties } = memberUpdate.schema
  const { clearable } = memberUpdate
  assert.deepEqual(dropEmpty({ user_id: '', desc: '' }, properties, clearable), { desc: '' })
  assert.deepEqual(dropEmpty({ user_name: null, desc: null }, properties, clearable), {})
  assert.deepEqual(dropEmpty({ desc: '' }, memberCreate.schema.properties), {})
})
