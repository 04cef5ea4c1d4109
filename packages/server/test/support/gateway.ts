import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import pino from 'pino'
import type { Settings } from '../../src/config/settings.ts'
import type { Clock, SharedClock } from '../../src/core/base/clock.ts'
import { claimMasterKey } from '../../src/core/base/master-key-check.ts'
import { MemberAdmin } from '../../src/core/members/member-admin.ts'
import { getMerchant } from '../../src/core/merchants/merchant-admin.ts'
import type { SandboxLink } from '../../src/core/operators/sandbox-link.ts'
import { type Gateway, type GatewayOptions, openGateway } from '../../src/gateway.ts'
import { seedSandbox } from '../../src/sandbox/seed.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import type { Enablement, MerchantSettings, SigningKeyRecord, Store } from '../../src/store/store.ts'
import { ManualClock } from './manual-clock.ts'
import { type StoreKind, testStores } from './stores.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The body parsed, or null when it is not JSON. */
  readonly json: unknown
}

export interface RequestOptions {
  readonly headers?: Record<string, string>
  /** The peer's address; default 127.0.0.1. */
  readonly address?: string
}

const defaults: Settings = {
  publicUrl: 'http://127.0.0.1:8080',
  allowedHosts: ['localhost'],
  browserOrigins: [],
  connectionsPerPeer: 0,
  host: '127.0.0.1',
  port: 0,
  adminHost: '127.0.0.1',
  adminPort: 0,
  adminAllow: ['0.0.0.0/0', '::/0'],
  metricsAllow: ['127.0.0.0/8', '::1/128'],
  adminUrl: 'http://localhost:8081',
  ssoIssuer: null,
  ssoClientId: null,
  ssoClientSecret: null,
  ssoScopes: 'openid email profile',
  ssoRoleClaim: 'groups',
  ssoRoles: [],
  ssoMerchantsClaim: null,
  ssoLabel: 'single sign-on',
  ssoConfirm: 'passkey',
  ssoRecheckMinutes: 15,
  keepAliveSeconds: 75,
  shutdownGraceSeconds: 0,
  workers: 1,
  databaseUrl: '',
  databasePoolSize: 4,
  databasePreparedStatements: true,
  redisUrl: null,
  masterKey: randomBytes(32),
  trustedProxies: [],
  logLevel: 'silent',
  logCalls: 'off',
  otlpEndpoint: null,
  otlpProtocol: 'http/json',
  otlpHeaders: [],
  otlpTimeoutMs: 10_000,
  otelServiceName: 'lobbykey',
  otelResourceAttributes: [],
  otelSampler: 'parentbased_always_on',
  otelSamplerRatio: 1,
  ratePerMerchant: 0,
  ratePerAddress: 0,
  adminRatePerCaller: 0,
  memberHttpStatus: 'contract',
  memberSessionSeconds: 86_400,
  lobbyPage: true,
  apiReference: true,
  explainAllow: ['0.0.0.0/0', '::/0'],
  accessTokenSeconds: 86_400,
  refreshIdleSeconds: 604_800,
  refreshAbsoluteSeconds: 2_592_000,
  refreshGraceSeconds: 60,
  tokenAudience: 'merchant-api',
  tokenKeyBits: 2048,
  upstreams: [],
  upstreamTimeoutSeconds: 30,
  upstreamWebSockets: false,
  upstreamHeaders: [],
  keyPublishSeconds: 600,
  keyRotationDays: 0,
  // The minimum, so that tests spend little time on hashing.
  argon2MemoryKib: 7_168,
  argon2Passes: 5,
  passwordLaneWidth: 2,
  passwordQueueMax: 128,
  passwordQueueMsMax: 900,
  loginBackoffAfter: 5,
  loginLockAfter: 100,
  loginFailuresPerAddressMinute: 60,
  consolePurpose: false,
  refusalDays: 30,
  sealsFile: null,
  sealsUrl: null,
  traceHours: 24,
  traceRowsMax: 100_000,
  traceValues: 'masked',
}

/** The real gateway on a real store with the sandbox's sample partners, under a clock that the test controls. Requests are injected. */
export class TestGateway {
  readonly clock: ManualClock
  readonly settings: Settings
  store: Store
  #gateway: Gateway
  readonly #logger: FastifyBaseLogger
  readonly #drop: () => Promise<void>

  constructor(parts: {
    clock: ManualClock
    settings: Settings
    logger: FastifyBaseLogger
    store: Store
    gateway: Gateway
    drop: () => Promise<void>
  }) {
    this.clock = parts.clock
    this.settings = parts.settings
    this.store = parts.store
    this.#gateway = parts.gateway
    this.#logger = parts.logger
    this.#drop = parts.drop
  }

  get app() {
    return this.#gateway.app
  }

  /** The admin listener's application, if the settings have an `adminPort`. */
  get admin() {
    const { adminApp } = this.#gateway
    if (adminApp === null) throw new Error('this gateway has no admin listener')
    return adminApp
  }

  get publicUrl(): string {
    return this.settings.publicUrl
  }

  post(path: string, body: object | string | Buffer, options: RequestOptions = {}): Promise<Answer> {
    return this.request('POST', path, { ...options, body })
  }

  async request(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    options: RequestOptions & { body?: object | string | Buffer } = {},
  ): Promise<Answer> {
    const { body } = options
    const response = await this.app.inject({
      method,
      url: path,
      remoteAddress: options.address ?? '127.0.0.1',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    })
    return { status: response.statusCode, headers: response.headers, text: response.body, json: parseJson(response.body) }
  }

  /** Changes the sample merchant like the command line, and makes the gateway reload it. */
  async updateMerchant(change: { status?: Enablement; settings?: Partial<MerchantSettings> }): Promise<void> {
    const merchant = await getMerchant(this.store.merchants, 'agent001')
    const now = Math.max(this.clock.now(), merchant.updatedAt + 1)
    const settings = { ...merchant.settings, ...change.settings }
    const next = { agentId: 'agent001', status: change.status ?? merchant.status, settings, updatedAt: now }
    await this.store.merchants.update(next, merchant.updatedAt, { at: now, kind: 'merchant.updated', surface: 'cli', agentId: 'agent001' })
    await this.#gateway.changes.poll()
  }

  async addMember(userId: string): Promise<void> {
    await new MemberAdmin({ store: this.store, clock: this.clock, origin: { surface: 'cli' } }).add('agent001', userId)
  }

  /** Runs the check of connections that is otherwise due every second. */
  sweepConnections(): void {
    this.#gateway.connections.sweep()
    this.#gateway.adminConnections.sweep()
  }

  drain(): void {
    this.#gateway.drain()
  }

  hearChanges(): Promise<void> {
    return this.#gateway.changes.poll()
  }

  flushKeyUses(): Promise<void> {
    return this.#gateway.keyUsage.flush()
  }

  flushAccessTokenUses(): Promise<void> {
    return this.#gateway.accessTokenUses.flush()
  }

  flushRefusals(): Promise<void> {
    return this.#gateway.refusals.flush()
  }

  flushCounts(): Promise<void> {
    return this.#gateway.callCounts.flush()
  }

  flushTraces(): Promise<void> {
    return this.#gateway.traces.flush()
  }

  /** Sends ended OpenTelemetry spans to the collector. */
  async flushSpans(): Promise<void> {
    await this.#gateway.spanQueue?.flush()
  }

  measureClock(): Promise<void> {
    return this.#gateway.clockWatch.read().then(
      () => {},
      () => {},
    )
  }

  /** Deletes what has expired. */
  sweep(): Promise<void> {
    return this.#gateway.sweeper.run()
  }

  /** Reports this process to the store. */
  beat(): Promise<void> {
    return this.#gateway.processBeat.beat()
  }

  flushConduct(): Promise<void> {
    return this.#gateway.conduct.flush()
  }

  flushClocks(): Promise<void> {
    return this.#gateway.clockRadar.flush()
  }

  /** Stops the process's parts and starts them again on the same store. */
  async restart(): Promise<void> {
    await this.#gateway.close()
    await this.store.close()
    this.store = await openStoreOf(this.settings)
    this.#gateway = await open({ settings: this.settings, clock: this.clock, logger: this.#logger, store: this.store })
  }

  /** Another process on the same store, with the same clock or its own. Close it before this one. */
  openSecondNode(clock: ManualClock = this.clock): Promise<TestGateway> {
    return this.openOn(this.settings.databaseUrl, clock)
  }

  /** A process with the same settings on an existing store whose time is this one's. */
  async openOn(databaseUrl: string, clock: ManualClock = this.clock): Promise<TestGateway> {
    const settings = { ...this.settings, databaseUrl }
    const logger = this.#logger
    const store = await openStoreOf(settings)
    const gateway = await open({ settings, clock, sharedClock: readThrough(store, this.clock), logger, store })
    return new TestGateway({ clock, settings, logger, store, gateway, drop: async () => {} })
  }

  async close(): Promise<void> {
    await this.#gateway.close()
    await this.store.close()
    await this.#drop()
  }
}

export interface TestGatewayOptions {
  readonly settings?: Partial<Settings>
  readonly storeKind?: StoreKind
  readonly logger?: FastifyBaseLogger
  readonly sandboxLink?: SandboxLink
  /** Makes a signing key that no other gateway of the process has. */
  readonly hasOwnKey?: boolean
}

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const kind = options.storeKind ?? testStores().find(({ name }) => name === 'sqlite')
  if (kind === undefined) throw new Error('no store to test on')
  const { url, drop } = await kind.create()
  const settings = { ...defaults, ...options.settings, databaseUrl: url }
  const clock = new ManualClock()
  const store = await openStoreOf(settings)
  const sealer = await claimMasterKey(store.meta, settings.masterKey)
  await seedSandbox({ store, sealer, clock, settings })
  const sharesKey = settings.masterKey === defaults.masterKey && settings.tokenKeyBits === defaults.tokenKeyBits && !options.hasOwnKey
  if (sharesKey) await addSharedKey(store)
  const sandboxPart = options.sandboxLink === undefined ? {} : { sandboxLink: options.sandboxLink }
  const logger = options.logger ?? pino({ level: settings.logLevel })
  const gateway = await open({ settings, clock, logger, store, ...sandboxPart })
  if (sharesKey) sharedKey ??= (await store.signingKeys.list())[0]
  return new TestGateway({ clock, settings, logger, store, gateway, drop })
}

/** The signing key that this process's first gateway made. Later ones have it from the start, since making one takes as long as all else together. */
let sharedKey: SigningKeyRecord | undefined

async function addSharedKey({ signingKeys }: Store): Promise<void> {
  if (sharedKey === undefined) return
  const { kid, createdAt } = sharedKey
  const event = { at: createdAt, kind: 'signing-key.created', surface: 'server', subject: kid } as const
  await signingKeys.addFirst({ ...sharedKey, tokenLifeMs: 0 }, event)
}

function openStoreOf(settings: Settings): Promise<SqlStore> {
  const { databaseUrl: url, databasePoolSize: poolSize, databasePreparedStatements: preparedStatements } = settings
  return openStore({ url, poolSize, preparedStatements })
}

/** @param parts.sandboxLink the console's, for tests that use it */
function open(parts: Omit<GatewayOptions, 'mode' | 'sharedClock'> & { readonly sharedClock?: SharedClock }): Promise<Gateway> {
  return openGateway({ sharedClock: readThrough(parts.store, parts.clock), ...parts, mode: 'sandbox' })
}

/** Tells the test's time, and asks the store as `serve` does: whoever holds the store's only connection must not ask. */
function readThrough(store: Store, clock: Clock): SharedClock {
  return { read: () => store.readClock().then(() => clock.now()) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
