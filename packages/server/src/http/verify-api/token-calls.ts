/**
 * Introspection (RFC 7662) and revocation (RFC 7009) of seller tokens for registered services (check 22). Never reveals which condition failed
 * (genuine, known, alive, an access token).
 */
import { isGatewayError } from '@lobbykey/contract'
import type { FastifyInstance } from 'fastify'
import { TokenError, type TokenUse } from '../../core/tokens/token-verifier.ts'
import type { SellerServices } from '../../seller-services.ts'
import { requiredParameter, type ServiceCall, type ServiceCallDependencies, serviceCalls } from './service-calls.ts'

export interface TokenCallDependencies extends ServiceCallDependencies {
  readonly issuer: string
  readonly tokenAudience: string
  readonly services: Pick<SellerServices, 'accessTokens' | 'tokens' | 'sessions'>
}

type TokenOperation = (token: string, call: ServiceCall) => Promise<object>

export async function tokenCalls(app: FastifyInstance, dependencies: TokenCallDependencies): Promise<void> {
  const introspect = introspection(dependencies)
  const revoke = revocation(dependencies)
  serviceCalls(app, dependencies, {
    recordedAs: '',
    post: {
      introspect: (form, call) => introspect(requiredParameter(form, 'token'), call),
      revoke: (form, call) => revoke(requiredParameter(form, 'token'), call),
    },
  })
}

/** RFC 7662. Only access tokens are active: a refresh token is for the seller API alone, and must not pass for one at a careless service. */
function introspection({ issuer, tokenAudience, services }: TokenCallDependencies): TokenOperation {
  return async (token) => {
    try {
      const { sellerId, sid, jti, issuedAt, expiresAt } = services.accessTokens.verify(token)
      const [iat, exp] = [issuedAt / 1_000, expiresAt / 1_000]
      return { active: true, token_type: 'Bearer', iss: issuer, aud: tokenAudience, sub: sellerId, iat, exp, jti, sid }
    } catch (error) {
      if (isGatewayError(error) && error.key.startsWith('access_token_')) return { active: false }
      throw error
    }
  }
}

/** RFC 7009: either kind of token ends its whole family; a foreign or expired one is a success without effect. */
function revocation({ services: { tokens, sessions } }: TokenCallDependencies): TokenOperation {
  return async (token, { service, request }) => {
    for (const use of ['access', 'refresh'] satisfies TokenUse[]) {
      try {
        const claims = tokens.verify(token, use)
        await sessions.revoke(claims, service, { address: request.clientAddress, requestId: request.id })
        return {}
      } catch (error) {
        if (!(error instanceof TokenError)) throw error
      }
    }
    return {}
  }
}
