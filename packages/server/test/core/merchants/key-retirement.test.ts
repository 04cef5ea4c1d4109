import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyQuietMs, keyRetirement } from '../../../src/core/merchants/key-retirement.ts'
import { sampleKey, start } from '../../store/samples.ts'

const used = (id: string, lastUsedAt: number | null, retiredAt: number | null = null) => sampleKey('acme', id, { lastUsedAt, retiredAt })

test('a key may be retired once another has replaced it and it was unused for a day', () => {
  const old = used('old', start)
  assert.deepEqual(keyRetirement(old, [old]), { safeFrom: null, because: 'it is the only active key' })
  assert.deepEqual(keyRetirement(old, [old, used('gone', start, start)]), { safeFrom: null, because: 'it is the only active key' })
  assert.deepEqual(keyRetirement(old, [old, used('new', null)]), { safeFrom: null, because: 'no other key has verified a request yet' })
  assert.deepEqual(keyRetirement(old, [old, used('new', start + 5)]), { safeFrom: start + keyQuietMs })
  const never = used('never', null)
  assert.deepEqual(keyRetirement(never, [never, used('new', start)]), { safeFrom: start + keyQuietMs })
})
