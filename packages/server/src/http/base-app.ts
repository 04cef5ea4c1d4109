import { bodyBytesMax } from '@lobbykey/contract'
import { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, fastify, LogController } from 'fastify'
import type { AddressList } from '../core/base/address-list.ts'
import { randomId } from '../core/base/random.ts'
import { logAnswers } from './answer-log.ts'
import { decorateClientAddress } from './client-address.ts'
import type { Connections } from './connections/connections.ts'
import { makeServer } from './connections/make-server.ts'
import type { Drain } from './drain.ts'
import type { HostNames } from './host-names.ts'
import { addResponseHeaders, securityHeadersOf } from './response-headers.ts'
import { originForm, routablePath, verifyRequests } from './verify-requests.ts'

/** No path is longer: Node refuses longer heads. */
const longestPath = 16_384

/** A whole request, ms. */
export const requestMsMax = 10_000

export interface ListenerOptions {
  readonly logger: FastifyBaseLogger
  readonly connections: Connections
  /** The names that requests may come under. */
  readonly hosts: HostNames
  readonly trustedProxies: AddressList | null
  /** Whether the public URL is https: then answers carry HSTS. */
  readonly isHttps: boolean
  readonly drain: Drain
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number
}

interface Differences {
  /** A whole request, ms; 0 where something else holds it to a time. */
  readonly requestMsMax: number
  readonly bodyBytesMax?: number
}

/** What every listener has, whatever it serves: its server, what each request and answer gets, and the refusal of what could be read in two ways. */
export function openBaseApp(options: ListenerOptions, differences: Differences): FastifyInstance {
  const { logger, connections, drain, keepAliveMs } = options
  const { requestMsMax } = differences
  const securityHeaders = securityHeadersOf(options)
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    serverFactory: (handle) => makeServer(handle, { connections, drain, logger, requestMsMax, keepAliveMs, securityHeaders }),
    // The server has answered what is no request.
    clientErrorHandler: () => {},
    // Lines name the request themselves: a logger for each would be made for nothing on all that write none.
    childLoggerFactory: (own) => own,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: randomId,
    // What a path names is held to its own rule, in its surface's words; fastify would answer 414 in its own.
    routerOptions: { maxParamLength: longestPath },
    bodyLimit: differences.bodyBytesMax ?? bodyBytesMax,
    // Fastify would answer what it cannot decode in its own words, past every hook.
    rewriteUrl: ({ url }: Pick<FastifyRequest['raw'], 'url'>) => routablePath(originForm(url ?? '/')),
    exposeHeadRoutes: false,
    // Closing drains: what arrives on an open connection is still served, then the connection ends.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  })
  addResponseHeaders(app, securityHeaders)
  app.decorateRequest('corsHeaders', null)
  decorateClientAddress(app, options.trustedProxies)
  verifyRequests(app, options.hosts)
  logAnswers(app)
  return app
}
