import type { AccessIdentity } from '../core/tokens/access-token-verifier.ts'

/** Says whose request it is to the service behind: seller ID, session ID, and the token's expiry in seconds since 1970 as in `exp`. */
export function identityHeaders(identity: AccessIdentity): Record<string, string> {
  return {
    'x-seller-id': identity.sellerId,
    'x-session-id': identity.sid,
    'x-token-expires-at': String(Math.floor(identity.expiresAt / 1_000)),
  }
}

const names: ReadonlySet<string> = new Set(['x-seller-id', 'x-session-id', 'x-token-expires-at'])

/**
 * Whether a service might take this header for one of ours. Servers that hand headers on as variables (CGI, WSGI, PHP) write `-` as `_`,
 * and some whatever is no letter or digit: `X_Seller_Id` and `x-seller.id` are then the same name.
 */
export function looksLikeIdentity(headerName: string): boolean {
  return names.has(headerName.toLowerCase().replace(/[^a-z0-9]/g, '-'))
}
