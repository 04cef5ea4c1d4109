import type { SignedCall } from './signed-call.ts'
import type { SigningAlgorithmId } from './signing-algorithms.ts'

/** A merchant's signing profile (member-login.md, Profiles). */
export interface SigningProfile {
  readonly algorithm: SigningAlgorithmId
  /** Whether login's `callback` is inside the signature. `unsigned` is the source's rule and the default. */
  readonly callback: CallbackRule
}

export const callbackRules = ['unsigned', 'signed'] as const
export type CallbackRule = (typeof callbackRules)[number]
export const defaultCallbackRule = 'unsigned' as const satisfies CallbackRule

/** The names that a call signs under a profile, in ASCII order, for `canonicalString`. */
export function signedNames(call: SignedCall, callback: SigningProfile['callback']): readonly string[] {
  const excluded = new Set([...call.unsigned, ...(callback === 'unsigned' ? call.byProfile : [])])
  return Object.keys(call.schema.properties)
    .filter((name) => !excluded.has(name))
    .sort()
}

/**
 * Step 2 of the published signature: `k1=v1&k2=v2…` over the given names in order, with raw values, without empty ones
 * (`""`, `null` and absent; `0` is not empty) and without the merchant's key.
 *
 * It is unambiguous only because the field rules keep `&` and control characters out of signed values.
 */
export function canonicalString(fields: object, names: readonly string[]): string {
  let joined = ''
  for (const name of names) {
    const value = (fields as Readonly<Record<string, unknown>>)[name]
    if (value === undefined || value === null || value === '') continue
    joined += joined === '' ? `${name}=${value}` : `&${name}=${value}`
  }
  return joined
}

/**
 * Whether a signed callback keeps the canonical string unambiguous: no part of it, split at `&`, may start with the name of a
 * contract field and `=`, or it could pass for that field. The first part follows `callback=` and is safe.
 */
export function isUnambiguousCallback(callback: string, names: readonly string[]): boolean {
  return !callback
    .split('&')
    .slice(1)
    .some((piece) => names.some((name) => piece.startsWith(`${name}=`)))
}
