import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomAlphanumeric, randomSecret, randomText } from '../../src/core/random.ts'

test('texts are of their length and never come twice, over many fillings of the pool', () => {
  const texts = Array.from({ length: 5_000 }, () => randomText(12))
  assert.ok(texts.every((text) => /^[\w-]{16}$/.test(text)))
  assert.equal(new Set(texts).size, texts.length)
  assert.equal(Buffer.from(randomText(4_096), 'base64url').length, 4_096)
  // Bytes that were given out are cleared: a text of zeros would show one that was given twice.
  assert.ok(Array.from({ length: 400 }, () => randomText(32)).every((text) => !/A{20}/.test(text)))
})

test('bytes and alphanumerics are of their length and differ', () => {
  assert.notDeepEqual(randomSecret(32), randomSecret(32))
  assert.match(randomAlphanumeric(32), /^[A-Za-z0-9]{32}$/)
  assert.notEqual(randomAlphanumeric(32), randomAlphanumeric(32))
})
