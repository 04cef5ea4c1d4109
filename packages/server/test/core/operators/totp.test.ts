import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toBase32 } from '../../../src/core/base/base32.ts'
import { makeRecoveryCodes, recoveryCodeHash } from '../../../src/core/operators/recovery-codes.ts'
import { findTotpStep, totpCode, totpEnrolment, totpStep } from '../../../src/core/operators/totp.ts'

const secret = Buffer.from('12345678901234567890')

test('codes match RFC 6238, appendix B', () => {
  // Eight digits there; these are the last six.
  const vectors: [number, string][] = [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ]
  for (const [seconds, code] of vectors) assert.equal(totpCode(secret, totpStep(seconds * 1_000)), code)
})

test('a code is accepted one step before and after its own, with blanks, and no further', () => {
  const now = 1_111_111_109_000
  for (const [stepsOn, isFound] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    const code = totpCode(secret, totpStep(now) + stepsOn)
    assert.equal(findTotpStep(secret, code, now), isFound ? totpStep(now) + stepsOn : null)
  }
  assert.equal(findTotpStep(secret, ' 081 804 ', now), totpStep(now))
  assert.equal(findTotpStep(secret, '081804081804', now), null)
})

test('base32 matches RFC 4648, section 10, without padding', () => {
  const vectors = { '': '', f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' }
  for (const [text, encoded] of Object.entries(vectors)) assert.equal(toBase32(Buffer.from(text)), encoded)
  assert.equal(
    totpEnrolment(secret, 'ann@ops.example').uri,
    'otpauth://totp/Lobbykey:ann%40ops.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Lobbykey&algorithm=SHA1&digits=6&period=30',
  )
})

test('a recovery code is accepted in any usual spelling', () => {
  const { codes, hashes } = makeRecoveryCodes()
  assert.equal(new Set(codes).size, 10)
  const [code = ''] = codes
  assert.match(code, /^(?:[a-z2-7]{4}-){3}[a-z2-7]{4}$/)
  for (const text of [code, code.toUpperCase(), code.replaceAll('-', ' '), code.replaceAll('-', '')]) {
    assert.deepEqual(recoveryCodeHash(text), hashes[0])
  }
  for (const text of ['', '123456', `${code}a`, code.replace(/.$/, '1')]) assert.equal(recoveryCodeHash(text), null)
})
