/**
 * Forward-auth: a proxy asks, before each request that it passes on, whether its bearer may pass. nginx (`auth_request`), Caddy
 * (`forward_auth`) and Traefik ask at /verify; Envoy's HTTP ext_authz appends the path asked for.
 *
 * The answer depends on the token alone. The path is never looked at, so no spelling of it changes the decision (check 58); the method
 * and URI that the proxy tells are searched for a token in the wrong place.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { ChangeFeed } from '../../core/records/change-feed.ts'
import type { EventLog } from '../../core/records/event-log.ts'
import type { SellerServices } from '../../seller-services.ts'
import { readBearerToken, tokenInUrl, verifyTokenPlace } from '../bearer-token.ts'
import { identityHeaders } from '../identity-headers.ts'
import { answerTogether } from '../quick-answer.ts'
import { reportError } from '../report-error.ts'
import { sendSellerFailure } from '../seller-envelope.ts'

export interface ForwardAuthDependencies {
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly eventLog: EventLog
  readonly services: Pick<SellerServices, 'accessTokens'>
}

/** Where proxies tell what was asked for: nginx by our snippet, Caddy and Traefik, Envoy. */
const uriHeaders = ['x-original-uri', 'x-original-url', 'x-forwarded-uri', 'x-envoy-original-path']
const methodHeaders = ['x-original-method', 'x-forwarded-method']

export async function forwardAuth(app: FastifyInstance, { clock, feed, eventLog, services }: ForwardAuthDependencies): Promise<void> {
  // A proxy may send the request's own body along; it decides nothing.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
  app.setErrorHandler((error, request, reply) => {
    const known = reportError(error, request)
    eventLog.refused({
      at: clock.now(),
      kind: 'seller.forward_auth_refused',
      surface: 'verify-api',
      address: request.clientAddress ?? undefined,
      requestId: request.id,
      details: { key: known.key, field: known.details.field, method: originalMethod(request) },
    })
    // nginx knows 2xx, 401 and 403, and makes a 500 of everything else: a token in the wrong place is told by the challenge.
    sendSellerFailure(reply, known, clock.now(), known.key === 'invalid_parameter' ? 401 : undefined)
  })
  for (const url of ['/verify', '/verify/*']) {
    app.all(url, { config: { isQuiet: true } }, async (request, reply) => {
      verifyTokenPlace(request)
      for (const name of uriHeaders) if (hasToken(request.headers[name])) throw tokenInUrl()
      const token = readBearerToken(request)
      await feed.assertFresh()
      const headers: string[] = []
      for (const [name, value] of Object.entries(identityHeaders(services.accessTokens.verify(token)))) headers.push(name, value)
      answerTogether(reply, headers, '')
    })
  }
}

function hasToken(uri: string | string[] | undefined): boolean {
  if (uri === undefined) return false
  return [uri].flat().some((text) => new URLSearchParams(text.split('?').slice(1).join('?')).has('access_token'))
}

function originalMethod(request: FastifyRequest): string {
  const told = methodHeaders.map((name) => request.headers[name]).find((value) => typeof value === 'string')
  return String(told ?? request.method).slice(0, 16)
}
