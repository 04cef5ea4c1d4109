import { GatewayError, parameterError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { ServiceCredentials } from '../core/services/service-authentication.ts'
import { countHeader } from './count-header.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A service's credentials (RFC 6749, section 2.3.1): HTTP Basic with both parts form-encoded, or `client_id` and `client_secret` in the form. Both at
 * once, or either twice, is an error.
 *
 * @throws GatewayError service_credentials_invalid, invalid_parameter
 */
export function readServiceCredentials(request: FastifyRequest, form?: ReadonlyMap<string, string>): ServiceCredentials {
  const { authorization } = request.headers
  if (countHeader(request, 'authorization') > 1) throw parameterError('Authorization', 'must be sent once')
  const inForm = form?.get('client_secret')
  if (authorization !== undefined && inForm !== undefined) {
    throw parameterError('client_secret', 'must not be sent beside the Authorization header')
  }
  const credentials = authorization === undefined ? { id: form?.get('client_id') ?? '', secret: inForm ?? '' } : parseBasic(authorization)
  if (credentials === null || credentials.id === '' || credentials.secret === '') throw new GatewayError('service_credentials_invalid')
  return credentials
}

function parseBasic(authorization: string): ServiceCredentials | null {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,1024}={0,2})$/i.exec(authorization)?.[1]
  if (encoded === undefined) return null
  try {
    const text = utf8.decode(Buffer.from(encoded, 'base64'))
    const colon = text.indexOf(':')
    return colon === -1 ? null : { id: decodeFormText(text.slice(0, colon)), secret: decodeFormText(text.slice(colon + 1)) }
  } catch {
    return null
  }
}

function decodeFormText(text: string): string {
  // Skips decoding for the secrets made here, which never need it.
  return /[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text
}
