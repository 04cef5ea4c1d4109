import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPasswordProblem, preparePassword } from '../../../src/core/passwords/password-policy.ts'

test('[check 2] 1,024 bytes are tried and 1,025 are not, in any script', () => {
  assert.equal(preparePassword('a'.repeat(1_024)), 'a'.repeat(1_024))
  assert.equal(preparePassword('a'.repeat(1_025)), null)
  assert.equal(preparePassword('\u{1f511}'.repeat(256)), '\u{1f511}'.repeat(256))
  assert.equal(preparePassword(`${'\u{1f511}'.repeat(256)}a`), null)
  assert.equal(preparePassword(''), null)
})

test('[check 4] [check 5] composed and decomposed spellings are one password; nothing else is changed', () => {
  assert.equal(preparePassword('caf\u0065\u0301 in the orchard'), 'caf\u00e9 in the orchard')
  // A decomposed spelling may be longer than the limit; the password is its composed form.
  assert.equal(preparePassword('\u1112\u1161\u11ab'.repeat(256)), '\ud55c'.repeat(256))
  for (const text of [' leading and trailing ', 'Case Matters', '\uff41 full width', '\ufb01 ligature', 'tab\there']) {
    assert.equal(preparePassword(text), text)
  }
})

test('[check 4] [check 5] a NUL and ill-formed text are refused', () => {
  for (const text of ['long enough password\0', '\0', 'half a surrogate \ud83d here', '\udd11']) {
    assert.equal(preparePassword(text), null)
    assert.equal(findPasswordProblem(text), 'be well-formed text without NUL')
  }
})

test('[check 2] [check 3] passwords of 15 to 256 code points may be set, of any kind', () => {
  assert.equal(findPasswordProblem('a'.repeat(14)), 'have at least 15 characters')
  assert.equal(findPasswordProblem('a'.repeat(15)), null)
  assert.equal(findPasswordProblem('a'.repeat(64)), null)
  assert.equal(findPasswordProblem('a'.repeat(256)), null)
  assert.equal(findPasswordProblem('a'.repeat(257)), 'have at most 256 characters')
  assert.equal(findPasswordProblem('\u{1f511}'.repeat(14)), 'have at least 15 characters')
  assert.equal(findPasswordProblem('\u{1f511}'.repeat(15)), null)
  assert.equal(findPasswordProblem('\u{1f511}'.repeat(256)), null)
  // Counted in the stored form: fifteen decomposed letters are fifteen.
  assert.equal(findPasswordProblem('e\u0301'.repeat(14)), 'have at least 15 characters')
  assert.equal(findPasswordProblem('e\u0301'.repeat(15)), null)
})

test('every password that can be set can be tried', () => {
  for (const text of ['\u{1f511}'.repeat(256), '\ud55c'.repeat(256), '\u1112\u1161\u11ab'.repeat(256)]) {
    assert.equal(findPasswordProblem(text), null)
    assert.notEqual(preparePassword(text), null)
  }
})
