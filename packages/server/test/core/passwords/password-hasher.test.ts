import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash, parseOptions } from '@node-rs/argon2'
import { PasswordHasher } from '../../../src/core/passwords/password-hasher.ts'

const floor = { argon2MemoryKib: 19_456, argon2Passes: 2 }

test('[check 1] hashes are Argon2id PHC strings at the floor, each with its own salt', async () => {
  const hasher = await PasswordHasher.create(floor)
  const [one, two] = await Promise.all([hasher.hash('a long enough password'), hasher.hash('a long enough password')])
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(one, two)
  assert.ok(parseOptions(one).saltLen >= 16)
  assert.equal(await hasher.verify(one, 'a long enough password'), true)
  assert.equal(await hasher.verify(one, 'a long enough passwore'), false)
})

test('[check 4] the whole password counts, even beyond byte 72', async () => {
  const hasher = await PasswordHasher.create(floor)
  const password = 'p'.repeat(200)
  const stored = await hasher.hash(password)
  assert.equal(await hasher.verify(stored, password), true)
  for (const other of [
    password.slice(0, 72),
    `${password} `,
    `${password}\0x`,
    `P${password.slice(1)}`,
    `${'p'.repeat(72)}q${'p'.repeat(127)}`,
  ]) {
    assert.equal(await hasher.verify(stored, other), false)
  }
})

test('[check 1] a hash weaker than a new one is to be replaced', async () => {
  const hasher = await PasswordHasher.create({ argon2MemoryKib: 20_480, argon2Passes: 2 })
  const made = (memoryCost: number, timeCost: number, parallelism = 1) => hash('x', { memoryCost, timeCost, parallelism })
  assert.equal(hasher.needsRehash(await made(20_480, 2)), false)
  assert.equal(hasher.needsRehash(await made(20_481, 3)), false)
  assert.equal(hasher.needsRehash(await made(19_456, 2)), true)
  assert.equal(hasher.needsRehash(await made(20_480, 1)), true)
  assert.equal(hasher.needsRehash(await made(20_480, 2, 2)), true)
  assert.equal(hasher.needsRehash(await hash('x', { memoryCost: 20_480, timeCost: 2, outputLen: 16 })), true)
})

test('[check 7] the decoy costs as much as a real hash, and differs in every process', async () => {
  const [one, two] = await Promise.all([PasswordHasher.create(floor), PasswordHasher.create(floor)])
  assert.notEqual(one.decoyHash, two.decoyHash)
  assert.equal(one.needsRehash(one.decoyHash), false)
  assert.deepEqual(parseOptions(one.decoyHash), parseOptions(await one.hash('x')))
})
