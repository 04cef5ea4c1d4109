import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeForeignHash } from '../../../src/core/passwords/foreign-hash.ts'

const bytes = (count: number) => Buffer.alloc(count, 7).toString('base64').replace(/=+$/, '')
const bcrypt = (cost: string) => `$2b$${cost}$${'a'.repeat(53)}`
const scrypt = (ln: number, r: number, p: number) => `$scrypt$ln=${ln},r=${r},p=${p}$${bytes(16)}$${bytes(32)}`
const pbkdf2 = (digest: string, rounds: number, keyBytes: number) => `$pbkdf2-${digest}$${rounds}$${bytes(16)}$${bytes(keyBytes)}`
const argon2 = (m: number, t: number, p: number) => `$argon2id$v=19$m=${m},t=${t},p=${p}$${bytes(16)}$${bytes(32)}`

test('[check 40] the cost of an imported hash is capped, over all its parameters together', () => {
  // OWASP's Password Storage Cheat Sheet, and the defaults of Django 6 and Werkzeug 3, are all within.
  const permitted = [
    bcrypt('04'),
    bcrypt('13'),
    ...[scrypt(17, 8, 1), scrypt(16, 8, 2), scrypt(15, 8, 3), scrypt(14, 8, 5), scrypt(13, 8, 10)],
    ...[pbkdf2('sha1', 1_300_000, 20), pbkdf2('sha256', 1_200_000, 32), pbkdf2('sha512', 210_000, 64), pbkdf2('sha256', 750_000, 64)],
    ...[argon2(262_144, 4, 1), argon2(47_104, 1, 1), argon2(65_536, 3, 4)],
  ]
  const refused = [
    bcrypt('03'),
    bcrypt('14'),
    ...[scrypt(18, 8, 1), scrypt(17, 8, 2), scrypt(17, 16, 1), scrypt(0, 8, 1), scrypt(14, 0, 1), scrypt(14, 8, 0)],
    ...[pbkdf2('sha256', 1_500_001, 32), pbkdf2('sha1', 800_000, 32), pbkdf2('sha512', 750_001, 64), pbkdf2('sha256', 0, 32)],
    ...[argon2(262_145, 1, 1), argon2(262_144, 5, 1), argon2(8, 1, 2), argon2(65_536, 0, 1), argon2(65_536, 1, 17)],
  ]
  for (const hash of permitted) assert.deepEqual(normalizeForeignHash(hash), { hash })
  for (const hash of refused) {
    const read = normalizeForeignHash(hash)
    assert.match('problem' in read ? read.problem : '', /^costs more than a login may/, hash)
  }
})
