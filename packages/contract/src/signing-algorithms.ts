/**
 * The algorithms that a merchant may sign with, one row each (member-login.md, Signature). Everything about signatures derives from
 * these rows; a hash that some part cannot compute does not compile.
 */

/** `key-in-text` hashes `KEY&canonical`; `hmac` is an HMAC of the canonical string under the key. */
export type KeyUse = 'key-in-text' | 'hmac'

interface SigningAlgorithmRow {
  /** Name for people. */
  readonly label: string
  /** The hash's OpenSSL name, which most languages use. */
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

/** The published algorithm, used until the operator changes it. */
export const defaultAlgorithm = 'md5' as const satisfies SigningAlgorithmId

/** In the order offered. */
export const signingAlgorithmIds = Object.keys(signingAlgorithms) as SigningAlgorithmId[]

export function isSigningAlgorithm(text: string | null): text is SigningAlgorithmId {
  return text !== null && Object.hasOwn(signingAlgorithms, text)
}

/** Valid lengths of a signature, in hex digits, ascending. */
export const signatureDigits: readonly number[] = [...new Set(Object.values(signingAlgorithms).map(({ digits }) => digits))].sort(
  (a, b) => a - b,
)

const textsToHash: Readonly<Record<KeyUse, (canonical: string, key: string) => string>> = {
  'key-in-text': (canonical, key) => `${key}&${canonical}`,
  hmac: (canonical) => canonical,
}

/** The text to hash, as UTF-8. Under HMAC it does not contain the key. */
export function textToHash(canonical: string, key: string, algorithm: SigningAlgorithmId): string {
  return textsToHash[signingAlgorithms[algorithm].keyUse](canonical, key)
}
