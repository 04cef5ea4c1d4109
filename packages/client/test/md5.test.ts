import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { md5 } from '../src/merchant/md5.ts'

test('MD5 digests the test suite of RFC 1321 as it says', () => {
  const suite = {
    '': 'd41d8cd98f00b204e9800998ecf8427e',
    a: '0cc175b9c0f1b6a831c399e269772661',
    abc: '900150983cd24fb0d6963f7d28e17f72',
    'message digest': 'f96b697d7cb7938d525a2f31aaf161d0',
    abcdefghijklmnopqrstuvwxyz: 'c3fcd3d76192e4007dfb496cca67e13b',
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: 'd174ab98d277d9f5a5611c2c9f419d9f',
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890': '57edf4a22be3c955ac49da2e2107b67a',
  }
  for (const [text, digest] of Object.entries(suite)) assert.equal(md5(text), digest, text)
})

test('MD5 is what OpenSSL makes of texts of every length, in every script, one after another', () => {
  const lengths = [...Array.from({ length: 400 }, (_, length) => length), 1_000, 5_000, 100_000]
  for (const sample of ['a', 'é', '玩', '😀', '\ud800'])
    for (const length of lengths) {
      const text = sample.repeat(length)
      assert.equal(md5(text), createHash('md5').update(text).digest('hex'), `${length} of ${sample}`)
    }
})
