import { GatewayError, parameterError } from '@lobbykey/contract'
import type { AccessTokenVerifier } from '../../core/access-token-verifier.ts'
import { countHeader } from '../count-header.ts'
import { established, type SellerStep } from './seller-call.ts'

const bearerForm = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/** A token belongs in one Authorization header: never in a URL, which is logged and shared, and never twice (RFC 6750 section 2, 10005). */
export const verifyTokenPlace: SellerStep = {
  name: 'token-place',
  run: ({ request }) => {
    if (Object.hasOwn(request.query as object, 'access_token')) {
      throw parameterError('access_token', 'must not stand in the URL: send the Authorization header')
    }
    if (countHeader(request, 'authorization') > 1) throw parameterError('Authorization', 'must be sent once')
  },
}

/** The token of the Authorization header, unverified (10008). */
export const readBearerToken: SellerStep = {
  name: 'bearer-token',
  run: (call) => {
    const token = bearerForm.exec(call.request.headers.authorization ?? '')?.[1]
    if (token === undefined) throw new GatewayError('access_token_invalid')
    call.bearerToken = token
  },
}

/** Whose token it is: genuine, not expired, not revoked (10008, 10009, 10010). */
export function verifyBearerToken(accessTokens: AccessTokenVerifier): SellerStep {
  return {
    name: 'access-token',
    run: async (call) => {
      call.identity = await accessTokens.verify(established(call.bearerToken))
    },
  }
}
