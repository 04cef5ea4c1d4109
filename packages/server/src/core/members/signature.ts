import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SigningProfile } from '@lobbykey/contract'
import { digest } from '../base/digest.ts'

/** Hex digits of a signature under each algorithm. */
export const signatureDigits: Readonly<Record<SigningProfile['algorithm'], number>> = { md5: 32, 'hmac-sha256': 64 }

/**
 * The digest of a canonical string (member-login.md, Signature): MD5 over key, `&` and string, or HMAC-SHA256 keyed with the key
 * over the string. Always over UTF-8 bytes.
 */
export function signCanonical(canonical: string, key: string, algorithm: SigningProfile['algorithm']): Buffer {
  if (algorithm === 'md5') return digest('md5', `${key}&${canonical}`)
  return createHmac('sha256', key).update(canonical, 'utf8').digest()
}

/**
 * Whether one of the keys made this signature, compared in constant time. Under another algorithm's length: no, so a merchant
 * that moved to HMAC-SHA256 cannot be led back to MD5.
 *
 * @returns the signature's bytes and which of the keys made it, or null
 */
export function matchSignature(
  sign: string,
  canonical: string,
  keys: readonly string[],
  algorithm: SigningProfile['algorithm'],
): { readonly signature: Buffer; readonly keyIndex: number } | null {
  if (sign.length !== signatureDigits[algorithm]) return null
  const given = Buffer.from(sign, 'hex')
  const keyIndex = keys.findIndex((key) => timingSafeEqual(signCanonical(canonical, key, algorithm), given))
  return keyIndex === -1 ? null : { signature: given, keyIndex }
}
