import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CatalogueEntry, catalogue, factText, factWords } from '@lobbykey/contract'
import { de } from '../src/console/texts/de.ts'
import { en } from '../src/console/texts/en.ts'
import { zhHans } from '../src/console/texts/zh-hans.ts'

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

for (const [language, { meanings }] of Object.entries({ de, zhHans })) {
  test(`every error that a call can meet has a meaning: ${language}`, () => {
    const met = Object.entries<CatalogueEntry>(catalogue).filter(([, entry]) => entry.sellerCode ?? entry.memberCode ?? entry.oauthError)
    const keys = met.map(([key]) => key).filter((key) => key !== 'seller_signature_invalid')
    assert.deepEqual(Object.keys(meanings).sort(), keys.sort())
  })
}

test('a fact that this release does not know is shown as its values', () => {
  assert.equal(
    factText([
      ['clock', -3],
      ['later', 'x', 2],
      ['constructor', 1],
    ]),
    'clock difference -3 ms; x, 2; 1',
  )
  assert.deepEqual(factWords(['address', null, 1], de.facts), ['keine Adresse, gegen 1 Eintrag'])
})
