import assert from 'node:assert/strict'
import { test } from 'node:test'
import { en } from '../src/console/texts/en.ts'

/** Every text of a tree; those made from numbers, for ones. */
function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part]
  if (typeof part === 'function') return [String(part(...Array(part.length).fill(1)))]
  return Object.values(part as object).flatMap(textsOf)
}

test('the plurals of the English texts agree with one', () => {
  const texts = textsOf(en)
  assert.ok(texts.length > 500)
  assert.deepEqual(
    texts.filter((text) => /\b1 (?!is|does|passes|answers|ms\b)[a-z]+s\b/.test(text)),
    [],
  )
})
