import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeEmail } from '../../../src/core/base/email-address.ts'

const label = (length: number) => 'a'.repeat(length)
/** An address of exactly `length` characters: local part of 64, labels of up to 63. */
const ofLength = (length: number) => {
  const domain = `${label(63)}.${label(63)}.${label(length - 64 - 1 - 128)}`
  return `${label(64)}@${domain}`
}

test('[check 47] one e-mail is one account: trimmed, lower case, IDNA domain', () => {
  const spellings = ['seller@example.com', ' Seller@Example.COM ', '\tSELLER@EXAMPLE.COM\r\n']
  for (const spelling of spellings) assert.equal(normalizeEmail(spelling), 'seller@example.com')
  for (const spelling of [
    'seller@bücher.example',
    'Seller@BÜCHER.example',
    'seller@xn--bcher-kva.example',
    'seller@XN--BCHER-KVA.example',
  ]) {
    assert.equal(normalizeEmail(spelling), 'seller@xn--bcher-kva.example')
  }
})

test('plus forms and dots are separate accounts', () => {
  assert.equal(normalizeEmail('seller+one@example.com'), 'seller+one@example.com')
  assert.equal(normalizeEmail('sel.ler@example.com'), 'sel.ler@example.com')
})

test('254 characters are accepted and 255 are not; the local part has up to 64', () => {
  assert.equal(ofLength(254).length, 254)
  assert.equal(normalizeEmail(ofLength(254)), ofLength(254))
  assert.equal(normalizeEmail(` ${ofLength(254)} `), ofLength(254))
  assert.equal(normalizeEmail(ofLength(255)), null)
  assert.equal(normalizeEmail(`${label(64)}@example.com`), `${label(64)}@example.com`)
  assert.equal(normalizeEmail(`${label(65)}@example.com`), null)
  // Within 254 as sent, beyond it in IDNA form.
  assert.equal(normalizeEmail(`${label(64)}@${label(63)}.${label(63)}.${'ü'.repeat(56)}`), null)
})

test('[check 47] no character is mapped to another: an e-mail that needs a second spelling is refused', () => {
  const refused = [
    '\u212aelvin@example.com', // Kelvin sign
    'kelvin@\u212aelvin.com',
    'sel\u0131er@example.com', // dotless i
    '\u017feller@example.com', // long s
    'seller@\u017feller.com',
    'seller@\uff45xample.com', // full width
    'seller\uff20example.com',
    'seller@example\uff0ecom',
    'seller@example\u3002com', // ideographic full stop
    'seller@\u0130stanbul.com', // dotted capital I
    'sel\u200bler@example.com', // zero width space
    'seller@exam\u200bple.com',
    'seller@exam\u00adple.com', // soft hyphen
    'seller@exam\u200dple.com',
    'seller@e\u0301xample.com', // decomposed
    'sell\u00e9r@example.com',
    'seller\u0000@example.com',
    'seller@example.com\u0000',
    'sel\tler@example.com',
    'seller@exam ple.com',
    'seller@example.com\u0085',
  ]
  for (const email of refused) assert.equal(normalizeEmail(email), null, JSON.stringify(email))
})

test('what is not a plain address is refused', () => {
  const refused = [
    '',
    ' ',
    '@',
    'seller',
    'seller@',
    '@example.com',
    'seller@@example.com',
    'a@b@example.com',
    '"seller"@example.com',
    '"a b"@example.com',
    'seller@example.com.',
    'seller@.example.com',
    'seller@example..com',
    '.seller@example.com',
    'seller.@example.com',
    'sel..ler@example.com',
    'seller@localhost',
    'seller@-example.com',
    'seller@example-.com',
    'seller@exam_ple.com',
    'seller@127.0.0.1',
    'seller@0x7f.1',
    'seller@[127.0.0.1]',
    'seller@[::1]',
    'seller@ex%61mple.com',
    'seller@example.com:25',
    'seller@example.com/path',
    'Seller <seller@example.com>',
    'seller@example.com, other@example.com',
    'sel(comment)ler@example.com',
    `seller@${label(64)}.com`,
    'a'.repeat(16_000),
    `${'a.'.repeat(8_000)}@example.com`,
    `${' '.repeat(8_000)}x${' '.repeat(8_000)}`,
  ]
  for (const email of refused) assert.equal(normalizeEmail(email), null, JSON.stringify(email.slice(0, 60)))
})

test('normalising twice changes nothing', () => {
  for (const email of ["o'neil!#$%&*+/=?^_`{|}~-@example.com", 'Seller@Bücher.example', ofLength(254)]) {
    const normal = normalizeEmail(email)
    assert.ok(normal !== null)
    assert.equal(normalizeEmail(normal), normal)
  }
})
