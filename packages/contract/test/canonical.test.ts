import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { canonicalString, isUnambiguousCallback, memberLogin, signedCalls, signedNames } from '@lobbykey/contract'
import { assertDistinct, assertReadable } from './injectivity.ts'
import { acceptLogin, canonicalOf, sampleLogin } from './sample-login.ts'

interface Vectors {
  valid: {
    name: string
    key: string
    fields: Record<string, unknown>
    excluded: string[]
    canonical: string
    md5: string
    hmacSha256: string
  }[]
  refused: { name: string; fields: Record<string, unknown>; sharesWith?: Record<string, unknown> }[]
}

const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as Vectors
const key = 'l4gnD61pz4arJyv8'

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex')
}

/** The call whose signed fields these are, with the profile that the vector's exclusions say. */
function namesOf(fields: Record<string, unknown>, excluded: string[]): readonly string[] {
  const call = signedCalls.find(({ schema }) => Object.keys(fields).every((name) => name in schema.properties))
  assert.ok(call)
  return signedNames(call, excluded.includes('callback') ? 'unsigned' : 'signed')
}

for (const vector of vectors.valid) {
  test(`[check 26] vector: ${vector.name}`, () => {
    const canonical = canonicalString(vector.fields, namesOf(vector.fields, vector.excluded))
    assert.equal(`${vector.key}&${canonical}`, vector.canonical)
    assert.equal(md5(vector.canonical), vector.md5)
    assert.equal(createHmac('sha256', vector.key).update(canonical).digest('hex'), vector.hmacSha256)
  })
}

for (const vector of vectors.refused) {
  test(`[check 28] vector: ${vector.name}`, () => {
    const request = { ...sampleLogin, game_code: undefined, ...vector.fields }
    assert.equal(acceptLogin(request, 'unsigned'), null)
    if (vector.sharesWith === undefined) return
    // The danger is real: but for the refusal, both would have one canonical string.
    const names = signedNames(memberLogin, 'unsigned')
    const other = { ...sampleLogin, game_code: undefined, ...vector.sharesWith }
    assert.equal(canonicalString(request, names), canonicalString(other, names))
  })
}

for (const callback of ['unsigned', 'signed'] as const) {
  test(`[check 28] with callback ${callback}, every accepted request can be read back from its canonical string`, () => {
    assert.ok(assertReadable(callback, 5_000) > 500)
  })

  test(`[check 28] with callback ${callback}, no two accepted requests of different meaning share a canonical string`, () => {
    assertDistinct(callback, 5_000)
  })

  test(`[check 26] with callback ${callback}, any single character changed in a signed field is refused or changes the digest`, () => {
    const right = md5(`${key}&${canonicalOf(sampleLogin, callback)}`)
    const alphabet = [...Array(256).keys()]
      .map((code) => String.fromCharCode(code))
      .concat('\u017f', '\u212a', '\uff11', '\ufeff', '\ud800')
    for (const name of signedNames(memberLogin, callback)) {
      const value = String(sampleLogin[name as keyof typeof sampleLogin])
      for (let at = 0; at <= value.length; at++) {
        const [head, tail] = [value.slice(0, at), value.slice(at)]
        const changed = alphabet.flatMap((char) => [`${head}${char}${tail}`, `${head}${char}${tail.slice(1)}`])
        for (const mutant of [...changed, `${head}${tail.slice(1)}`]) {
          if (mutant === value) continue
          const fields = acceptLogin({ ...sampleLogin, [name]: mutant }, callback)
          if (fields !== null) assert.notEqual(md5(`${key}&${canonicalOf(fields, callback)}`), right, `${name} = ${JSON.stringify(mutant)}`)
        }
      }
    }
  })
}

test('empty, null and absent are the same; zero is not empty', () => {
  const names = ['a', 'b', 'c', 'd']
  assert.equal(canonicalString({ a: '', b: null, c: 0 }, names), 'c=0')
  assert.equal(canonicalString({ c: 0 }, names), 'c=0')
})

test('names are sorted by ASCII and nothing unsigned is among them', () => {
  assert.deepEqual(signedNames(memberLogin, 'unsigned'), [
    'agent_id',
    'currency',
    'game_code',
    'language',
    'platform',
    'timestamp',
    'token',
    'user_id',
  ])
  assert.deepEqual(
    signedNames(memberLogin, 'signed').filter((name) => !signedNames(memberLogin, 'unsigned').includes(name)),
    ['callback'],
  )
  for (const call of signedCalls) {
    const names = signedNames(call, 'signed')
    assert.deepEqual(names, [...names].sort())
    for (const unsigned of ['sign', 'limits', 'custom_language']) assert.ok(!names.includes(unsigned))
  }
})

test('a signed callback may hold & unless a piece begins with the name of a field and =', () => {
  const names = signedNames(memberLogin, 'signed')
  assert.equal(isUnambiguousCallback('https://a.example/?a=1&b=2', names), true)
  assert.equal(isUnambiguousCallback('https://a.example/?currency=USD', names), true)
  assert.equal(isUnambiguousCallback('https://a.example/?a=1&currency=USD', names), false)
  assert.equal(isUnambiguousCallback('https://a.example/?a=1&currency', names), true)
  assert.equal(isUnambiguousCallback('https://a.example/?a=1&Currency=USD', names), true)
})

test('the string is hashed as UTF-8, never latin1', () => {
  const canonical = canonicalString({ desc: 'é' }, ['desc'])
  assert.notEqual(md5(canonical), createHash('md5').update(canonical, 'latin1').digest('hex'))
})
