/** Wires the admin port: operators and their sign-in, the operations, the console and the metrics. */
import type { FastifyInstance } from 'fastify'
import type { Settings } from './config/settings.ts'
import { AddressList } from './core/base/address-list.ts'
import type { Clock, SharedClock } from './core/base/clock.ts'
import type { Sealer } from './core/base/sealer.ts'
import { findServerSecret } from './core/base/server-secret.ts'
import { version } from './core/base/version.ts'
import { Explainer } from './core/explain/explainer.ts'
import type { Limiter } from './core/limits/rate-limiter.ts'
import type { AdminSite } from './core/operators/admin-site.ts'
import { ConnectionRequests } from './core/operators/connection-requests.ts'
import type { SandboxLink } from './core/operators/sandbox-link.ts'
import type { PasswordHasher } from './core/passwords/password-hasher.ts'
import type { PasswordLane } from './core/passwords/password-lane.ts'
import type { CallLog } from './core/records/call-log.ts'
import { CallerAuthentication } from './http/admin-api/authenticate.ts'
import { CallerLimits } from './http/admin-api/caller-limits.ts'
import { IdempotentAnswers } from './http/admin-api/idempotent-answers.ts'
import { buildAdminApp } from './http/admin-app.ts'
import type { ListenerOptions } from './http/base-app.ts'
import { HostNames } from './http/host-names.ts'
import { OwnCookie } from './http/own-cookie.ts'
import { consoleCookieNames, ssoCookieNames } from './http/own-cookies.ts'
import type { MetricSources } from './metrics/metric-sources.ts'
import { type OpenNodeMetrics, openMetrics } from './metrics/open-metrics.ts'
import { Operations } from './operations/index.ts'
import { openOperatorServices } from './operator-services.ts'
import { sampleMerchant } from './sandbox/sample-partners.ts'
import type { Catalogue, Store } from './store/store.ts'

export interface AdminListenerOptions {
  readonly listener: Omit<ListenerOptions, 'hosts' | 'isHttps'>
  /** Names of this server besides those of the admin port itself. */
  readonly hostNames: readonly string[]
  readonly assertReady: () => Promise<void>
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly sharedClock: SharedClock
  readonly heldCatalogue: () => Promise<Catalogue>
  readonly settings: Settings
  readonly site: AdminSite
  readonly hasher: PasswordHasher
  readonly lane: PasswordLane
  readonly limiter: Limiter
  readonly callLog: CallLog
  readonly metricSources: MetricSources
  readonly nodeMetrics: OpenNodeMetrics | undefined
  /** Null outside the sandbox. */
  readonly sandboxLink: SandboxLink | null
  readonly onSsoTrouble: (error: unknown) => void
}

export interface AdminListener {
  readonly app: FastifyInstance
  /** Ends what the app does not. */
  close(): Promise<void>
}

export async function openAdmin(options: AdminListenerOptions): Promise<AdminListener> {
  const { store, sealer, clock, sharedClock, heldCatalogue, settings, site, limiter, callLog, sandboxLink, metricSources, nodeMetrics } =
    options
  const operators = await openOperatorServices(options)
  const cookie = new OwnCookie(consoleCookieNames, { isHttps: site.isHttps, sameSite: 'Strict' })
  const ssoCookie = new OwnCookie(ssoCookieNames, { isHttps: site.isHttps, sameSite: 'Lax' })
  const limits = new CallerLimits({ limiter, clock, perSecond: settings.adminRatePerCaller })
  const authentication = new CallerAuthentication({ ...operators, site, cookie, clock, limits })
  const openedSealer = async () => sealer
  // Separate, so that partners' questions do not delay operators.
  const explainer = new Explainer()
  const app = await buildAdminApp({
    ...options.listener,
    isHttps: site.isHttps,
    hosts: new HostNames([settings.adminHost, 'localhost', new URL(site.url).hostname, ...options.hostNames]),
    assertReady: options.assertReady,
    adminApi: {
      operations: new Operations({
        store,
        clock,
        shared: sharedClock,
        heldCatalogue,
        sealer: openedSealer,
        explain: (input, agentId) => explainer.explain(input, agentId),
        publishedKeys: [sampleMerchant.key],
        publicUrl: async () => settings.publicUrl,
        settings: {
          ...settings,
          get adminUrl() {
            return site.url
          },
        },
        sso: operators.sso,
      }),
      authentication,
      limits,
      answers: new IdempotentAnswers({
        sealer: openedSealer,
        clock,
        secret: await findServerSecret(store.meta, sealer, 'idempotent-answer'),
      }),
      signIn: { ...operators, operators: store.operators, site, cookie, ssoCookie, authentication, limits, clock, sandboxLink },
      connect: { requests: new ConnectionRequests({ store, clock }), limits, site },
      callLog,
      clock,
    },
    console: { version, publicUrl: settings.publicUrl, hasPlayground: settings.apiReference, asksPurpose: settings.consolePurpose },
    ssoLabel: operators.sso?.label ?? null,
    metrics: { allow: new AddressList(settings.metricsAllow), authentication, expose: openMetrics(metricSources, nodeMetrics) },
  })
  return { app, close: () => explainer.close() }
}
