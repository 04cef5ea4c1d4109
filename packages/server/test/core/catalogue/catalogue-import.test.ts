import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCatalogue } from '../../../src/core/catalogue/catalogue-import.ts'

test('a file of any size that the admin API takes is refused with the first contradictions, and how many more there are', () => {
  const count = 150_000
  const tables = Array.from({ length: count }, (_, n) => ({ game_id: '1', inst_id: String(n), names: { en: 'T' }, status: 1 }))
  const text = JSON.stringify({ games: [], tables, limits: [] })
  assert.ok(text.length < 16 * 1024 * 1024)
  assert.throws(
    () => parseCatalogue(text, 'json'),
    (error: { key?: string; details?: { message?: string } }) =>
      error.key === 'invalid_parameter' && /; and \d{6} more$/.test(error.details?.message ?? ''),
  )
})
