import { toBase32 } from '../base/base32.ts'
import { digest } from '../base/digest.ts'
import { randomSecret } from '../base/random.ts'

const codesCount = 10
/** 80 bits, so a fast hash is enough. */
const codeBytes = 10
const form = /^[a-z2-7]{16}$/

/** Ten new codes, and the hashes that the store keeps. */
export function makeRecoveryCodes(): { readonly codes: string[]; readonly hashes: Uint8Array[] } {
  const plain = Array.from({ length: codesCount }, () => toBase32(randomSecret(codeBytes)).toLowerCase())
  return { codes: plain.map((code) => code.replaceAll(/(.{4})(?!$)/g, '$1-')), hashes: plain.map(hashOf) }
}

/** The stored hash of a typed code; null when it is malformed. */
export function recoveryCodeHash(text: string): Uint8Array | null {
  const plain = text.replaceAll(/[\s-]/g, '').toLowerCase()
  return form.test(plain) ? hashOf(plain) : null
}

function hashOf(plain: string): Uint8Array {
  return digest('sha256', plain)
}
