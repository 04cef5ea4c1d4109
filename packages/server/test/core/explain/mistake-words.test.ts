import assert from 'node:assert/strict'
import { test } from 'node:test'
import { de } from '../../../../console/src/console/texts/de.ts'
import { zhHans } from '../../../../console/src/console/texts/zh-hans.ts'
import { mistakeKinds } from '../../../src/core/explain/explain-signature.ts'

for (const [language, { mistakes }] of Object.entries({ de, zhHans })) {
  test(`the console has words for every mistake in a signature: ${language}`, () => {
    assert.deepEqual(Object.keys(mistakes).sort(), [...mistakeKinds].sort())
  })
}
