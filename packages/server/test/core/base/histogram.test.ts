import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Buckets } from '../../../src/core/base/histogram.ts'

test('a value counts in the first bucket whose bound it does not exceed, beyond all bounds in the last one', () => {
  const buckets = new Buckets([1, 2.5, 10])
  for (const value of [0, 1, 1.01, 2.5, 10, 10.5, 1_000]) buckets.observe(value)
  assert.deepEqual(buckets.counts, [2, 2, 1, 2])
  assert.equal(buckets.sum, 1_025.01)
})
