/**
 * Forward-auth: a proxy asks before forwarding each request whether its bearer may pass. nginx (`auth_request`), Caddy (`forward_auth`) and Traefik
 * call /verify; Envoy's HTTP ext_authz appends the requested path.
 *
 * The answer depends on the token alone. The path is ignored, so no spelling of it changes the decision (check 58); method and URI from the proxy are
 * only searched for a misplaced token.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { CallLog } from '../../core/records/call-log.ts'
import type { ChangeFeed } from '../../core/records/change-feed.ts'
import type { DecidedCall } from '../../core/records/decided-call.ts'
import type { AccessIdentity } from '../../core/tokens/access-token-verifier.ts'
import type { SellerServices } from '../../seller-services.ts'
import { readBearerToken, tokenInUrl, verifyTokenPlace } from '../bearer-token.ts'
import { allowOrigins, type BrowserOrigins } from '../cors.ts'
import { identityHeaders } from '../identity-headers.ts'
import { answerTogether } from '../quick-answer.ts'
import { reportError } from '../report-error.ts'
import { sellerCodeOf, sendSellerFailure } from '../seller-envelope.ts'

export interface ForwardAuthDependencies {
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly callLog: CallLog
  readonly services: Pick<SellerServices, 'accessTokens'>
  readonly browserOrigins: BrowserOrigins
}

const acceptedCode = '200'

/** Headers in which proxies send the requested URI: nginx with our snippet, Caddy and Traefik, Envoy. */
const uriHeaders = ['x-original-uri', 'x-original-url', 'x-forwarded-uri', 'x-envoy-original-path']
const methodHeaders = ['x-original-method', 'x-forwarded-method']

export async function forwardAuth(
  app: FastifyInstance,
  { clock, feed, callLog, services, browserOrigins }: ForwardAuthDependencies,
): Promise<void> {
  allowOrigins(app, browserOrigins)
  app.setErrorHandler((error, request, reply) => {
    const known = reportError(error, request)
    const call = decidedCall(request, clock.now(), sellerCodeOf(known), undefined)
    callLog.refused({ ...call, kind: 'seller.forward_auth', error: known, details: { method: originalMethod(request) } })
    // nginx knows 2xx, 401 and 403 and turns everything else into a 500, so the challenge reports a misplaced token.
    sendSellerFailure(reply, known, clock.now(), known.key === 'invalid_parameter' ? 401 : undefined)
  })
  for (const url of ['/verify', '/verify/*']) {
    app.all(url, { config: { isQuiet: true, isForAnyHost: true } }, async (request, reply) => {
      const begun = performance.now()
      verifyTokenPlace(request)
      for (const name of uriHeaders) if (hasToken(request.headers[name])) throw tokenInUrl()
      const token = readBearerToken(request)
      await feed.assertFresh()
      const headers: string[] = []
      const identity = services.accessTokens.verify(token)
      for (const [name, value] of Object.entries(identityHeaders(identity))) headers.push(name, value)
      answerTogether(reply, headers, '')
      callLog.accepted({ ...decidedCall(request, clock.now(), acceptedCode, identity), begun })
    })
  }
}

function decidedCall(
  { id: requestId, clientAddress: address }: FastifyRequest,
  at: number,
  code: string,
  identity: AccessIdentity | undefined,
): DecidedCall {
  const who = { agentId: undefined, isKnown: identity !== undefined, subject: identity?.sellerId }
  return { at, surface: 'verify-api', call: 'forward_auth', code, requestId, address, ...who }
}

function hasToken(uri: string | string[] | undefined): boolean {
  if (uri === undefined) return false
  return [uri].flat().some((text) => new URLSearchParams(text.split('?').slice(1).join('?')).has('access_token'))
}

function originalMethod(request: FastifyRequest): string {
  const original = methodHeaders.map((name) => request.headers[name]).find((value) => typeof value === 'string')
  return String(original ?? request.method).slice(0, 16)
}
