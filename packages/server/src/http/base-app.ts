import type { IncomingHttpHeaders } from 'node:http'
import { bodyBytesMax } from '@lobbykey/contract'
import { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import type { AddressList } from '../core/base/address-list.ts'
import { randomId } from '../core/base/random.ts'
import { spans } from '../core/base/spans.ts'
import { logAnswers } from './answer-log.ts'
import { decorateClientAddress } from './client-address.ts'
import type { Connections } from './connections/connections.ts'
import { makeServer } from './connections/make-server.ts'
import type { Drain } from './drain.ts'
import type { HostNames } from './host-names.ts'
import { addResponseHeaders, securityHeadersOf } from './response-headers.ts'
import { traceRequests } from './trace-requests.ts'
import { originForm, routablePath, verifyRequests } from './verify-requests.ts'

/** No path is longer, since Node refuses longer heads. */
const longestPath = 16_384

/** Maximum time for a whole request, ms. */
export const requestMsMax = 10_000

export interface ListenerOptions {
  readonly logger: FastifyBaseLogger
  readonly connections: Connections
  /** The host names that requests may use. */
  readonly hosts: HostNames
  readonly trustedProxies: AddressList | null
  /** Whether the public URL is https; answers then carry HSTS. */
  readonly isHttps: boolean
  readonly drain: Drain
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number
}

interface Differences {
  /** Maximum time for a whole request, ms; 0 where something else limits it. */
  readonly requestMsMax: number
  readonly bodyBytesMax?: number
  /** Takes from a path what is not to be routed. */
  readonly shortenPath?: (path: string, headers: IncomingHttpHeaders) => string
}

/** The contract's own schemas validate, so Fastify's validators, 8 MiB, are never loaded. */
function noSchemas(): () => never {
  return () => {
    throw new Error('routes have no schema: fields are validated by the contract')
  }
}

/** What all listeners share: the server, what every request and answer gets, and the refusal of ambiguous requests. */
export function openBaseApp(options: ListenerOptions, differences: Differences): FastifyInstance {
  const { logger, connections, drain, keepAliveMs } = options
  const { requestMsMax, shortenPath } = differences
  const securityHeaders = securityHeadersOf(options)
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    serverFactory: (handle) => makeServer(handle, { connections, drain, logger, requestMsMax, keepAliveMs, securityHeaders }),
    // The server has already answered malformed requests.
    clientErrorHandler: () => {},
    // Log lines name the request themselves, which saves creating a logger per request.
    childLoggerFactory: (own) => own,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: randomId,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // Surfaces limit path parameters themselves, with their own errors; fastify would answer 414.
    routerOptions: { maxParamLength: longestPath },
    bodyLimit: differences.bodyBytesMax ?? bodyBytesMax,
    // Fastify would answer an undecodable path by itself, bypassing all hooks.
    rewriteUrl:
      shortenPath === undefined
        ? ({ url }: Pick<FastifyRequest['raw'], 'url'>) => routablePath(originForm(url ?? '/'))
        : ({ url, headers }: Pick<FastifyRequest['raw'], 'url' | 'headers'>) => routablePath(shortenPath(originForm(url ?? '/'), headers)),
    exposeHeadRoutes: false,
    // Closing drains: a request that arrives on an open connection is still served, then the connection ends.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  })
  // Fastify fails on a QUERY (RFC 10008) without a Content-Type before any route is asked. None of our routes takes its content.
  app.addHttpMethod('QUERY', { overrideExisting: true })
  // A body that nobody asked for is ignored, whatever it is; surfaces that take one say which.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
  if (spans !== null) traceRequests(app, spans)
  addResponseHeaders(app, securityHeaders)
  app.decorateRequest('corsHeaders', null)
  decorateClientAddress(app, options.trustedProxies)
  verifyRequests(app, options.hosts)
  logAnswers(app)
  return app
}
