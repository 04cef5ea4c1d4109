import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStrictJson, StrictJsonError } from '@lobbykey/contract'
import fc from 'fast-check'

const limits = { depthMax: 2, keysMax: 64, plainNumbers: true }

function refuses(text: string, message: RegExp, bounds = limits): void {
  assert.throws(
    () => parseStrictJson(text, bounds),
    (error) => error instanceof StrictJsonError && message.test(error.message),
    text.slice(0, 80),
  )
}

test('[check 44] takes one JSON object', () => {
  assert.deepEqual(parseStrictJson('{"a":1,"b":{"c":"x"}}', limits), { a: 1, b: { c: 'x' } })
  assert.deepEqual(parseStrictJson('{}', limits), {})
})

test('[check 44] refuses what is not one JSON object', () => {
  for (const text of ['', ' ', '{', '{"a":1}}', "{'a':1}", '{a:1}', '{"a":01}', '{"a":NaN}', '{"a":1,}', '\ufeff{}'])
    refuses(text, /not JSON/)
  for (const text of ['[]', 'null', '1', '"x"', 'true', '[{}]']) refuses(text, /one JSON object/)
})

test('[check 44] refuses a key that appears twice, however it is spelled and wherever it is', () => {
  refuses('{"a":1,"a":1}', /twice/)
  refuses('{"a":1,"\\u0061":2}', /twice/)
  refuses('{"b":{"a":"x","a":"y"}}', /twice/)
  assert.deepEqual(parseStrictJson('{"a":{"a":"x"}}', limits), { a: { a: 'x' } })
  assert.deepEqual(parseStrictJson('{"a":":","b":"\\"a\\":"}', limits), { a: ':', b: '"a":' })
})

test("[check 44] refuses keys that reach an object's prototype", () => {
  for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
    refuses(`{"${key}":1}`, /not allowed/)
    refuses(`{"a":{"${key}":"x"}}`, /not allowed/)
  }
})

test('[check 44] bounds depth, before anything recurses over it', () => {
  refuses('{"a":{"b":{}}}', /deeper than 2/)
  refuses('{"a":{}}', /flat/, { ...limits, depthMax: 1 })
  refuses(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, /deeper than 2/)
  assert.deepEqual(parseStrictJson('{"a":"[[[{{{"}', limits), { a: '[[[{{{' })
})

test('[check 44] bounds the number of keys', () => {
  const object = (count: number) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index])))
  assert.equal(Object.keys(parseStrictJson(object(64), limits)).length, 64)
  refuses(object(65), /more than 64/)
})

test('[check 44] refuses strings that are not well-formed Unicode, in keys and values', () => {
  for (const text of ['{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"\\ud800":1}', '{"a":{"b":"x\\udfff"}}']) refuses(text, /well-formed/)
  assert.deepEqual(parseStrictJson('{"a":"\\ud83d\\ude00"}', limits), { a: '😀' })
})

test('[check 30] signed numbers are written in plain digits', () => {
  for (const number of ['1.0', '1e3', '1E3', '-1', '-0', '1e400', '0.5', '1734417873301.0'])
    refuses(`{"timestamp":${number}}`, /timestamp must be a whole number/)
  assert.deepEqual(parseStrictJson('{"a":0,"b":true,"c":false,"d":null,"e":"1e3"}', limits), { a: 0, b: true, c: false, d: null, e: '1e3' })
  assert.deepEqual(parseStrictJson('{"a":-1.5e3}', { ...limits, plainNumbers: false }), { a: -1500 })
})

test('[check 50] any text gives an object or a StrictJsonError, and what it accepts is what JSON.parse says', () => {
  const json = fc.json({ maxDepth: 3 })
  const noisy = fc
    .tuple(json, fc.nat(), fc.constantFrom('"', '{', '}', '[', ']', ':', ',', '\\', 'e', '-', '.', '\u0000', '\ud800'))
    .map(([text, at, char]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + char + text.slice(cut)
    })
  fc.assert(
    fc.property(fc.oneof(json, noisy, fc.string({ unit: 'binary' })), (text) => {
      try {
        assert.deepEqual(parseStrictJson(text, limits), JSON.parse(text))
      } catch (error) {
        if (!(error instanceof StrictJsonError)) throw error
      }
    }),
    { numRuns: 3_000 },
  )
})
