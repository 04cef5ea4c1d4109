import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertDistinct, assertReadable } from './injectivity.ts'

for (const callback of ['unsigned', 'signed'] as const) {
  test(`[check 28] a million requests with callback ${callback} are read back from their canonical strings`, () => {
    assert.ok(assertReadable(callback, 1_000_000) > 100_000)
  })

  test(`[check 28] a million pairs with callback ${callback}: none of different meaning share a canonical string`, () => {
    assertDistinct(callback, 1_000_000)
  })
}
