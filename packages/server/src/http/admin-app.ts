/**
 * What operators reach: the admin API, its reference and health, on a listener of its own. No path of the partners' is here, and none of these is there
 * (check 96).
 */
import { GatewayError } from '@lobbykey/contract'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import type { AddressList } from '../core/base/address-list.ts'
import { randomId } from '../core/base/random.ts'
import { type AdminApiDependencies, adminApi, adminApiPrefix } from './admin-api/index.ts'
import { sendProblem } from './admin-api/problem.ts'
import { logAnswer, logAnswers } from './answer-log.ts'
import { decorateClientAddress } from './client-address.ts'
import { type Drain, drainableResponse } from './drain.ts'
import { healthRoutes } from './pages/health.ts'
import { reportError } from './report-error.ts'
import { addResponseHeaders } from './response-headers.ts'

export interface AdminAppOptions {
  readonly logger: FastifyBaseLogger
  readonly trustedProxies: AddressList | null
  readonly isHttps: boolean
  readonly assertReady: () => Promise<void>
  readonly drain: Drain
  readonly adminApi: AdminApiDependencies
}

export async function buildAdminApp(options: AdminAppOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.logger,
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: randomId,
    requestTimeout: 10_000,
    keepAliveTimeout: 75_000,
    http: {
      headersTimeout: 5_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16_384,
      ServerResponse: drainableResponse(options.drain),
    },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  })
  addResponseHeaders(app, { isHttps: options.isHttps })
  decorateClientAddress(app, options.trustedProxies)
  logAnswers(app)
  app.setErrorHandler((error, request, reply) => sendProblem(reply, reportError(error, request), request.id))
  app.setNotFoundHandler((request, reply) => {
    sendProblem(reply, reportError(new GatewayError('path_not_found'), request), request.id)
    logAnswer(request, reply)
  })
  await app.register(healthRoutes, options)
  await app.register(adminApi, { prefix: adminApiPrefix, ...options.adminApi })
  return app
}
