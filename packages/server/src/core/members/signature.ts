import { createHmac, timingSafeEqual } from 'node:crypto'
import { type KeyUse, type SigningAlgorithmId, type SigningHash, signingAlgorithms } from '@lobbykey/contract'
import { digest } from '../base/digest.ts'

/** The digest of a canonical string under an algorithm of the contract (member-login.md, Signature), always over UTF-8 bytes. */
export function signCanonical(canonical: string, key: string, algorithm: SigningAlgorithmId): Buffer {
  const { keyUse, hash } = signingAlgorithms[algorithm]
  return digests[keyUse](hash, canonical, key)
}

/** The signature in hex, as sent. */
export function signHex(canonical: string, key: string, algorithm: SigningAlgorithmId): string {
  return signCanonical(canonical, key, algorithm).toString('hex')
}

const digests: Readonly<Record<KeyUse, (hash: SigningHash, canonical: string, key: string) => Buffer>> = {
  'key-in-text': (hash, canonical, key) => digest(hash, `${key}&${canonical}`),
  hmac: (hash, canonical, key) => createHmac(hash, key).update(canonical).digest(),
}

/**
 * Finds the key that made this signature (hex, in either case), in constant time. Signatures with another algorithm's length never match, so a merchant moved to a
 * stronger algorithm cannot be downgraded.
 *
 * @returns the signature's bytes and the key, or null
 */
export function matchSignature(
  sign: string,
  canonical: string,
  keys: readonly string[],
  algorithm: SigningAlgorithmId,
): { readonly signature: Buffer; readonly keyIndex: number } | null {
  if (sign.length !== signingAlgorithms[algorithm].digits) return null
  const given = Buffer.from(sign, 'hex')
  const keyIndex = keys.findIndex((key) => timingSafeEqual(signCanonical(canonical, key, algorithm), given))
  return keyIndex === -1 ? null : { signature: given, keyIndex }
}
