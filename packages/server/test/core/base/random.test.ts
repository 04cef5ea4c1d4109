import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomAlphanumeric, randomId, randomSecret, randomText } from '../../../src/core/base/random.ts'

test('ids never repeat, over many refills of the pool, and never begin with a dash', () => {
  const ids = Array.from({ length: 5_000 }, randomId)
  assert.ok(ids.every((id) => /^\w[\w-]{15}$/.test(id)))
  assert.equal(new Set(ids).size, ids.length)
})

test('texts, bytes and alphanumerics have the requested length and differ', () => {
  assert.match(randomText(32), /^[\w-]{43}$/)
  assert.notEqual(randomText(32), randomText(32))
  assert.notDeepEqual(randomSecret(32), randomSecret(32))
  assert.match(randomAlphanumeric(32), /^[A-Za-z0-9]{32}$/)
  assert.notEqual(randomAlphanumeric(32), randomAlphanumeric(32))
})
