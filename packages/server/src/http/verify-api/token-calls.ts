/**
 * Introspection (RFC 7662) and revocation (RFC 7009) of seller tokens for registered services (check 22).
 *
 * The order of steps is a security property: form, then who asks, then whether memory is fresh, and only then the token. What a token
 * is not (genuine, known, alive, an access token) is never told apart.
 */
import { GatewayError, isGatewayError, parameterError } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ChangeFeed } from '../../core/change-feed.ts'
import type { Clock } from '../../core/clock.ts'
import type { EventLog } from '../../core/event-log.ts'
import type { SellerServices } from '../../core/seller-services.ts'
import type { ServiceAuthentication } from '../../core/service-authentication.ts'
import type { Service } from '../../core/service-registry.ts'
import { TokenError, type TokenUse } from '../../core/token-verifier.ts'
import { readServiceCredentials } from '../service-credentials.ts'
import { toGatewayError } from '../to-gateway-error.ts'
import { readForm, takeOnlyForms } from './form-body.ts'
import { sendOauthAnswer, sendOauthFailure } from './oauth-answer.ts'

export interface TokenCallDependencies {
  readonly clock: Clock
  readonly issuer: string
  readonly tokenAudience: string
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly eventLog: EventLog
  readonly services: Pick<SellerServices, 'accessTokens' | 'tokens' | 'sessions'>
  readonly serviceAuthentication: ServiceAuthentication
}

interface TokenCall {
  readonly token: string
  readonly service: Service
  readonly request: FastifyRequest
}

type TokenOperation = (call: TokenCall) => Promise<object>

export async function tokenCalls(app: FastifyInstance, dependencies: TokenCallDependencies): Promise<void> {
  const { clock, eventLog, feed, serviceAuthentication } = dependencies
  const operations: Readonly<Record<string, TokenOperation>> = {
    introspect: introspection(dependencies),
    revoke: revocation(dependencies),
  }
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply, operation = 'request') => {
    const known = toGatewayError(error)
    if (known.key === 'internal') request.log.error({ err: known.cause ?? known }, 'internal error')
    eventLog.refused({
      at: clock.now(),
      kind: `service.${operation}_refused`,
      surface: 'verify-api',
      address: request.clientAddress ?? undefined,
      requestId: request.id,
      details: { key: known.key, field: known.details.field },
    })
    sendOauthFailure(reply, known)
  }

  takeOnlyForms(app)
  app.setErrorHandler((error, request, reply) => fail(error, request, reply))
  // Before a body is read: a path that is not there takes none.
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) return done()
    const isThere = Object.keys(operations).some((name) => request.url.split('?', 1)[0] === `${app.prefix}/${name}`)
    done(isThere ? new GatewayError('method_not_allowed', { allow: 'POST' }) : new GatewayError('path_not_found'))
  })
  app.setNotFoundHandler((request, reply) => fail(new GatewayError('path_not_found'), request, reply))

  for (const [name, operation] of Object.entries(operations)) {
    app.post(`/${name}`, { config: { isQuiet: true } }, async (request, reply) => {
      try {
        const form = readForm(request)
        const service = serviceAuthentication.verify(readServiceCredentials(request, form), request.clientAddress)
        await feed.assertFresh()
        const token = form.get('token')
        if (token === undefined || token === '') throw parameterError('token', 'is required')
        sendOauthAnswer(reply, await operation({ token, service, request }))
      } catch (error) {
        fail(error, request, reply, name)
      }
      return reply
    })
  }
}

/** RFC 7662. Only access tokens are active: a refresh token is for the seller API alone, and must not pass for one at a careless caller. */
function introspection({ issuer, tokenAudience, services }: TokenCallDependencies): TokenOperation {
  return async ({ token }) => {
    try {
      const { sellerId, sid, jti, issuedAt, expiresAt } = await services.accessTokens.verify(token)
      const [iat, exp] = [issuedAt / 1_000, expiresAt / 1_000]
      return { active: true, token_type: 'Bearer', iss: issuer, aud: tokenAudience, sub: sellerId, iat, exp, jti, sid }
    } catch (error) {
      if (isGatewayError(error) && error.key.startsWith('access_token_')) return { active: false }
      throw error
    }
  }
}

/** RFC 7009: either kind of token ends its whole family; one that is not ours, or has expired, is a success without effect. */
function revocation({ services: { tokens, sessions } }: TokenCallDependencies): TokenOperation {
  return async ({ token, service, request }) => {
    for (const use of ['access', 'refresh'] satisfies TokenUse[]) {
      try {
        const claims = await tokens.verify(token, use)
        await sessions.revoke(claims, service, { address: request.clientAddress, requestId: request.id })
        return {}
      } catch (error) {
        if (!(error instanceof TokenError)) throw error
      }
    }
    return {}
  }
}
