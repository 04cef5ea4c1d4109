import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cursorParts } from '../../src/operations/pages.ts'

test('the parts of a forged cursor are refused where no database takes them', () => {
  const types = ['number', 'string'] as const
  assert.deepEqual(cursorParts('[7,"a b"]', types), [7, 'a b'])
  for (const key of [
    '[1e999,"a"]',
    '[1e308,"a"]',
    '[0.5,"a"]',
    '["7","a"]',
    '[7,"\\u0000"]',
    '[7,"\\ud800"]',
    '[7]',
    '[7,"a",1]',
    '{}',
    'null',
    '',
  ])
    assert.throws(() => cursorParts(key, types), { key: 'invalid_parameter' }, key)
})
