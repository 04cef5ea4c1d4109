import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { parseMasterKey, SealError, Sealer } from '../../../src/core/base/sealer.ts'

const key = randomBytes(32)
const plain = Buffer.from('l4gnD61pz4arJyv8')

test('[check 67] a sealed secret opens under the same key and purpose only', () => {
  const sealed = new Sealer(key).seal(plain, 'merchant-key:a:1')
  assert.deepEqual(Buffer.from(new Sealer(key).open(sealed, 'merchant-key:a:1')), plain)
  assert.throws(() => new Sealer(key).open(sealed, 'merchant-key:b:1'), SealError)
  assert.throws(() => new Sealer(randomBytes(32)).open(sealed, 'merchant-key:a:1'), SealError)
})

test('[check 67] every changed byte is detected, and the sealed text does not contain the plain text', () => {
  const sealed = Buffer.from(new Sealer(key).seal(plain, 'p'))
  assert.equal(sealed.includes(plain), false)
  for (let i = 0; i < sealed.length; i++) {
    const damaged = Buffer.from(sealed)
    damaged[i] = (damaged[i] ?? 0) ^ 1
    assert.throws(() => new Sealer(key).open(damaged, 'p'), SealError)
  }
  for (const short of [sealed.subarray(0, 10), Buffer.alloc(0)]) assert.throws(() => new Sealer(key).open(short, 'p'), SealError)
})

test('[check 67] a nonce never repeats', () => {
  const sealer = new Sealer(key)
  const nonces = new Set(Array.from({ length: 2_000 }, () => Buffer.from(sealer.seal(plain, 'p')).subarray(1, 13).toString('hex')))
  assert.equal(nonces.size, 2_000)
})

test('a master key in base64, base64url or hex; nothing shorter or longer', () => {
  const text = Buffer.from(key)
  for (const form of [text.toString('base64'), text.toString('base64url'), text.toString('hex'), `${text.toString('base64')}\n`]) {
    assert.deepEqual(Buffer.from(parseMasterKey(form) ?? []), text)
  }
  for (const form of ['', 'secret', text.subarray(1).toString('base64'), text.toString('hex').slice(2), `${text.toString('hex')}00`])
    assert.equal(parseMasterKey(form), null)
})
