/**
 * The algorithms that a merchant may sign with, a row each (member-login.md, Signature). Whatever names, offers, computes or explains
 * a signature reads its row; a row with a hash that somewhere cannot be computed does not compile.
 */

/** How key and canonical string become a digest: one text, `KEY&canonical`, hashed; or an HMAC of the string under the key. */
export type KeyUse = 'key-in-text' | 'hmac'

interface SigningAlgorithmRow {
  /** What people read. */
  readonly label: string
  /** As OpenSSL, and with it nearly every language, names the hash. */
  readonly hash: string
  readonly hashLabel: string
  readonly keyUse: KeyUse
  /** Hex digits of a signature. */
  readonly digits: number
}

export const signingAlgorithms = {
  md5: { label: 'MD5', hash: 'md5', hashLabel: 'MD5', keyUse: 'key-in-text', digits: 32 },
  'hmac-sha256': { label: 'HMAC-SHA256', hash: 'sha256', hashLabel: 'SHA-256', keyUse: 'hmac', digits: 64 },
} as const satisfies Record<string, SigningAlgorithmRow>

export type SigningAlgorithmId = keyof typeof signingAlgorithms
export type SigningAlgorithm = SigningAlgorithmRow & { readonly hash: SigningHash }
export type SigningHash = (typeof signingAlgorithms)[SigningAlgorithmId]['hash']

/** The published recipe's, which every merchant has until the operator moves it. */
export const defaultAlgorithm = 'md5' as const satisfies SigningAlgorithmId

/** In the order in which they are offered. */
export const signingAlgorithmIds = Object.keys(signingAlgorithms) as SigningAlgorithmId[]

export function isSigningAlgorithm(text: string | null): text is SigningAlgorithmId {
  return text !== null && Object.hasOwn(signingAlgorithms, text)
}

/** Lengths that a signature may have, in hex digits, ascending. */
export const signatureDigits: readonly number[] = [...new Set(Object.values(signingAlgorithms).map(({ digits }) => digits))].sort(
  (a, b) => a - b,
)

const textsToHash: Readonly<Record<KeyUse, (canonical: string, key: string) => string>> = {
  'key-in-text': (canonical, key) => `${key}&${canonical}`,
  hmac: (canonical) => canonical,
}

/** What an algorithm takes the digest of, as UTF-8. Under HMAC the key is no part of it. */
export function textToHash(canonical: string, key: string, algorithm: SigningAlgorithmId): string {
  return textsToHash[signingAlgorithms[algorithm].keyUse](canonical, key)
}
