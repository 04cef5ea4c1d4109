import { GatewayError, parameterError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import { countHeader } from './count-header.ts'

const bearerForm = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Requires a token to be in one Authorization header: never in a URL, which is logged and shared, and never twice (RFC 6750, section 2).
 * @throws GatewayError invalid_parameter
 */
export function verifyTokenPlace(request: FastifyRequest): void {
  if (Object.hasOwn(request.query as object, 'access_token')) throw tokenInUrl()
  if (countHeader(request, 'authorization') > 1) throw parameterError('Authorization', 'must be sent once')
}

export function tokenInUrl(): GatewayError {
  return parameterError('access_token', 'must not stand in the URL: send the Authorization header')
}

/** The token of the Authorization header, unverified. @throws GatewayError access_token_invalid */
export function readBearerToken(request: FastifyRequest): string {
  const token = bearerForm.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw new GatewayError('access_token_invalid')
  return token
}
