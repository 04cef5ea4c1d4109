import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { type SigningAlgorithmId, signingAlgorithmIds } from '@lobbykey/contract'
import { matchSignature, signCanonical, signHex } from '../../../src/core/members/signature.ts'

const canonical = 'agent_id=acme&user_id=Jörg'

/** Written independently from the contract, one per row. */
const expected: Readonly<Record<SigningAlgorithmId, (key: string) => string>> = {
  md5: (key) =>
    createHash('md5')
      .update(Buffer.from(`${key}&${canonical}`))
      .digest('hex'),
  'hmac-sha256': (key) => createHmac('sha256', Buffer.from(key)).update(Buffer.from(canonical)).digest('hex'),
}

for (const algorithm of signingAlgorithmIds) {
  test(`${algorithm}: the contract's digest, as bytes and as sent`, () => {
    assert.equal(signHex(canonical, 'clé', algorithm), expected[algorithm]('clé'))
    assert.equal(signCanonical(canonical, 'clé', algorithm).toString('hex'), expected[algorithm]('clé'))
  })

  test(`${algorithm}: finds which of the keys made a signature, and accepts no other key's`, () => {
    const sign = expected[algorithm]('second')
    const match = matchSignature(sign, canonical, ['first', 'second', 'third'], algorithm)
    assert.deepEqual(match, { signature: Buffer.from(sign, 'hex'), keyIndex: 1 })
    assert.equal(matchSignature(sign, canonical, ['first', 'third'], algorithm), null)
    assert.equal(matchSignature(sign, `${canonical}&`, ['second'], algorithm), null)
  })

  test(`${algorithm}: a signature of another length is wrong`, () => {
    const sign = expected[algorithm]('key')
    for (const other of [sign.slice(2), `${sign}00`, '']) assert.equal(matchSignature(other, canonical, ['key'], algorithm), null)
    for (const weaker of signingAlgorithmIds.filter((id) => id !== algorithm)) {
      assert.equal(matchSignature(expected[weaker]('key'), canonical, ['key'], algorithm), null)
    }
  })
}
