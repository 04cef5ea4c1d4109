/**
 * The reverse proxy: path prefixes under the seller base paths that belong to business services. A request with a valid bearer is forwarded to its
 * service with the caller's identity; any other is answered here and reaches nothing (check 58).
 *
 * Order: token's place → bearer → fresh → access token → upgrade → path. Bodies are never read here, only passed on.
 */
import proxy from '@fastify/http-proxy'
import { GatewayError, parameterError, sellerBasePaths } from '@lobbykey/contract'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { CallLog } from '../../core/records/call-log.ts'
import type { ChangeFeed } from '../../core/records/change-feed.ts'
import type { DecidedCall } from '../../core/records/decided-call.ts'
import type { AccessIdentity } from '../../core/tokens/access-token-verifier.ts'
import type { SellerServices } from '../../seller-services.ts'
import { readBearerToken, verifyTokenPlace } from '../bearer-token.ts'
import { allowOrigins, type BrowserOrigins } from '../cors.ts'
import { hangUpSignal } from '../hang-up-signal.ts'
import { reportError } from '../report-error.ts'
import { sellerCodeOf, sendSellerFailure } from '../seller-envelope.ts'
import { originForm } from '../verify-requests.ts'
import { OpenSockets } from './open-sockets.ts'
import { isPlainPath } from './plain-path.ts'
import { hangUp, UpstreamClient } from './upstream-client.ts'
import { answerHeaders, type Origin, passedHeaders, requestHeaders } from './upstream-headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller of an upstream, once known. */
    accessIdentity: AccessIdentity | null
    /** Answered here, not by the upstream. */
    isRefused: boolean
    /** Fires when the caller of an upstream disconnects. */
    [hangUp]: AbortSignal
  }
}

export interface Upstream {
  /** Below the first seller base path, without a trailing slash. */
  readonly prefix: string
  /** Origin, and the path that replaces the prefix. */
  readonly url: string
}

export interface UpstreamDependencies {
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly callLog: CallLog
  readonly services: Pick<SellerServices, 'accessTokens'>
  /** This server's origin, as callers see it. */
  readonly origin: Origin
  readonly upstreams: readonly Upstream[]
  /** Until an upstream begins to answer, and between two chunks of a body. */
  readonly timeoutMs: number
  readonly passWebSockets: boolean
  /** Headers forwarded in addition to the list, in lower case. */
  readonly ownHeaders: readonly string[]
  /** Origins whose pages may call upstreams. The gateway sets CORS headers for its services and drops theirs. */
  readonly browserOrigins: BrowserOrigins
}

const connectMsMax = 2_000

export async function upstreamProxy(app: FastifyInstance, dependencies: UpstreamDependencies): Promise<void> {
  const { clock, callLog, feed, services, upstreams, passWebSockets } = dependencies
  const sockets = new OpenSockets({ accessTokens: services.accessTokens, feed })
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const known = reportError(error, request)
    if (known.key === 'upstream_unavailable') request.log.warn({ requestId: request.id, err: known.cause }, 'an upstream failed')
    request.isRefused = true
    callLog.refused({ ...decidedCall(request, clock.now(), sellerCodeOf(known)), kind: 'seller.upstream', error: known })
    // Do not wait for the rest of a body, or for data of another protocol.
    if (!request.raw.complete || request.headers.upgrade !== undefined) reply.header('connection', 'close')
    sendSellerFailure(reply, known, clock.now())
  }

  app.removeAllContentTypeParsers()
  app.decorateRequest('accessIdentity', null)
  app.decorateRequest('isRefused', false)
  app.setErrorHandler(fail)
  allowOrigins(app, dependencies.browserOrigins)
  app.addHook('onRequest', (request) => admit(request, dependencies, sockets))
  app.addHook('onResponse', (request, reply, done) => {
    if (!request.isRefused) callLog.accepted(decidedCall(request, clock.now(), String(reply.statusCode)))
    done()
  })
  if (passWebSockets) {
    sockets.start()
    app.addHook('preClose', async () => sockets.stop())
  }
  for (const basePath of sellerBasePaths) {
    for (const { prefix, url } of upstreams) await passOn(app, basePath + prefix.slice(sellerBasePaths[0].length), url, dependencies, fail)
  }
}

function decidedCall({ id: requestId, clientAddress: address, accessIdentity }: FastifyRequest, at: number, code: string): DecidedCall {
  const who = { agentId: undefined, isKnown: accessIdentity !== null, subject: accessIdentity?.sellerId }
  return { at, surface: 'verify-api', call: 'upstream', code, requestId, address, ...who }
}

/** @throws GatewayError invalid_parameter, access_token_…, store_unavailable, path_not_found */
async function admit(request: FastifyRequest, dependencies: UpstreamDependencies, sockets: OpenSockets): Promise<void> {
  verifyTokenPlace(request)
  const token = readBearerToken(request)
  await dependencies.feed.assertFresh()
  request.accessIdentity = dependencies.services.accessTokens.verify(token)
  if (/\bwebsocket\b/i.test(request.headers.upgrade ?? '')) {
    if (!dependencies.passWebSockets) throw parameterError('Upgrade', 'must not be sent: WebSockets are not passed on here')
    sockets.add(request.raw.socket, token)
  }
  // As it was sent: the application replaces a path that cannot be decoded.
  const path = originForm(request.originalUrl).split('?', 1)[0] ?? ''
  if (!isPlainPath(path) || request.originalUrl.includes('#')) throw new GatewayError('path_not_found')
}

async function passOn(
  app: FastifyInstance,
  prefix: string,
  url: string,
  { origin, timeoutMs, passWebSockets, ownHeaders, browserOrigins }: UpstreamDependencies,
  fail: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void,
): Promise<void> {
  const passed = passedHeaders(ownHeaders)
  const place = { url: new URL(url), publicUrl: `${origin.scheme}://${origin.host}${prefix}` }
  await app.register(async (scope) => {
    // The router decodes before it compares; a forwarded path must contain the prefix literally.
    scope.addHook('onRequest', async (request, reply) => {
      request.log = withoutProxyLines(request.log)
      request[hangUp] = hangUpSignal(reply)
      if (!originForm(request.originalUrl).startsWith(prefix)) throw new GatewayError('path_not_found')
    })
    await scope.register(proxy, {
      prefix,
      upstream: url,
      config: { isStreaming: true },
      disableRequestLogging: true,
      // It would rewrite paths that merely begin like the prefix; `answerHeaders` rewrites Location.
      internalRewriteLocationHeader: false,
      destroyAgent: true,
      undici: new UpstreamClient(connectMsMax),
      ...(passWebSockets ? { websocket: true } : {}),
      wsClientOptions: { headers: {}, handshakeTimeout: timeoutMs, ...webSocketHeaders(origin, passed) },
      replyOptions: {
        timeout: timeoutMs,
        // A request is sent once, since the effect of a first attempt is unknown.
        retryDelay: () => null,
        rewriteRequestHeaders: (request, headers) => {
          const { [hangUp]: signal } = request as FastifyRequest
          return { ...requestHeaders(request as FastifyRequest, headers, origin, passed), [hangUp]: signal }
        },
        rewriteHeaders: (headers) => answerHeaders(headers, { browserOrigins, place }),
        onError: (reply, { error }) => {
          // The caller has disconnected: there is nobody to answer, and nothing failed.
          if (reply.raw.destroyed) return
          fail(new GatewayError('upstream_unavailable', {}, error), reply.request as FastifyRequest, reply as FastifyReply)
        },
      },
    })
  })
}

/** The proxy's own log line names no request, and blames the upstream when callers disconnect; ours replaces it. */
function withoutProxyLines(log: FastifyBaseLogger): FastifyBaseLogger {
  const own = Object.create(log) as FastifyBaseLogger
  own.warn = (...line: unknown[]) => {
    if (line[1] !== 'response errored') (log.warn as (...line: unknown[]) => void)(...line)
  }
  return own
}

/** The same headers for a WebSocket handshake; `ws` adds its own. */
function webSocketHeaders(origin: Origin, passed: ReadonlySet<string>): object {
  return { rewriteRequestHeaders: (_headers: object, request: FastifyRequest) => requestHeaders(request, request.headers, origin, passed) }
}
