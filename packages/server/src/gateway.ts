/**
 * The composition root: settings → store → services → app. Creates every part once, passes it to its users, and shuts the parts down in reverse
 * order. Contains no rules. `openGateway` is one long list because most parts need several of the earlier ones.
 */
import { timestampWindowMs } from '@lobbykey/contract'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { AdminListener, AdminListenerOptions } from './admin-listener.ts'
import { type CallRecords, openCallRecords } from './call-records.ts'
import type { Settings } from './config/settings.ts'
import { AddressList } from './core/base/address-list.ts'
import type { Clock, SharedClock } from './core/base/clock.ts'
import { adminConnectionsMax, connectionsMaxOf, readDescriptorLimit } from './core/base/descriptors.ts'
import { claimMasterKey } from './core/base/master-key-check.ts'
import { rateLimitedReport } from './core/base/rate-limited-report.ts'
import { findServerSecret } from './core/base/server-secret.ts'
import { spans, useSpans } from './core/base/spans.ts'
import { version } from './core/base/version.ts'
import { within } from './core/base/within.ts'
import { BrandDirectory } from './core/brands/brand-directory.ts'
import { CatalogueDirectory } from './core/catalogue/catalogue-directory.ts'
import { Explainer } from './core/explain/explainer.ts'
import { QuestionLimit } from './core/explain/question-limit.ts'
import type { LimitKeeper } from './core/limits/shared-limiter.ts'
import { guestIdentifier } from './core/members/guest-identity.ts'
import { sessionTokenHasher } from './core/members/session-token.ts'
import { SessionWriter } from './core/members/session-writer.ts'
import { signHex } from './core/members/signature.ts'
import { ClockRadar } from './core/merchants/clock-radar.ts'
import { KeyUsage } from './core/merchants/key-usage.ts'
import { MerchantDirectory } from './core/merchants/merchant-directory.ts'
import { AdminSite } from './core/operators/admin-site.ts'
import { HandOvers } from './core/operators/hand-overs.ts'
import type { SandboxLink } from './core/operators/sandbox-link.ts'
import { ChangeFeed } from './core/records/change-feed.ts'
import { ClockWatch } from './core/records/clock-watch.ts'
import { SealMaker, sealDigest } from './core/records/event-seal.ts'
import { EventSealer } from './core/records/event-sealer.ts'
import { sealRequest } from './core/records/kept-request.ts'
import { ProcessBeat } from './core/records/process-beat.ts'
import { SealDelivery, sealBacklogOf } from './core/records/seal-delivery.ts'
import { SealFile, SealUrl } from './core/records/seal-destinations.ts'
import { Sweeper } from './core/records/sweeper.ts'
import { WriteWatch } from './core/records/write-watch.ts'
import { ServiceAuthentication } from './core/services/service-authentication.ts'
import { ServiceRegistry } from './core/services/service-registry.ts'
import type { AccessTokenUses } from './core/tokens/access-token-uses.ts'
import { KeyRotation } from './core/tokens/key-rotation.ts'
import { KeySchedule } from './core/tokens/key-schedule.ts'
import { buildApp } from './http/app.ts'
import { Connections } from './http/connections/connections.ts'
import { Drain } from './http/drain.ts'
import { HostNames } from './http/host-names.ts'
import type { UpstreamDependencies } from './http/verify-api/upstreams.ts'
import { openLimiter } from './limit-keepers/open-limiter.ts'
import type { MetricSources } from './metrics/metric-sources.ts'
import type { OpenNodeMetrics } from './metrics/open-metrics.ts'
import { openRecoveryServices, recallChanges } from './recovery-services.ts'
import { fixtureNotes } from './sandbox/fixtures.ts'
import { sandboxGuide } from './sandbox/guide.ts'
import { playgroundSamples, sampleMerchant } from './sandbox/sample-partners.ts'
import { openSellerServices } from './seller-services.ts'
import { openSessionServices } from './session-services.ts'
import type { Store } from './store/store.ts'
import type { OpenedSpans } from './telemetry/open-spans.ts'

export interface GatewayOptions {
  readonly settings: Settings
  readonly mode: 'sandbox' | 'serve'
  readonly clock: Clock
  /** The clock that nodes share: the database's, except in the sandbox, where it may be offset. */
  readonly sharedClock: SharedClock
  readonly logger: FastifyBaseLogger
  /** Open, migrated; the gateway does not close it. */
  readonly store: Store
  /** Shares rate limits with other processes when `REDIS_URL` is unset. Without either this process keeps its own. */
  readonly limitKeeper?: LimitKeeper
  /** How to get the metrics of this node's other processes; absent for a single process. */
  readonly nodeMetrics?: OpenNodeMetrics
  /** The sandbox console's sign-in link. */
  readonly sandboxLink?: SandboxLink
}

export interface Gateway {
  readonly app: FastifyInstance
  readonly connections: Connections
  readonly adminConnections: Connections
  readonly changes: ChangeFeed
  readonly refusals: CallRecords['refusals']
  readonly callCounts: CallRecords['callCounts']
  readonly keyUsage: KeyUsage
  readonly accessTokenUses: AccessTokenUses
  readonly traces: CallRecords['traces']
  readonly conduct: CallRecords['conduct']
  /** Null when no OpenTelemetry spans are made. */
  readonly spanQueue: OpenedSpans['queue'] | null
  readonly clockRadar: ClockRadar
  readonly sweeper: Sweeper
  readonly clockWatch: ClockWatch
  readonly processBeat: ProcessBeat
  readonly eventSealer: EventSealer
  readonly sealDelivery: SealDelivery
  /** Null without an admin listener. */
  readonly adminApp: FastifyInstance | null
  /** Where browsers reach it. */
  readonly adminSite: AdminSite
  /**
   * Resolves with the URL it listens on. @param options.sharePort whether other processes may listen on the port, too, with the kernel distributing
   * connections
   */
  listen(options?: { readonly sharePort: boolean }): Promise<string>
  /** From now on `/readyz` answers 503 and every answer closes its connection; requests are still accepted and served. */
  drain(): void
  /**
   * Answers pending requests, writes what is pending, and stops following the store.
   * @param msMax after this, connections are cut and unwritten data is dropped, so that nothing that hangs delays it
   */
  close(msMax?: number): Promise<void>
}

export async function openGateway({
  settings,
  mode,
  clock,
  sharedClock,
  logger,
  store,
  limitKeeper,
  nodeMetrics,
  sandboxLink,
}: GatewayOptions): Promise<Gateway> {
  const warn = (message: string, facts: () => object = () => ({})) =>
    rateLimitedReport(clock, (err, suppressed) => logger.warn({ err, ...facts(), suppressed: suppressed || undefined }, message))
  const sealer = await claimMasterKey(store.meta, settings.masterKey)
  const hashToken = sessionTokenHasher(await findServerSecret(store.meta, sealer, 'session-token'))
  const identifyGuest = guestIdentifier(await findServerSecret(store.meta, sealer, 'guest-identity'))

  const { recovery, recentChanges, recentSellers, replayFloor, noteWritten } = openRecoveryServices({
    store,
    clock,
    onRecovered: (report) => logger.error(report, 'the store went back; what this process knew to be ended was written again'),
  })
  const changes = new ChangeFeed({ store: store.changes, clock, onBreak: (found) => recovery.run(found) })
  store.changes.onWritten((written) => {
    changes.expect(written)
    noteWritten(written)
  })
  changes.listen((heard) => recentChanges.note(heard))
  changes.subscribe('store', () => replayFloor.reload())
  changes.subscribe('seller', (ids) => recentSellers.note(ids))
  const merchants = new MerchantDirectory({ store: store.merchants, sealer })
  const catalogue = new CatalogueDirectory({ store: store.catalogue })
  const brands = new BrandDirectory({ store: store.brands })
  changes.subscribe('brand', (agentIds) => brands.reload(agentIds))
  changes.subscribe('merchant', (agentIds) => merchants.reload(agentIds))
  changes.subscribe('catalogue', () => catalogue.reload())
  const services = new ServiceRegistry({ store: store.services, clock })
  changes.subscribe('service', (ids) => services.reload(ids))
  recovery.remember('merchants', () => merchants.writeAgain(recentChanges.list('merchant'), clock.now()))
  recovery.remember('services', () => services.writeAgain(recentChanges.list('service')))
  recovery.remember('brands', () => brands.writeAgain(recentChanges.list('brand'), clock.now()))
  const seller = await openSellerServices({
    store,
    sealer,
    clock,
    feed: changes,
    recovery,
    settings,
    onUsesLost: warn('the use of access tokens could not be noted'),
  })

  const clockWatch = new ClockWatch({
    clock,
    shared: sharedClock,
    onChange: (differenceMs, isOff) => {
      if (isOff) logger.error({ differenceMs }, "this node's clock is too far from the database's: it is not ready, and deletes nothing")
      else logger.info({ differenceMs }, "this node's clock is close to the database's again")
    },
  })
  const records = openCallRecords({ store, settings, clock, shared: clockWatch, logger, warn })
  const { callLog } = records
  const clockRadar = new ClockRadar({
    store: store.merchantClocks,
    onError: warn('clock differences could not be written'),
    onWarning: ({ agentId, differenceMs }) =>
      logger.warn({ agentId, differenceMs }, `a merchant's clock is off; beyond ${timestampWindowMs / 1_000} s its calls are refused`),
  })
  const writeWatch = new WriteWatch({ store, clock })
  const sweeper = new Sweeper({ store, clock, shared: clockWatch, onError: warn('expired rows could not be swept') })
  const rotation = new KeyRotation({
    store: store.signingKeys,
    sealer,
    shared: clockWatch,
    origin: { surface: 'server' },
    bits: settings.tokenKeyBits,
    publishMs: settings.keyPublishSeconds * 1_000,
  })
  const keySchedule = new KeySchedule({
    rotation,
    everyMs: settings.keyRotationDays === 0 ? null : settings.keyRotationDays * 86_400_000,
    onError: warn('signing keys could not be rotated'),
  })
  const writer = new SessionWriter(store.memberSessions, store.dialect)
  const keyUsage = new KeyUsage({ store: store.merchants, clock, onError: warn('the use of merchant keys could not be noted') })
  const {
    limiter,
    describe: describeLimits,
    close: closeLimiter,
  } = await openLimiter({ ...settings, limitKeeper, meta: store.meta, sealer, logger })
  const member = await openSessionServices({ store, sealer, clock, changes, merchants, catalogue, hashToken, limiter })
  const explainer = new Explainer()
  const canExplain = settings.explainAllow.length > 0
  const assertFresh = () => changes.assertFresh()
  const assertNotBehind = () => {
    clockWatch.assertNotBehind()
    return changes.assertFresh()
  }
  const entry = { hashToken, sessionMs: settings.memberSessionSeconds * 1_000, lobbyUrl: `${settings.publicUrl}/lobby` }

  const telemetry = await openTelemetry(settings, warn('OpenTelemetry spans could not be exported'))
  const drain = new Drain()
  const isHttps = settings.publicUrl.startsWith('https:')
  const assertReady = async () => {
    await writeWatch.assertWritable()
    clockWatch.assertClose()
    await changes.assertFresh()
  }
  const trustedProxies = settings.trustedProxies.length > 0 ? new AddressList(settings.trustedProxies) : null
  const connections = new Connections(
    { perPeerMax: settings.connectionsPerPeer, trustedProxies, max: connectionsMaxOf(readDescriptorLimit(), settings) },
    logger,
  )
  const listener = { logger, trustedProxies, isHttps, drain, keepAliveMs: settings.keepAliveSeconds * 1_000 }
  const hostNames = [new URL(settings.publicUrl).hostname, ...settings.allowedHosts]
  const browserOrigins = new Set(settings.browserOrigins)
  const handOvers = new HandOvers({ store, sealer, clock })
  const site = new AdminSite(settings.adminUrl)
  const app = await buildApp({
    ...listener,
    connections,
    hosts: new HostNames(hostNames),
    assertReady,
    sellerApi: { clock, feed: changes, callLog, services: seller, browserOrigins },
    verifyApi: {
      clock,
      feed: changes,
      callLog,
      services: seller,
      sessionCheck: member.check,
      sessionFeed: member.feed,
      serviceAuthentication: new ServiceAuthentication({ registry: services, limiter, clock }),
      issuer: settings.publicUrl,
      browserOrigins,
      tokenAudience: settings.tokenAudience,
      keysMaxAgeSeconds: Math.floor(settings.keyPublishSeconds / 2),
    },
    upstreams: upstreamDependencies(settings, { clock, feed: changes, callLog, services: seller, browserOrigins }),
    memberApi: {
      clock,
      limiter,
      ratePerAddress: settings.ratePerAddress,
      httpStatus: settings.memberHttpStatus,
      callLog,
      traceValues: settings.traceValues,
      sealRequest: (text) => sealRequest(sealer, text),
      signedCalls: {
        merchants,
        keyUsage,
        limiter,
        ratePerMerchant: settings.ratePerMerchant,
        assertFresh: assertNotBehind,
        replayFloor,
        clockRadar,
      },
      login: { ...entry, catalogue, members: store.members, writer, conduct: records.conduct, allowLoopbackCallback: mode === 'sandbox' },
      guestLogin: { ...entry, sessions: store.memberSessions, identify: identifyGuest },
      lifecycle: { members: store.members, sessions: store.memberSessions, writer },
    },
    brands,
    lobby: settings.lobbyPage ? { ...member, brands, assertFresh, limiter, clock, publicUrl: settings.publicUrl } : null,
    handOver: { open: (token, visitor) => handOvers.open(token, visitor), limiter, clock, hasPlayground: settings.apiReference },
    sandbox: mode === 'sandbox' ? sandboxGuide(settings.publicUrl, clock, () => (settings.adminPort === 0 ? null : site.url)) : null,
    explain: canExplain
      ? {
          explanations: {
            store,
            sealer,
            clock,
            merchants,
            assertFresh,
            limit: new QuestionLimit(),
            explainer,
            publishedKeys: [sampleMerchant.key],
            origin: settings.publicUrl,
          },
          clock,
          limiter,
          allow: new AddressList(settings.explainAllow),
        }
      : null,
    reference: settings.apiReference
      ? {
          ...settings,
          version,
          sign: signHex,
          canExplain,
          ...(mode === 'sandbox' ? { samples: playgroundSamples, notes: fixtureNotes() } : { samples: null }),
        }
      : null,
  })
  const adminConnections = new Connections({ perPeerMax: 0, trustedProxies: null, max: adminConnectionsMax }, logger)
  const processBeat: ProcessBeat = new ProcessBeat({
    store: store.processes,
    shared: sharedClock,
    look: async () => ({
      isReady: !drain.hasBegun && (await isResolved(assertReady())),
      ...describeLimits(),
      ...sealBacklogOf(sealDelivery.backlogs),
    }),
    onError: warn('this process could not report to the store'),
  })
  const sealDelivery = new SealDelivery({
    seals: store.seals,
    processes: store.processes,
    shared: sharedClock,
    processId: processBeat.id,
    destinations: [
      ...(settings.sealsFile === null ? [] : [new SealFile(settings.sealsFile)]),
      ...(settings.sealsUrl === null ? [] : [new SealUrl(settings.sealsUrl, store.meta)]),
    ],
    onProblem: (backlog) => logger.warn(backlog, 'seals could not be delivered; they are kept, and delivered when it works again'),
    onError: warn('seals could not be delivered'),
  })
  const metricSources: MetricSources = {
    calls: records.meter,
    lane: seller.lane,
    commits: { ...writer.queues, seller_refresh: seller.refreshQueue },
    store: store.usage,
    changes,
    clockWatch,
    clockRadar,
    keys: seller.keys,
    limits: describeLimits,
    traces: records.traces,
    refusals: records.refusals,
    callCounts: records.callCounts,
    sealDelivery,
    connections: { public: connections, admin: adminConnections },
    spans: telemetry?.queue ?? null,
    now: () => clock.now(),
  }
  const admin =
    settings.adminPort === 0
      ? null
      : await openAdminListener({
          listener: { ...listener, connections: adminConnections },
          hostNames,
          assertReady,
          store,
          sealer,
          clock,
          sharedClock,
          heldCatalogue: async () => {
            await changes.poll()
            return catalogue.catalogue
          },
          settings,
          site,
          hasher: seller.hasher,
          lane: seller.lane,
          limiter,
          callLog,
          metricSources,
          nodeMetrics,
          sandboxLink: sandboxLink ?? null,
          onSsoTrouble: warn('single sign-on failed'),
        })
  const eventSealer = new EventSealer({
    store: store.seals,
    shared: sharedClock,
    maker: await SealMaker.open(store.meta, sealer),
    onSealed: (seal) => logger.info({ seal: seal.number, digest: sealDigest(seal) }, 'events are sealed'),
    onError: warn('events could not be sealed'),
  })
  // Open streams would keep the app from closing.
  app.addHook('preClose', async () => member.feed.close())
  await clockWatch.start()
  await recovery.start()
  await changes.start()
  await recallChanges(store, (heard) => recentChanges.note(heard))
  member.feed.start()
  sweeper.start()
  keySchedule.start()
  processBeat.start()
  eventSealer.start()
  sealDelivery.start()

  return {
    app,
    adminApp: admin?.app ?? null,
    adminSite: site,
    connections,
    adminConnections,
    changes,
    refusals: records.refusals,
    callCounts: records.callCounts,
    keyUsage,
    accessTokenUses: seller.accessTokenUses,
    traces: records.traces,
    conduct: records.conduct,
    spanQueue: telemetry?.queue ?? null,
    clockRadar,
    sweeper,
    clockWatch,
    processBeat,
    eventSealer,
    sealDelivery,
    async listen({ sharePort } = { sharePort: false }) {
      const address = { host: settings.host, port: settings.port, backlog: 4_096, reusePort: sharePort }
      if (admin !== null) site.movePort(settings.adminPort, await listenForAdmin(admin.app, settings, { mode, sharePort }))
      return app.listen(address)
    },
    drain: () => drain.begin(),
    async close(msMax = 10_000) {
      await Promise.all([app, admin?.app].filter((one) => one !== undefined).map((one) => closeApp(one, msMax * drainShare)))
      changes.stop()
      clockWatch.stop()
      const closing = [
        writer.drain(),
        sweeper.stop(),
        keySchedule.stop(),
        processBeat.stop(),
        eventSealer.stop(),
        sealDelivery.stop(),
        keyUsage.close(),
        seller.accessTokenUses.close(),
        records.close(),
        clockRadar.close(),
        explainer.close(),
        admin?.close(),
        telemetry?.queue.close(),
      ]
      if (telemetry?.spans === spans) useSpans(null)
      await within(msMax * (1 - drainShare), Promise.all(closing)).catch(
        warn('closing took too long: what was not written yet is given up'),
      )
      closeLimiter()
    },
  }
}

/** Loads everything for operators only where there are some. */
async function openAdminListener(options: AdminListenerOptions): Promise<AdminListener> {
  const { openAdmin } = await import('./admin-listener.ts')
  return openAdmin(options)
}

/** Loads OpenTelemetry only if it is to be used. Everything made after that finds its spans. */
async function openTelemetry(settings: Settings, onError: (error: unknown) => void): Promise<OpenedSpans | null> {
  const { otlpEndpoint } = settings
  if (otlpEndpoint === null) return null
  const { openSpans } = await import('./telemetry/open-spans.ts')
  const opened = openSpans({ ...settings, otlpEndpoint }, onError)
  useSpans(opened.spans)
  return opened
}

function isResolved(promise: Promise<void>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  )
}

/** How many further ports a sandbox tries for the admin API, since others may run on this machine. */
const adminPortTries = 20

/** @returns the port on which it listens */
async function listenForAdmin(
  app: FastifyInstance,
  { adminHost: host, adminPort }: Settings,
  { mode, sharePort }: { readonly mode: GatewayOptions['mode']; readonly sharePort: boolean },
): Promise<number> {
  for (let port = adminPort; ; port++) {
    try {
      const address = { host, port, reusePort: sharePort }
      await app.listen(address)
      return port
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!isTaken || mode !== 'sandbox' || port >= adminPort + adminPortTries) throw error
    }
  }
}

/** Share of the time for closing that goes to pending requests; the rest is for writes that follow them. */
const drainShare = 0.7

/** Answers pending requests; cuts those that take longer. */
async function closeApp(app: FastifyInstance, msMax: number): Promise<void> {
  // Connections that were busy when closing began become idle after their answer.
  const idle = setInterval(() => app.server.closeIdleConnections(), 50)
  const cut = setTimeout(() => app.server.closeAllConnections(), msMax)
  try {
    await app.close()
  } finally {
    clearInterval(idle)
    clearTimeout(cut)
  }
}

function upstreamDependencies(
  { upstreams, upstreamTimeoutSeconds, upstreamWebSockets: passWebSockets, upstreamHeaders: ownHeaders, publicUrl }: Settings,
  parts: Pick<UpstreamDependencies, 'clock' | 'feed' | 'callLog' | 'services' | 'browserOrigins'>,
): UpstreamDependencies | null {
  if (upstreams.length === 0) return null
  const { protocol, host } = new URL(publicUrl)
  const origin = { scheme: protocol.slice(0, -1), host }
  return { ...parts, origin, upstreams, timeoutMs: upstreamTimeoutSeconds * 1_000, passWebSockets, ownHeaders }
}
