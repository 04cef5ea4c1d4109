import type { AccessIdentity } from '../core/tokens/access-token-verifier.ts'

/** Tells a service behind who the caller is: seller ID, session ID, and the token's expiry in seconds since 1970 as in `exp`. */
export function identityHeaders(identity: AccessIdentity): Record<string, string> {
  return {
    'x-seller-id': identity.sellerId,
    'x-session-id': identity.sid,
    'x-token-expires-at': String(Math.floor(identity.expiresAt / 1_000)),
  }
}
