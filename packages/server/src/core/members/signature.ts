import { createHmac, timingSafeEqual } from 'node:crypto'
import { type KeyUse, type SigningAlgorithmId, type SigningHash, signingAlgorithms } from '@lobbykey/contract'
import { digest } from '../base/digest.ts'

/** The digest of a canonical string under an algorithm of the contract (member-login.md, Signature), always over UTF-8 bytes. */
export function signCanonical(canonical: string, key: string, algorithm: SigningAlgorithmId): Buffer {
  const { keyUse, hash } = signingAlgorithms[algorithm]
  return digests[keyUse](hash, canonical, key)
}

/** The signature as it is sent. */
export function signHex(canonical: string, key: string, algorithm: SigningAlgorithmId): string {
  return signCanonical(canonical, key, algorithm).toString('hex')
}

const digests: Readonly<Record<KeyUse, (hash: SigningHash, canonical: string, key: string) => Buffer>> = {
  'key-in-text': (hash, canonical, key) => digest(hash, `${key}&${canonical}`),
  hmac: (hash, canonical, key) => createHmac(hash, key).update(canonical).digest(),
}

/**
 * Whether one of the keys made this signature, compared in constant time. Under another algorithm's length: no, so a merchant
 * that was moved to a stronger one cannot be led back.
 *
 * @returns the signature's bytes and which of the keys made it, or null
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
