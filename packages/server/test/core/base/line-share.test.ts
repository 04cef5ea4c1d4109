import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineShare } from '../../../src/core/base/line-share.ts'

test('so many lines pass a second, and the next one tells how many were left out', () => {
  let now = 500
  const share = new LineShare(2, () => now)
  assert.deepEqual([share.take(), share.take(), share.take(), share.take()], [0, 0, null, null])
  now = 999
  assert.equal(share.take(), null)
  now = 1_000
  assert.deepEqual([share.take(), share.take(), share.take()], [3, 0, null])
})
