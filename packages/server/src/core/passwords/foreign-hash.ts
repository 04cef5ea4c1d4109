/**
 * Imported password hashes of other systems: bcrypt, scrypt, PBKDF2 and Argon2 in PHC form or a common spelling, stored in one form each.
 * The cost of a verification is capped, so that no login takes seconds or gigabytes.
 */
import { pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { verify as verifyArgon2 } from '@node-rs/argon2'

/** Each cap costs about half a second of one core (docs/operations.md). */
const caps = {
  bcryptCost: 13,
  scryptBytes: 134_217_728,
  pbkdf2Rounds: 1_500_000,
  pbkdf2Sha512Rounds: 750_000,
  argon2Kib: 262_144,
  argon2KibPasses: 1_048_576,
}
const digestBytes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 }
/** bcrypt ignores further bytes: a longer password would be verified by its start alone (check 4). */
const bcryptBytesMax = 72

const forms = {
  bcrypt: /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/,
  argon2: /^\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/,
  scrypt: /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{4,128})\$([A-Za-z0-9+/]{22,128})$/,
  pbkdf2: /^\$pbkdf2-(sha1|sha256|sha512)\$(\d{1,8})\$([A-Za-z0-9+/]{4,128})\$([A-Za-z0-9+/]{22,128})$/,
}

/** The stored form of a hash, or why it is refused, completing "the hash …". */
export function normalizeForeignHash(text: string): { readonly hash: string } | { readonly problem: string } {
  const hash = spellOut(text)
  let match = forms.bcrypt.exec(hash)
  if (match !== null)
    return within(hash, Number(match[1]) >= 4 && Number(match[1]) <= caps.bcryptCost, `a cost of at most ${caps.bcryptCost}`)
  match = forms.argon2.exec(hash)
  if (match !== null) {
    const [kib, passes, lanes] = match.slice(1).map(Number) as [number, number, number]
    const isCheap =
      kib <= caps.argon2Kib && kib * passes <= caps.argon2KibPasses && lanes <= 16 && kib >= 8 * lanes && passes >= 1 && lanes >= 1
    return within(hash, isCheap, `m of at most ${caps.argon2Kib} and m times t of at most ${caps.argon2KibPasses}`)
  }
  match = forms.scrypt.exec(hash)
  if (match !== null) {
    const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number]
    const isCheap = ln >= 1 && r >= 1 && p >= 1 && 128 * 2 ** ln * r * p <= caps.scryptBytes
    return within(hash, isCheap, `128 N r p of at most ${caps.scryptBytes}`)
  }
  match = forms.pbkdf2.exec(hash)
  if (match !== null) {
    const [digest = '', rounds, , key = ''] = match.slice(1)
    // A key longer than the digest repeats all rounds for each further piece (RFC 8018 section 5.2).
    const pieces = Math.ceil(Buffer.from(key, 'base64').length / (digestBytes[digest] ?? 1))
    const cap = digest === 'sha512' ? caps.pbkdf2Sha512Rounds : caps.pbkdf2Rounds
    return within(hash, Number(rounds) >= 1 && Number(rounds) * pieces <= cap, `at most ${cap} rounds, for all pieces of its key together`)
  }
  return { problem: 'is none that can be imported: bcrypt, scrypt, PBKDF2 or Argon2' }
}

/** @param hash from `normalizeForeignHash`, or any Argon2 PHC string */
export async function verifyForeignHash(hash: string, password: string): Promise<boolean> {
  if (hash.startsWith('$2')) {
    // Loaded only when needed: it takes 8 MiB.
    const { verify: verifyBcrypt } = await import('@node-rs/bcrypt')
    const bytes = Buffer.from(password)
    return (await verifyBcrypt(bytes.subarray(0, bcryptBytesMax), hash)) && bytes.length <= bcryptBytesMax
  }
  const parts = forms.scrypt.exec(hash) ?? forms.pbkdf2.exec(hash)
  if (parts === null) return verifyArgon2(hash, password)
  const [salt, key] = parts.slice(-2).map((part) => Buffer.from(part, 'base64')) as [Buffer, Buffer]
  const derived =
    parts.length === 6 ? await deriveScrypt(password, salt, key.length, parts) : await derivePbkdf2(password, salt, key.length, parts)
  return timingSafeEqual(derived, key)
}

/** Spellings of Django, Werkzeug and passlib. */
function spellOut(text: string): string {
  const django = /^pbkdf2_(sha1|sha256|sha512)\$(\d+)\$([^$]+)\$([A-Za-z0-9+/]+=*)$/.exec(text)
  if (django !== null) return `$pbkdf2-${django[1]}$${django[2]}$${phc(django[3], 'utf8')}$${phc(django[4], 'base64')}`
  const werkzeug = /^pbkdf2:(sha1|sha256|sha512):(\d+)\$([^$]+)\$([0-9a-f]+)$/.exec(text)
  if (werkzeug !== null) return `$pbkdf2-${werkzeug[1]}$${werkzeug[2]}$${phc(werkzeug[3], 'utf8')}$${phc(werkzeug[4], 'hex')}`
  const blocks = /^scrypt:(\d+):(\d+):(\d+)\$([^$]+)\$([0-9a-f]+)$/.exec(text)
  if (blocks !== null && Number.isInteger(Math.log2(Number(blocks[1])))) {
    return `$scrypt$ln=${Math.log2(Number(blocks[1]))},r=${blocks[2]},p=${blocks[3]}$${phc(blocks[4], 'utf8')}$${phc(blocks[5], 'hex')}`
  }
  if (/^\$pbkdf2/.test(text)) return text.replace(/^\$pbkdf2\$/, '$pbkdf2-sha1$').replaceAll('.', '+')
  return text.replace(/^argon2(?=\$argon2)/, '').replace(/^bcrypt\$(?=\$2)/, '')
}

function phc(text = '', encoding: BufferEncoding): string {
  return Buffer.from(text, encoding)
    .toString('base64')
    .replace(/={1,2}$/, '')
}

function within(hash: string, isCheap: boolean, cap: string): { hash: string } | { problem: string } {
  return isCheap ? { hash } : { problem: `costs more than a login may: it must have ${cap}` }
}

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)
const pbkdf2Async = promisify(pbkdf2)

function deriveScrypt(password: string, salt: Buffer, length: number, [, ln, r, p]: readonly string[]): Promise<Buffer> {
  return scryptAsync(password, salt, length, { N: 2 ** Number(ln), r: Number(r), p: Number(p), maxmem: 2 * caps.scryptBytes })
}

function derivePbkdf2(password: string, salt: Buffer, length: number, [, digest = '', rounds]: readonly string[]): Promise<Buffer> {
  return pbkdf2Async(password, salt, Number(rounds), length, digest)
}
