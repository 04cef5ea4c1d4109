import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { canonicalString, signedNames, textToHash } from '@lobbykey/contract'
import fc from 'fast-check'
import { type ExplainInput, explainSignature } from '../../../src/core/explain/explain-signature.ts'
import type { TextDifference } from '../../../src/core/explain/text/explain-text.ts'
import { verifySecrecy } from './accuracy.ts'
import { anyRequest, type Request } from './random-requests.ts'

const digest = ({ profile }: Request, text: string, key: string) =>
  profile.algorithm === 'md5' ? createHash('md5').update(text).digest('hex') : createHmac('sha256', key).update(text).digest('hex')

const rightOf = ({ call, profile, fields }: Request) =>
  textToHash(canonicalString(fields, signedNames(call, profile.callback)), 'KEY', profile.algorithm)

function input(request: Request, text: string, sign: string): ExplainInput {
  const { call, profile, fields, key, retiredKey } = request
  return { call, profile, body: JSON.stringify({ ...fields, sign }), keys: { active: [key], retired: [retiredKey] }, now: null, text }
}

function signedText(given: string, { before, from, to, after }: TextDifference['signed']): string {
  return before + given.slice(from, to) + after
}

const edit = fc.tuple(
  fc.nat(),
  fc.nat(12),
  fc.string({ maxLength: 12 }).filter((text) => !text.includes('KEY')),
)

test('whatever was done to the text, the difference is exact: its parts give both texts, and it is described in words', () => {
  fc.assert(
    fc.property(anyRequest, fc.array(edit, { minLength: 1, maxLength: 3 }), (request, edits) => {
      const right = rightOf(request)
      let text = right
      for (const [place, length, put] of edits) {
        const at = place % (text.length + 1)
        text = text.slice(0, at) + put + text.slice(at + length)
      }
      const given = input(request, text, digest(request, text.replaceAll('KEY', request.key), request.key))
      const { kind, difference, ...explanation } = explainSignature(given)
      if (text === right) return assert.equal(kind, 'signature-right')
      assert.notEqual(kind, 'unknown')
      verifySecrecy({ kind, ...explanation }, given)
      // A line break from pasting is not part of the text; a right text with one is right.
      if (difference === undefined) return assert.equal(text.trim(), right)
      assert.equal(difference.right, right)
      const own = signedText(text, difference.signed)
      assert.equal(difference.parts.map(({ signed }) => own.slice(...signed)).join(''), own)
      const inOrder = [...difference.parts].map(({ right: span }) => span).sort((a, b) => a[0] - b[0] || a[1] - b[1])
      assert.equal(inOrder.map((span) => right.slice(...span)).join(''), right)
      for (const { how, signed, right: span } of difference.parts)
        assert.equal(how === 'same', own.slice(...signed) === right.slice(...span))
      assert.ok(difference.sentences.length > 0)
    }),
    { seed: 15, numRuns: 20 },
  )
})

const [request] = fc.sample(
  anyRequest.filter(({ profile, call }) => profile.algorithm === 'md5' && call.name === 'lock'),
  { seed: 3, numRuns: 1 },
) as [Request]
const right = rightOf(request)
const real = right.replaceAll('KEY', request.key)
const hash = (name: string, text: string | Buffer) => createHash(name).update(text).digest('hex')
const ask = (text: string, sign: string) => explainSignature(input(request, text, sign))

test('for a right text the wrong digest step is named; one that produces no sign is reported as that', () => {
  for (const [sign, words] of [
    [hash('sha1', real), /right; what your code does with it is wrong\. .*SHA-1/],
    [hash('md5', hash('md5', real)), /hashed once more/],
    [hash('sha256', Buffer.from(real, 'utf16le')), /right; .*SHA-256.*UTF-16/],
    [hash('md5', real.replace(request.key, `"${request.key}"`)), /quotes/],
    [hash('sha512', real.replace(request.key, request.retiredKey)), /right; .*SHA-512.*retired/],
    [Buffer.from(hash('md5', real), 'hex').toString('base64'), /base64/],
    [hash('md5', 'something else'), /right; what your code does with it is wrong, in a way that the explainer does not know/],
  ] as const) {
    const { kind, sentence, also, difference } = ask(right, sign)
    assert.match([sentence, ...also.map((cause) => cause.sentence)].join(' '), words)
    assert.equal(difference, undefined)
    assert.equal(kind === 'text-right', sign === hash('md5', 'something else'))
  }
  assert.equal(ask(`${right}x`, hash('md5', 'something else')).kind, 'unknown')
})

test('a wrong function comes before differences in the text, and alone if the text is right for that function', () => {
  const hmac = (name: string, key: string, text: string) => createHmac(name, key).update(text).digest('hex')
  const bare = right.slice('KEY&'.length)
  const reversed = bare.split('&').reverse().join('&')
  for (const [text, sign, ...kinds] of [
    // PHP's hash_hmac('md5', $key, $text): it takes the text first.
    [bare, hmac('md5', bare, request.key), 'hmac-swapped'],
    [right, hmac('md5', real, request.key), 'hmac-swapped'],
    [bare, hmac('md5', request.key, bare), 'hmac-instead-of-hash'],
    [bare, hmac('sha256', request.key, bare), 'other-algorithm'],
    [bare, hash('md5', hash('md5', bare) + request.key), 'hashed-twice'],
    [bare, hmac('md5', `"${request.key}"`, bare), 'hmac-instead-of-hash', 'key-quoted'],
    [bare, hmac('sha1', `${request.key}&`, bare), 'hmac-instead-of-hash', 'key-quoted'],
    [reversed, hmac('md5', request.key, reversed), 'hmac-instead-of-hash', 'text-differs'],
    [`${bare}&KEY`, hash('sha256', `${bare}&${request.key}`), 'wrong-hash', 'text-differs'],
    [bare, hash('md5', hash('md5', bare)), 'hashed-twice', 'text-differs'],
  ] as const) {
    const { kind, also } = ask(text, sign)
    assert.deepEqual([kind, ...also.map((cause) => cause.kind)], kinds)
  }
  const underHmac = { ...request, profile: { ...request.profile, algorithm: 'hmac-sha256' } } as const
  for (const [text, sign, ...kinds] of [
    [right, hash('sha256', real), 'hash-instead-of-hmac'],
    [right, hash('md5', real), 'other-algorithm'],
    [bare, hash('sha256', bare), 'key-missing'],
    [bare, hmac('sha256', bare, request.key), 'hmac-swapped'],
  ] as const) {
    const { kind, also } = explainSignature(input(underHmac, text, sign))
    assert.deepEqual([kind, ...also.map((cause) => cause.kind)], kinds)
  }
})

test('KEY may stand anywhere, the key itself too, or be left out; a line break of pasting does not count', () => {
  const bare = right.slice('KEY&'.length)
  for (const [text, signed, sentence] of [
    [`${bare}&KEY`, `${bare}&${request.key}`, 'KEY stands last in your text; it belongs first, with & after it.'],
    [bare, `${bare}&${request.key}`, 'KEY stands last in your text; it belongs first, with & after it.'],
    [`${request.key}&${bare}&x`, `${request.key}&${bare}&x`, '“x” stands in your text as a field, but there is no such field to sign.'],
    [bare, bare, 'KEY is missing from your text; it belongs first, with & after it.'],
  ] as const) {
    assert.deepEqual(ask(text, hash('md5', signed)).difference?.sentences, [sentence])
    assert.deepEqual(ask(`${text}\n`, hash('md5', signed)).difference?.sentences, [sentence])
  }
  const invisible = ask(`${right}\u200b`, hash('md5', `${real}\u200b`)).difference?.sentences
  assert.deepEqual(invisible, ['In user_id, a zero-width space stands at the end where nothing belongs.'])
})

test('each difference is reported once, with its place, and a thousand of a kind in a few words', () => {
  const bare = right.slice('KEY&'.length)
  const names = bare.split('&').map((field) => field.split('=')[0] ?? '')
  const listed = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  const numbered = bare.replace(
    /(^|&)[a-z_]+=/g,
    (_field, lead: string, at: number) => `${lead}${bare.slice(0, at).split('&').length - (lead === '' ? 1 : 0)}=`,
  )
  for (const [text, sentence] of [
    [`KEY${bare}`, '& is missing between KEY and agent_id in your text.'],
    [`KEY|${bare}`, 'In your text, “|” stands between KEY and agent_id where & belongs.'],
    [`KEY'&${bare}`, "In your text, “'” stands after KEY where nothing belongs."],
    [`KEY&${bare.replaceAll('&', '& ')}`, `In your text, a space stands where nothing belongs, ${names.length - 1} times.`],
    [`KEY& ${bare}`, 'In your text, a space stands before agent_id where nothing belongs.'],
    [`KEY&${names.join('&')}`, `${listed} have no value in your text.`],
    [
      `KEY&${numbered}`,
      `The names differ: yours are ${names.map((_name, at) => `“${at}”`).join(', ')}; they should be ${names.join(', ')}.`,
    ],
  ] as const)
    assert.deepEqual(ask(text, hash('md5', text.replace('KEY', request.key))).difference?.sentences, [sentence])
  for (const more of ['&'.repeat(9_000), Array.from({ length: 3_000 }, (_, at) => `&${at}`).join('')]) {
    const { difference } = ask(right + more, hash('md5', real + more))
    assert.equal(signedText(right + more, difference?.signed as TextDifference['signed']), right + more)
    assert.ok(JSON.stringify(difference).length < 3_000)
  }
})

test("[check 92] a signature that was extended without the key does not reveal the key's length", () => {
  // A key that is also base64, so that a decoded key is tried as well.
  const key = 'ownKey0123456789'
  // The padding of MD5 as characters of Latin-1, for the length that the key has. The asker does not know what is hashed then.
  const rest = right.slice('KEY'.length)
  const bits = (key.length + rest.length) * 8
  const zeros = (119 - ((bits / 8) % 64)) % 64
  const text = `${rest}\x80${'\0'.repeat(zeros)}${String.fromCharCode(bits & 0xff, (bits >> 8) & 0xff)}${'\0'.repeat(6)}&x=1`
  const sign = hash('md5', Buffer.from(key + text, 'latin1'))
  for (const own of [sign, hash('md5', sign), hash('md5', sign.toUpperCase()), hash('md5', Buffer.from(sign, 'hex'))]) {
    // As many checks of the clock as tries of a text.
    let looks = 240
    const asked = { ...input({ ...request, key }, `KEY${text}`, own), hasTime: () => looks-- > 0 }
    assert.equal(explainSignature(asked).kind, 'unknown')
  }
})

test('[check 92] many guesses in one text are not tried at once', () => {
  const guesses = Array.from({ length: 200 }, (_, index) => `guess${index}guess`)
  const text = (key: string) => `a=1&${[...guesses.slice(0, 100), key, ...guesses.slice(100)].join('&')}&b=2`
  const other = request.key.replace(/./g, 'x')
  assert.deepEqual(ask(text(request.key), hash('md5', text(request.key))), ask(text(other), hash('md5', text(other))))
})
