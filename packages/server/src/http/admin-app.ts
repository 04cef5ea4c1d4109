/** The operators' listener: the admin API, its reference and health. It shares no path with the partners' listener (check 96). */
import { adminOperation, adminOperationNames, buildAdminOpenApi } from '@lobbykey/contract/admin'
import type { FastifyInstance } from 'fastify'
import { version } from '../core/base/version.ts'
import { type AdminApiDependencies, adminApi, adminApiPrefix } from './admin-api/index.ts'
import { type MetricsPageDependencies, metricsPage } from './admin-api/metrics-page.ts'
import { errorsPath, sendProblem } from './admin-api/problem.ts'
import { logAnswer } from './answer-log.ts'
import { type ListenerOptions, openBaseApp, requestMsMax } from './base-app.ts'
import { type ConsolePageOptions, consolePage } from './pages/console.ts'
import { errorsPage } from './pages/errors.ts'
import { healthRoutes } from './pages/health.ts'
import { sendNotFound, wantsPage } from './pages/not-found.ts'
import { referencePages } from './pages/reference.ts'
import { signInPage } from './pages/sign-in/sign-in-page.ts'
import { reportError } from './report-error.ts'
import { pathNotFound } from './verify-requests.ts'

export interface AdminAppOptions extends ListenerOptions {
  readonly assertReady: () => Promise<void>
  readonly adminApi: AdminApiDependencies
  readonly metrics: MetricsPageDependencies
  readonly console: ConsolePageOptions
  /** Of the button for single sign-on; null without one. */
  readonly ssoLabel: string | null
}

export async function buildAdminApp(options: AdminAppOptions): Promise<FastifyInstance> {
  const app = openBaseApp(options, { requestMsMax, bodyBytesMax: 1_048_576 })
  app.setErrorHandler((error, request, reply) => sendProblem(reply, reportError(error, request), request.id))
  app.setNotFoundHandler((request, reply) => {
    if (wantsPage(request)) sendNotFound(reply, { path: '/console', title: 'Console' })
    else sendProblem(reply, reportError(pathNotFound(request), request), request.id)
    logAnswer(request, reply)
  })
  await app.register(healthRoutes, options)
  await app.register(referencePages, {
    path: '/admin/docs',
    documentPath: '/admin/openapi.json',
    title: 'Lobbykey admin API',
    links: [
      ['Console', '/console'],
      ['Problems', errorsPath],
    ],
    document: () => {
      const operations = Object.fromEntries(adminOperationNames.map((name) => [name, adminOperation(name)]))
      return buildAdminOpenApi({ version, operations })
    },
  })
  await app.register(errorsPage, { path: errorsPath })
  await app.register(metricsPage, options.metrics)
  await app.register(signInPage, { ssoLabel: options.ssoLabel })
  await app.register(consolePage, options.console)
  await app.register(adminApi, { prefix: adminApiPrefix, ...options.adminApi })
  return app
}
