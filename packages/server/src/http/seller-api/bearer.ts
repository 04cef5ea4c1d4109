import type { AccessTokenVerifier } from '../../core/tokens/access-token-verifier.ts'
import { readBearerToken as readToken, verifyTokenPlace as verifyPlace } from '../bearer-token.ts'
import { established, type SellerStep } from './seller-call.ts'

/** No token in the URL, and at most one Authorization header (10005). */
export const verifyTokenPlace: SellerStep = { name: 'token-place', run: ({ request }) => verifyPlace(request) }

/** The token of the Authorization header, unverified (10008). */
export const readBearerToken: SellerStep = {
  name: 'bearer-token',
  run: (call) => {
    call.bearerToken = readToken(call.request)
  },
}

/** Identifies the caller by a token that is genuine, not expired and not revoked (10008, 10009, 10010). */
export function verifyBearerToken(accessTokens: AccessTokenVerifier): SellerStep {
  return {
    name: 'access-token',
    run: (call) => {
      call.identity = accessTokens.verify(established(call.bearerToken))
    },
    fact: ({ identity }) => (identity === undefined ? undefined : ['until', new Date(identity.expiresAt).toISOString()]),
  }
}
