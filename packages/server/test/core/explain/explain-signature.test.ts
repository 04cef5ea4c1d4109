import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { memberCreate, memberLock, memberLogin, type SignedCall } from '@lobbykey/contract'
import fc from 'fast-check'
import { type ExplainInput, explainSignature } from '../../../src/core/explain/explain-signature.ts'
import { verifySecrecy } from './accuracy.ts'

const key = 'l4gnD61pz4arJyv8'
const timestamp = 1_734_417_873_301
const fields = {
  agent_id: 'agent001',
  user_id: 'uid001',
  token: 'tokena8c2aaef3880162a',
  platform: 'h5',
  language: 'en-US',
  currency: 'VND2',
  timestamp,
  limits: { USD_101: '110101,110102,110103' },
  game_code: '101-DYfsRc',
  callback: 'https://h5-uat.aig1234.com/home',
}
const text =
  'agent_id=agent001&currency=VND2&game_code=101-DYfsRc&language=en-US&platform=h5&timestamp=1734417873301&token=tokena8c2aaef3880162a&user_id=uid001'
const right = hash('md5', `${key}&${text}`, 'hex')

function input(sign: unknown, change: Partial<ExplainInput> = {}): ExplainInput {
  return {
    call: memberLogin,
    body: JSON.stringify({ ...fields, sign }),
    keys: { active: [key] },
    profile: { algorithm: 'md5', callback: 'unsigned' },
    now: timestamp,
    ...change,
  }
}

function explain(sign: unknown, change: Partial<ExplainInput> = {}) {
  return explainSignature(input(sign, change))
}

interface Vector {
  name: string
  key: string
  fields: Record<string, unknown>
  excluded: string[]
  md5: string
  hmacSha256: string
}
const vectors = new URL('../../../../contract/test/vectors.json', import.meta.url)
for (const vector of (JSON.parse(readFileSync(vectors, 'utf8')) as { valid: Vector[] }).valid) {
  test(`[check 26] a right signature is told as right: ${vector.name}`, () => {
    const call: SignedCall = 'token' in vector.fields ? memberLogin : 'status' in vector.fields ? memberLock : memberCreate
    for (const [algorithm, sign] of [
      ['md5', vector.md5],
      ['hmac-sha256', vector.hmacSha256],
    ] as const) {
      const profile = { algorithm, callback: vector.excluded.includes('callback') ? 'unsigned' : 'signed' } as const
      const body = JSON.stringify({ ...vector.fields, sign: sign.toUpperCase() })
      const { kind, also } = explainSignature({ call, profile, body, keys: { active: [vector.key] }, now: null })
      assert.deepEqual([kind, also], ['signature-right', []])
    }
  })
}

test('a mistake is one sentence, its cure and its field', () => {
  assert.deepEqual(explain(hash('md5', `${text}&key=${key}`, 'hex')), {
    kind: 'key-as-field',
    sentence: 'The key was signed as a field, key=KEY, instead of bare and first.',
    cure: 'Hash KEY&name=value&name=value… with MD5: the key first, one &, then the signed fields sorted by name.',
    also: [],
    ruledOut: [],
  })
  const { kind, sentence, field } = explain(hash('md5', `${key}&${text.replace('&game_code=101-DYfsRc', '')}`, 'hex'))
  assert.deepEqual([kind, sentence, field], ['signed-field-left-out', 'game_code is in the body but not in the signed text.', 'game_code'])
})

test('what the server finds first comes first, the rest in also', () => {
  const atEnd = hash('md5', `${text}&${key}`, 'hex')
  const stale = explain(atEnd, { now: timestamp + 25 * 60_000 })
  assert.deepEqual([stale.kind, ...stale.also.map(({ kind }) => kind)], ['timestamp-behind', 'key-at-end'])
  assert.match(stale.sentence, /^timestamp is 25 min behind the server's clock/)
  const base64 = explain(Buffer.from(atEnd, 'hex').toString('base64'), { now: timestamp + 25 * 60_000 })
  assert.deepEqual([base64.kind, ...base64.also.map(({ kind }) => kind)], ['sign-base64', 'key-at-end', 'timestamp-behind'])
  const rule = explain(right, { body: JSON.stringify({ ...fields, user_id: 'x', sign: right }) })
  assert.deepEqual([rule.kind, rule.field, rule.also[0]?.kind], ['field-rule', 'user_id', 'unknown'])
})

test('clocks: at ten minutes it is right, past them it says how far and which way', () => {
  assert.equal(explain(right, { now: timestamp + 600_000 }).kind, 'signature-right')
  assert.match(explain(right, { now: timestamp + 600_001 }).sentence, /^timestamp is 10 min behind/)
  assert.match(explain(right, { now: timestamp - 3_661_000 - 600_000 }).sentence, /^timestamp is 1 h 11 min ahead of the server's clock/)
  assert.match(explain(right, { now: timestamp - 7 * 3_600_000 }).sentence, /^timestamp is 7 h ahead of the server's clock: local time/)
  assert.equal(explain(right, { now: null }).kind, 'signature-right')
})

test('both active keys are right; without a key, only mistakes that need none are named', () => {
  assert.equal(explain(right, { keys: { active: ['another0another0', key] } }).kind, 'signature-right')
  assert.equal(explain(hash('md5', `${text}${key}`, 'hex'), { keys: { active: ['another0another0', key] } }).kind, 'key-at-end')
  assert.equal(explain(right, { keys: { active: [] } }).kind, 'key-unknown')
  assert.equal(explain(hash('md5', text, 'hex'), { keys: { active: [] } }).kind, 'key-missing')
  assert.equal(explain(right, { keys: { active: [], retired: [key] } }).kind, 'key-retired')
  assert.equal(explain(right, { keys: { active: ['another0another0'], ids: [key] } }).kind, 'key-is-identifier')
})

test('some fields of an earlier session are enough to tell which was changed', () => {
  const sign = hash('md5', `${key}&${text.replace('game_code=101-DYfsRc', 'game_code=101-Before')}`, 'hex')
  const { kind, field } = explain(sign, { prior: { agent_id: 'agent001', game_code: '101-Before', platform: 'web' } })
  assert.deepEqual([kind, field], ['value-changed', 'game_code'])
  assert.equal(explain(sign).kind, 'unknown')
})

test('random signatures are unknown, and the answer lists what they are not', () => {
  for (const algorithm of ['md5', 'hmac-sha256'] as const) {
    for (const hashName of ['md5', 'sha256']) {
      const explanation = explain(hash(hashName, 'random', 'hex'), { profile: { algorithm, callback: 'unsigned' } })
      assert.equal(explanation.kind, 'unknown')
      // An HMAC as long as an MD5 is of another hash: nothing else is tried.
      assert.ok(explanation.ruledOut.length >= (algorithm === 'hmac-sha256' && hashName === 'md5' ? 1 : 10))
    }
  }
})

test('no part of a right digest is confirmed: short cuts and near misses look like random ones', () => {
  const random = hash('md5', 'something else', 'hex')
  // Forms of exactly sixteen digits are known; each of these is near one, or far.
  for (const digits of [1, 8, 14, 15]) {
    assert.deepEqual(explain(right.slice(0, digits)), explain(random.slice(0, digits)), `${digits} digits`)
    assert.deepEqual(explain(right.slice(-digits)), explain(random.slice(-digits)), `${digits} digits`)
  }
  const unknown = explain(random)
  for (const at of [0, 7, 16, 31]) {
    const near = right.slice(0, at) + (right[at] === '0' ? '1' : '0') + right.slice(at + 1)
    assert.deepEqual(explain(near), unknown)
  }
})

test('no part of a key is confirmed: a signature with a piece of it looks like a random one', () => {
  const random = explain(hash('md5', 'something else', 'hex'))
  for (const length of [1, 6, 11]) {
    for (const piece of [key.slice(0, length), key.slice(-length)]) {
      assert.deepEqual(explain(hash('md5', `${piece}&${text}`, 'hex')), random, `${length} characters`)
    }
  }
})

test('whatever is sent is answered, soon, and without a secret', () => {
  const field = fc.constantFrom(...Object.keys(fields), 'sign', 'desc', '__proto__', 'toString')
  const body = fc.dictionary(
    field,
    fc.oneof(fc.jsonValue(), fc.string({ maxLength: 200 }), fc.constantFrom(...Object.values(fields), right)),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        body.map((value) => JSON.stringify(value)),
        fc.json(),
        fc.string(),
      ),
      fc.boolean(),
      (sent, isHmac) => {
        const given = input('', { body: sent, profile: { algorithm: isHmac ? 'hmac-sha256' : 'md5', callback: 'signed' } })
        verifySecrecy(explainSignature(given), given)
      },
    ),
    { seed: 6, numRuns: 200 },
  )
  for (const sent of ['', '[]', 'null', '{', '{"sign":'.padEnd(20_000, '['), `{"a":${'['.repeat(7_000)}${']'.repeat(7_000)}}`]) {
    assert.equal(explain('', { body: sent }).kind, 'body-unreadable')
  }
  for (const sign of ['-1,'.repeat(5_000), 'A'.repeat(16_000), ' '.repeat(9_000), '"'.repeat(9_000)]) {
    assert.match(explain(sign).kind, /^sign-|^body-/)
  }
})
