import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GenerationCache } from '../../../src/core/base/generation-cache.ts'

test('never exceeds its bound, and keeps whatever was used recently', () => {
  const cache = new GenerationCache<{ n: number }>(10)
  const favourite = { n: -1 }
  cache.set('favourite', favourite)
  for (let n = 0; n < 1_000; n++) {
    cache.set(`key ${n}`, { n })
    assert.ok(cache.size <= 10)
    assert.equal(cache.get('favourite'), favourite)
    assert.equal(cache.get(`key ${n}`)?.n, n)
  }
  assert.equal(cache.get('key 0'), undefined)
})

test('deleted entries are gone, new or old', () => {
  const cache = new GenerationCache<object>(4)
  for (const key of ['a', 'b', 'c']) cache.set(key, {})
  for (const key of ['a', 'c']) cache.delete(key)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => cache.get(key) !== undefined),
    [false, true, false],
  )
})
