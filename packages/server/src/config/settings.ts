/** Every setting with its variable, meaning, form and default. `docs/configuration.md` is generated from this table. */
import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { isAbsolute } from 'node:path'
import { type Role, roleNames } from '@lobbykey/contract/admin'
import { parseBlock } from '../core/base/address-list.ts'
import { isLoopbackHost } from '../core/base/loopback-host.ts'
import { isReservedHeader } from '../core/base/reserved-headers.ts'
import { parseMasterKey } from '../core/base/sealer.ts'
import { databaseUrlForm, parseDatabaseUrl } from '../store/database-url.ts'
import { findUpstreamProblem } from './upstream-problems.ts'

export interface Settings {
  readonly publicUrl: string
  /** Beside that of `publicUrl`; `*` is any. */
  readonly allowedHosts: readonly string[]
  readonly browserOrigins: readonly string[]
  readonly host: string
  readonly port: number
  readonly adminHost: string
  /** 0: no admin listener. */
  readonly adminPort: number
  /** CIDR blocks. */
  readonly adminAllow: readonly string[]
  /** CIDR blocks. */
  readonly metricsAllow: readonly string[]
  /** Of the admin listener, as browsers know it. Cookies, links and passkeys are bound to it. */
  readonly adminUrl: string
  /** Null: no single sign-on. */
  readonly ssoIssuer: string | null
  readonly ssoClientId: string | null
  readonly ssoClientSecret: string | null
  readonly ssoScopes: string
  readonly ssoRoleClaim: string
  /** The first that matches counts. */
  readonly ssoRoles: readonly SsoRoleSetting[]
  /** Null: operators are not restricted to merchants. */
  readonly ssoMerchantsClaim: string | null
  readonly ssoLabel: string
  readonly ssoConfirm: 'passkey' | 'provider'
  readonly ssoRecheckMinutes: number
  /** 0: any number. */
  readonly connectionsPerPeer: number
  readonly keepAliveSeconds: number
  readonly shutdownGraceSeconds: number
  readonly workers: number
  readonly databaseUrl: string
  readonly databasePoolSize: number
  readonly databasePreparedStatements: boolean
  /** Null: none. */
  readonly redisUrl: string | null
  readonly masterKey: Uint8Array
  /** CIDR blocks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  readonly logLevel: string
  readonly logCalls: 'off' | 'errors' | 'all'
  /** Without a trailing slash. Null: no OpenTelemetry spans. */
  readonly otlpEndpoint: string | null
  readonly otlpProtocol: 'http/json'
  /** `name=value` each. */
  readonly otlpHeaders: readonly string[]
  readonly otlpTimeoutMs: number
  readonly otelServiceName: string
  /** `name=value` each. */
  readonly otelResourceAttributes: readonly string[]
  readonly otelSampler: (typeof samplers)[number]
  /** 0 to 1. */
  readonly otelSamplerRatio: number
  /** Requests a second; 0 for none. */
  readonly ratePerMerchant: number
  readonly ratePerAddress: number
  readonly adminRatePerCaller: number
  readonly memberHttpStatus: 'contract' | 'standard'
  readonly memberSessionSeconds: number
  readonly lobbyPage: boolean
  readonly apiReference: boolean
  /** CIDR blocks. */
  readonly explainAllow: readonly string[]
  readonly accessTokenSeconds: number
  readonly refreshIdleSeconds: number
  readonly refreshAbsoluteSeconds: number
  readonly refreshGraceSeconds: number
  readonly tokenAudience: string
  readonly tokenKeyBits: number
  readonly keyPublishSeconds: number
  /** 0: by hand only. */
  readonly keyRotationDays: number
  readonly upstreams: readonly UpstreamSetting[]
  readonly upstreamTimeoutSeconds: number
  readonly upstreamWebSockets: boolean
  /** In lower case. */
  readonly upstreamHeaders: readonly string[]
  readonly argon2MemoryKib: number
  readonly argon2Passes: number
  readonly passwordLaneWidth: number
  readonly passwordQueueMax: number
  readonly passwordQueueMsMax: number
  readonly loginBackoffAfter: number
  readonly loginLockAfter: number
  readonly loginFailuresPerAddressMinute: number
  /** Whether the console asks why members' data is read. */
  readonly consolePurpose: boolean
  readonly refusalDays: number
  /** Null: none. */
  readonly sealsFile: string | null
  /** Null: none. May hold a secret. */
  readonly sealsUrl: string | null
  /** 0: no traces. */
  readonly traceHours: number
  readonly traceRowsMax: number
  readonly traceValues: 'masked' | 'shown'
}

export interface UpstreamSetting {
  /** A path below /merchant-api, without a slash at the end. */
  readonly prefix: string
  /** Replaces the prefix; without a trailing slash. */
  readonly url: string
}

/** Who has this value in the claim has this role. */
export interface SsoRoleSetting {
  readonly value: string
  readonly role: Role
}

/** Where the seller API's own operations are. */
const sellerAuthPath = '/merchant-api/seller/auth'

export interface SettingDefinition<T> {
  readonly variable: string
  readonly meaning: string
  /** Completes "VARIABLE must be …". */
  readonly form: string
  /** As text; null: no default, see `fallback`. */
  readonly default: string | null
  readonly fallback?: string
  /** Where the sandbox differs. */
  readonly sandboxDefault?: string
  readonly requiredInServe?: true
  /** Can be read from the file named by `VARIABLE_FILE`; never shown. */
  readonly secret?: true
  /** Undefined if malformed. */
  readonly parse: (text: string) => T | undefined
}

/** Of the OpenTelemetry specification. */
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export const settingDefinitions: { readonly [K in keyof Settings]: SettingDefinition<Settings[K]> } = {
  publicUrl: {
    variable: 'PUBLIC_URL',
    meaning: 'Public URL of this server: the issuer of tokens and the base of every generated URL',
    form: 'an https origin without path or query, such as https://login.example.com (http only on loopback)',
    default: null,
    fallback: 'required by serve; in the sandbox http://HOST:PORT',
    requiredInServe: true,
    parse: parsePublicUrl,
  },
  allowedHosts: {
    variable: 'ALLOWED_HOSTS',
    meaning:
      'Host names accepted beside that of PUBLIC_URL, such as an internal one; others get 421. Not checked for `/livez`, `/readyz` and `/verify`',
    form: 'a comma-separated list of host names and IP addresses without ports, or * for any',
    default: '',
    sandboxDefault: 'localhost',
    parse: parseHosts,
  },
  browserOrigins: {
    variable: 'BROWSER_ORIGINS',
    meaning:
      'Origins whose pages may call the seller API, `/verify` and upstreams (CORS, never with cookies); keys and metadata are open to all pages, the member API to none',
    form: 'a comma-separated list of https origins, such as https://app.example.com (http only on loopback)',
    default: '',
    parse: parseOrigins,
  },
  host: {
    variable: 'HOST',
    meaning: 'Address to listen on',
    form: 'an IP address or host name',
    default: '127.0.0.1',
    parse: parseListenHost,
  },
  port: {
    variable: 'PORT',
    meaning: 'Port to listen on',
    form: 'a whole number from 1 to 65535',
    default: '8080',
    parse: wholeNumber(1, 65_535),
  },
  adminHost: {
    variable: 'ADMIN_HOST',
    meaning: 'Address that the admin API listens on',
    form: 'an IP address or host name',
    default: '127.0.0.1',
    parse: parseListenHost,
  },
  adminPort: {
    variable: 'ADMIN_PORT',
    meaning: 'Port that the admin API listens on; 0 for none. The sandbox takes the next free one',
    form: 'a whole number from 0 to 65535',
    default: '8081',
    parse: wholeNumber(0, 65_535),
  },
  adminAllow: {
    variable: 'ADMIN_ALLOW',
    meaning:
      'Addresses from which operators may sign in and use tokens on the admin port, partners excepted, who may from anywhere. For an admin port that partners reach (docs/admin-api.md)',
    form: 'a comma-separated list of IP addresses and CIDR blocks, or empty for nobody but partners',
    default: '0.0.0.0/0,::/0',
    parse: parseBlocks,
  },
  metricsAllow: {
    variable: 'METRICS_ALLOW',
    meaning:
      'Addresses that may read `/metrics` on the admin port without a token; others, and requests through a proxy, need an API token with the right status.read (docs/metrics.md)',
    form: 'a comma-separated list of IP addresses and CIDR blocks, or empty for nobody',
    default: '127.0.0.0/8,::1/128',
    parse: parseBlocks,
  },
  adminUrl: {
    variable: 'ADMIN_URL',
    meaning:
      'Where browsers reach the admin port; links, cookies and passkeys are bound to it. Passkeys need a host name, not an IP address',
    form: 'an https origin without path or query, such as https://admin.example.com (http only on loopback)',
    default: null,
    fallback: 'http://localhost:ADMIN_PORT',
    parse: parsePublicUrl,
  },
  ssoIssuer: {
    variable: 'OPERATOR_SSO_ISSUER',
    meaning:
      'Issuer of the OpenID Connect provider by which operators may sign in (docs/single-sign-on.md), exactly as its metadata give it',
    form: 'an https URL without query, such as https://login.example.com/realms/ops (http only on loopback, in the sandbox)',
    default: null,
    fallback: 'none: no single sign-on',
    parse: parseIssuer,
  },
  ssoClientId: {
    variable: 'OPERATOR_SSO_CLIENT_ID',
    meaning: "This server's client ID at the provider",
    form: '1 to 255 printable ASCII characters',
    default: null,
    fallback: 'required with OPERATOR_SSO_ISSUER',
    parse: (text) => (/^[ -~]{1,255}$/.test(text) ? text : undefined),
  },
  ssoClientSecret: {
    variable: 'OPERATOR_SSO_CLIENT_SECRET',
    meaning: "This server's client secret at the provider",
    form: '1 to 1024 printable ASCII characters',
    default: null,
    fallback: 'required with OPERATOR_SSO_ISSUER',
    secret: true,
    parse: (text) => (/^[ -~]{1,1024}$/.test(text) ? text : undefined),
  },
  ssoScopes: {
    variable: 'OPERATOR_SSO_SCOPES',
    meaning: 'Scopes to ask for; add offline_access where the provider gives refresh tokens for it',
    form: 'a list of scopes separated by spaces, with openid among them',
    default: 'openid email profile',
    parse: (text) => (/^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(text) && text.split(' ').includes('openid') ? text : undefined),
  },
  ssoRoleClaim: {
    variable: 'OPERATOR_SSO_ROLE_CLAIM',
    meaning: 'Claim that OPERATOR_SSO_ROLES maps to roles: a text or a list of texts. Dots lead into objects: realm_access.roles',
    form: 'the name of a claim',
    default: 'groups',
    parse: parseClaimName,
  },
  ssoRoles: {
    variable: 'OPERATOR_SSO_ROLES',
    meaning: 'Role by value of OPERATOR_SSO_ROLE_CLAIM. The first entry that matches counts; without one nobody is let in',
    form: `a comma-separated list of VALUE=ROLE with ${roleNames.join(', ')} as roles, such as lobbykey-owners=owner,lobbykey-support=support`,
    default: '',
    parse: parseSsoRoles,
  },
  ssoMerchantsClaim: {
    variable: 'OPERATOR_SSO_MERCHANTS_CLAIM',
    meaning:
      'Claim with the IDs of the merchants that an operator is restricted to: a list, or a text separated by spaces or commas. Required for partners',
    form: 'the name of a claim',
    default: null,
    fallback: 'none: no operator is restricted, and partners are not let in',
    parse: parseClaimName,
  },
  ssoLabel: {
    variable: 'OPERATOR_SSO_LABEL',
    meaning: 'The provider, as the button of the sign-in page names it',
    form: '1 to 64 characters without control characters',
    default: 'single sign-on',
    parse: (text) => (/^[^\p{C}]{1,64}$/u.test(text) ? text : undefined),
  },
  ssoConfirm: {
    variable: 'OPERATOR_SSO_CONFIRM',
    meaning:
      'What confirms sensitive operations of operators with single sign-on: a passkey kept here, or also signing in at the provider again, if it asks for a second factor',
    form: 'passkey or provider',
    default: 'passkey',
    parse: oneOf(['passkey', 'provider']),
  },
  ssoRecheckMinutes: {
    variable: 'OPERATOR_SSO_RECHECK_MINUTES',
    meaning: "How long the provider's word about an operator counts, minutes: whoever it no longer lets in loses access within that time",
    form: 'a whole number from 1 to 720',
    default: '15',
    parse: wholeNumber(1, 720),
  },
  connectionsPerPeer: {
    variable: 'CONNECTIONS_PER_PEER',
    meaning: 'Connections per address (per /64 of IPv6) and process, except from TRUSTED_PROXIES; 0 for no limit (docs/operations.md)',
    form: 'a whole number from 0 to 1000000',
    default: '256',
    parse: wholeNumber(0, 1_000_000),
  },
  keepAliveSeconds: {
    variable: 'KEEP_ALIVE_SECONDS',
    meaning:
      "How long an idle connection is kept, seconds; longer than the proxy in front keeps it (nginx 60; Google Cloud's load balancer 600: set 620)",
    form: 'a whole number from 1 to 3600',
    default: '75',
    parse: wholeNumber(1, 3_600),
  },
  shutdownGraceSeconds: {
    variable: 'SHUTDOWN_GRACE_SECONDS',
    meaning:
      'How long the process still serves after SIGTERM, with 503 on `/readyz` and closing connections; longer than the load balancer needs to notice',
    form: 'a whole number from 0 to 60',
    default: '3',
    sandboxDefault: '0',
    parse: wholeNumber(0, 60),
  },
  workers: {
    variable: 'WORKERS',
    meaning: 'Processes that `lobbykey serve` runs on this port; auto is one per processor core. They share limits and the password lane',
    form: 'auto or a whole number from 1 to 256',
    default: '1',
    parse: (text) => (text === 'auto' ? availableParallelism() : wholeNumber(1, 256)(text)),
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    meaning: 'The store: a SQLite file or a PostgreSQL database',
    form: databaseUrlForm,
    default: 'sqlite:./data/lobbykey.db',
    secret: true,
    parse: (text) => (parseDatabaseUrl(text) === null ? undefined : text),
  },
  databasePoolSize: {
    variable: 'DATABASE_POOL_SIZE',
    meaning: 'Connections to PostgreSQL per process',
    form: 'a whole number from 2 to 1000',
    default: '10',
    parse: wholeNumber(2, 1000),
  },
  databasePreparedStatements: {
    variable: 'DATABASE_PREPARED_STATEMENTS',
    meaning:
      'Whether to use prepared statements on PostgreSQL; off behind PgBouncer in transaction mode before version 1.21 (docs/operations.md)',
    form: 'on or off',
    default: 'on',
    parse: parseSwitch,
  },
  redisUrl: {
    variable: 'REDIS_URL',
    meaning: 'Redis or Valkey through which nodes share their rate limits (docs/operations.md); needs no persistence',
    form: 'redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS',
    default: null,
    fallback: 'none: each node keeps its own limits',
    secret: true,
    parse: parseRedisUrl,
  },
  masterKey: {
    variable: 'MASTER_KEY',
    meaning: 'Encrypts merchant keys and private keys in the store; keep it outside the store and its backups',
    form: '32 bytes in base64 or hex, such as from `openssl rand -base64 32`',
    default: null,
    fallback: 'required by serve; the sandbox creates one in its data folder, where other commands find it',
    requiredInServe: true,
    secret: true,
    parse: (text) => parseMasterKey(text) ?? undefined,
  },
  trustedProxies: {
    variable: 'TRUSTED_PROXIES',
    meaning: 'Proxies whose X-Forwarded-For is trusted, read from the right',
    form: 'a comma-separated list of IP addresses and CIDR blocks, none wider than /8 (IPv6: /7), because a trusted proxy can claim any caller address',
    default: '',
    parse: parseProxies,
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    meaning: 'Least severe level that is logged',
    form: 'one of fatal, error, warn, info, debug, trace, silent',
    default: 'info',
    parse: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  },
  logCalls: {
    variable: 'LOG_CALLS',
    meaning: 'Which calls are logged: none, those refused or slow (a second or more), or all (docs/operations.md, "Logs")',
    form: 'off, errors or all',
    default: 'off',
    parse: oneOf(['off', 'errors', 'all']),
  },
  otlpEndpoint: {
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    meaning: 'Collector that gets OpenTelemetry spans of calls, at its path /v1/traces (docs/spans.md)',
    form: 'an http or https URL without user, query or fragment, such as http://127.0.0.1:4318',
    default: null,
    fallback: 'none: no spans are made',
    parse: parseCollectorUrl,
  },
  otlpProtocol: {
    variable: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    meaning: 'How spans are sent. Collectors take JSON where they take protobuf over HTTP, usually on port 4318',
    form: 'http/json, the only one that this server speaks',
    default: 'http/json',
    parse: oneOf(['http/json']),
  },
  otlpHeaders: {
    variable: 'OTEL_EXPORTER_OTLP_HEADERS',
    meaning: 'Headers for the collector, such as its API key',
    form: 'a comma-separated list of NAME=VALUE with percent-encoded values of printable ASCII, such as authorization=Bearer%20secret',
    default: '',
    secret: true,
    parse: (text) => parsePairs(text, /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, /^[ -~]*$/),
  },
  otlpTimeoutMs: {
    variable: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    meaning: 'How long the collector may take to answer, milliseconds',
    form: 'a whole number from 1 to 60000',
    default: '10000',
    parse: wholeNumber(1, 60_000),
  },
  otelServiceName: {
    variable: 'OTEL_SERVICE_NAME',
    meaning: 'The service.name of spans',
    form: '1 to 128 letters, digits and . _ - /',
    default: 'lobbykey',
    parse: (text) => (/^[A-Za-z0-9._/-]{1,128}$/.test(text) ? text : undefined),
  },
  otelResourceAttributes: {
    variable: 'OTEL_RESOURCE_ATTRIBUTES',
    meaning: 'Further attributes of the service in spans',
    form: 'a comma-separated list of NAME=VALUE with percent-encoded values, such as deployment.environment.name=production',
    default: '',
    parse: (text) => parsePairs(text, /^[A-Za-z0-9_.-]{1,128}$/, /^.{0,256}$/u),
  },
  otelSampler: {
    variable: 'OTEL_TRACES_SAMPLER',
    meaning: 'Which calls have their spans exported, besides those refused or slow; the parentbased ones do as the caller asks',
    form: `one of ${samplers.join(', ')}`,
    default: 'parentbased_always_on',
    parse: oneOf(samplers),
  },
  otelSamplerRatio: {
    variable: 'OTEL_TRACES_SAMPLER_ARG',
    meaning: 'Share of traces that the traceidratio samplers choose',
    form: 'a number from 0 to 1, such as 0.01',
    default: '1',
    parse: (text) => (/^(?:0(?:\.\d{1,9})?|1(?:\.0{1,9})?)$/.test(text) ? Number(text) : undefined),
  },
  ratePerMerchant: {
    variable: 'RATE_PER_MERCHANT',
    meaning: 'Member API requests a second per merchant, with a burst of two seconds; 0 for no limit',
    form: 'a whole number from 0 to 1000000',
    default: '1000',
    parse: wholeNumber(0, 1_000_000),
  },
  ratePerAddress: {
    variable: 'RATE_PER_ADDRESS',
    meaning: 'Member API requests a second per address (per /64 of IPv6), with a burst of two seconds; 0 for no limit',
    form: 'a whole number from 0 to 1000000',
    default: '2000',
    parse: wholeNumber(0, 1_000_000),
  },
  adminRatePerCaller: {
    variable: 'ADMIN_RATE_PER_CALLER',
    meaning:
      'Admin API requests a second per API token, per operator at the console, and per address at sign-in, with a burst of two seconds; 0 for no limit',
    form: 'a whole number from 0 to 1000000',
    default: '50',
    parse: wholeNumber(0, 1_000_000),
  },
  memberHttpStatus: {
    variable: 'MEMBER_HTTP_STATUS',
    meaning: 'HTTP status of member API errors: contract always uses 200, standard uses 400, 401, 403, 404 and 429',
    form: 'contract or standard',
    default: 'contract',
    parse: oneOf(['contract', 'standard']),
  },
  memberSessionSeconds: {
    variable: 'MEMBER_SESSION_SECONDS',
    meaning: 'Lifetime of a member session from its last login, seconds',
    form: 'a whole number from 60 to 31536000',
    default: '86400',
    parse: wholeNumber(60, 31_536_000),
  },
  lobbyPage: {
    variable: 'LOBBY_PAGE',
    meaning: 'Whether this server serves its own lobby page at /lobby',
    form: 'on or off',
    default: 'off',
    sandboxDefault: 'on',
    parse: parseSwitch,
  },
  apiReference: {
    variable: 'API_REFERENCE',
    meaning: 'Whether this server publishes /openapi.json, /docs and /playground',
    form: 'on or off',
    default: 'off',
    sandboxDefault: 'on',
    parse: parseSwitch,
  },
  explainAllow: {
    variable: 'EXPLAIN_ALLOW',
    meaning: 'Addresses that may use POST /api/sandbox/explain; in production only the operators. Empty: none',
    form: 'a comma-separated list of IP addresses and CIDR blocks',
    default: '',
    sandboxDefault: '0.0.0.0/0,::/0',
    parse: parseBlocks,
  },
  accessTokenSeconds: {
    variable: 'ACCESS_TOKEN_SECONDS',
    meaning: 'Lifetime of a seller access token, seconds',
    form: 'a whole number from 60 to 86400',
    default: '86400',
    parse: wholeNumber(60, 86_400),
  },
  refreshIdleSeconds: {
    variable: 'REFRESH_IDLE_SECONDS',
    meaning: 'How long a refresh token may stay unused, seconds',
    form: 'a whole number from 60 to 31536000, at most REFRESH_ABSOLUTE_SECONDS',
    default: '604800',
    parse: wholeNumber(60, 31_536_000),
  },
  refreshAbsoluteSeconds: {
    variable: 'REFRESH_ABSOLUTE_SECONDS',
    meaning: 'How long one login can be refreshed in total, seconds',
    form: 'a whole number from 60 to 31536000',
    default: '2592000',
    parse: wholeNumber(60, 31_536_000),
  },
  refreshGraceSeconds: {
    variable: 'REFRESH_GRACE_SECONDS',
    meaning:
      'How long after a refresh the old refresh token returns the same new pair again, seconds; while that pair is unused, it does for an hour (SECURITY.md)',
    form: 'a whole number from 0 to 600',
    default: '60',
    parse: wholeNumber(0, 600),
  },
  tokenAudience: {
    variable: 'TOKEN_AUDIENCE',
    meaning: 'The aud claim of seller access tokens',
    form: '1 to 128 printable ASCII characters without space',
    default: 'merchant-api',
    parse: (text) => (/^[!-~]{1,128}$/.test(text) ? text : undefined),
  },
  tokenKeyBits: {
    variable: 'TOKEN_KEY_BITS',
    meaning: 'Size of new RSA keys for seller tokens; 3072 for ASVS 11.2.3',
    form: '2048 or 3072',
    default: '2048',
    parse: (text) => (text === '2048' || text === '3072' ? Number(text) : undefined),
  },
  keyPublishSeconds: {
    variable: 'KEY_PUBLISH_SECONDS',
    meaning: 'How long a new signing key is published before it signs, seconds; verifiers may cache the key set for half of that',
    form: 'a whole number from 2 to 43200, the same for every process and the command line',
    default: '600',
    parse: wholeNumber(2, 43_200),
  },
  keyRotationDays: {
    variable: 'KEY_ROTATION_DAYS',
    meaning: 'How long a signing key signs, days; 0 to rotate by hand only (`lobbykey keys rotate`)',
    form: 'a whole number from 0 to 3650',
    default: '90',
    parse: wholeNumber(0, 3_650),
  },
  upstreams: {
    variable: 'UPSTREAMS',
    meaning:
      'Path prefixes of upstream services: requests with a valid bearer token are forwarded to the URL, with the caller in headers (docs/verification.md)',
    form: 'a comma-separated list of PREFIX=URL, such as /merchant-api/orders=http://10.0.0.5:9000; each prefix is below /merchant-api, outside /merchant-api/seller/auth, and unique',
    default: '',
    parse: parseUpstreams,
  },
  upstreamTimeoutSeconds: {
    variable: 'UPSTREAM_TIMEOUT_SECONDS',
    meaning: 'How long an upstream may take to start its answer, and how long a body may pause either way, seconds',
    form: 'a whole number from 1 to 3600',
    default: '30',
    parse: wholeNumber(1, 3_600),
  },
  upstreamWebSockets: {
    variable: 'UPSTREAM_WEBSOCKETS',
    meaning: 'Whether WebSockets are forwarded to upstreams; each is closed within a second of its token ending',
    form: 'on or off',
    default: 'off',
    parse: (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
  },
  upstreamHeaders: {
    variable: 'UPSTREAM_HEADERS',
    meaning: 'Further request headers to forward to upstreams, beside those in docs/verification.md',
    form: 'a comma-separated list of header names of letters, digits and hyphens, without those that proxies use to describe the caller or the request',
    default: '',
    parse: parseHeaderNames,
  },
  argon2MemoryKib: {
    variable: 'ARGON2_MEMORY_KIB',
    meaning: 'Memory of one password hash, KiB',
    form: 'a whole number from 7168 to 1048576, at least 19456 with 2 passes (47104 with 1, 12288 with 3, 9216 with 4, 7168 with 5)',
    default: '19456',
    parse: wholeNumber(7168, 1_048_576),
  },
  argon2Passes: {
    variable: 'ARGON2_PASSES',
    meaning: 'Passes of one password hash',
    form: 'a whole number from 1 to 20',
    default: '2',
    parse: wholeNumber(1, 20),
  },
  passwordLaneWidth: {
    variable: 'PASSWORD_LANE_WIDTH',
    meaning: 'Password hashes computed in parallel, divided among the workers',
    form: 'a whole number from 1 to 256',
    default: null,
    fallback: 'the number of processor cores',
    parse: wholeNumber(1, 256),
  },
  passwordQueueMax: {
    variable: 'PASSWORD_QUEUE_MAX',
    meaning:
      'Logins that may wait for a password hash, divided among the workers; more get "busy" at once, as do those that would wait too long',
    form: 'a whole number from 0 to 10000',
    default: '128',
    parse: wholeNumber(0, 10_000),
  },
  passwordQueueMsMax: {
    variable: 'PASSWORD_QUEUE_MS_MAX',
    meaning: 'How long a login may wait for a password hash before it gets "busy", milliseconds',
    form: 'a whole number from 1 to 999',
    default: '800',
    parse: wholeNumber(1, 999),
  },
  loginBackoffAfter: {
    variable: 'LOGIN_BACKOFF_AFTER',
    meaning: 'Wrong passwords in a row after which an account must wait, one second doubling to sixty',
    form: 'a whole number from 1 to 100, at most LOGIN_LOCK_AFTER',
    default: '5',
    parse: wholeNumber(1, 100),
  },
  loginLockAfter: {
    variable: 'LOGIN_LOCK_AFTER',
    meaning: 'Wrong passwords in a row that lock an account, except from addresses it has logged in from',
    form: 'a whole number from 1 to 100',
    default: '100',
    parse: wholeNumber(1, 100),
  },
  loginFailuresPerAddressMinute: {
    variable: 'LOGIN_FAILURES_PER_ADDRESS_MINUTE',
    meaning:
      'Wrong passwords, and guesses that found no place, per minute and address (/64 of IPv6) before it must wait; those for accounts known there are counted separately',
    form: 'a whole number from 1 to 100000',
    default: '60',
    parse: wholeNumber(1, 100_000),
  },
  refusalDays: {
    variable: 'REFUSAL_DAYS',
    meaning: 'How long refused calls are kept, days. Events are kept for ever',
    form: 'a whole number from 1 to 3650',
    default: '30',
    parse: wholeNumber(1, 3_650),
  },
  traceHours: {
    variable: 'TRACE_HOURS',
    meaning: 'How long traces of calls are kept, hours; 0 for none (`lobbykey trace`)',
    form: 'a whole number from 0 to 8760',
    default: '24',
    parse: wholeNumber(0, 8_760),
  },
  consolePurpose: {
    variable: 'CONSOLE_PURPOSE',
    meaning:
      "Whether the console asks people, once a session, why they read members' data; the events of the reads keep it (docs/admin-api.md)",
    form: 'on or off',
    default: 'off',
    parse: parseSwitch,
  },
  sealsFile: {
    variable: 'SEALS_FILE',
    meaning: 'File on each node that seals over events are appended to, so that somebody else can hold them (docs/operations.md)',
    form: 'an absolute path of a file in a folder that exists',
    default: null,
    fallback: 'none',
    parse: (text) => (isAbsolute(text) ? text : undefined),
  },
  sealsUrl: {
    variable: 'SEALS_URL',
    meaning: 'Where seals over events are posted to, so that somebody else holds them (docs/operations.md)',
    form: 'an https URL without user name and fragment, such as https://seals.example.com/keep?token=… (http only on loopback)',
    default: null,
    fallback: 'none',
    secret: true,
    parse: parseSealsUrl,
  },
  traceRowsMax: {
    variable: 'TRACE_ROWS_MAX',
    meaning: 'Maximum number of traces; the newest are kept',
    form: 'a whole number from 1000 to 10000000',
    default: '100000',
    parse: wholeNumber(1_000, 10_000_000),
  },
  traceValues: {
    variable: 'TRACE_VALUES',
    meaning: 'Whether the canonical string in a trace shows values or only their lengths; tokens are never shown',
    form: 'masked or shown',
    default: 'masked',
    parse: oneOf(['masked', 'shown']),
  },
}

/** Only for `lobbykey store copy`. */
export const targetDatabaseUrl: SettingDefinition<string> = {
  ...settingDefinitions.databaseUrl,
  variable: 'TARGET_DATABASE_URL',
  meaning: 'The empty target database of `lobbykey store copy`',
  default: null,
  fallback: 'none; or use `--to`',
}

/** The remote server of the command line. */
export const serverUrl: SettingDefinition<string> = {
  variable: 'LOBBYKEY_URL',
  meaning: 'The admin API that the command line uses instead of a store',
  form: 'an https origin without path or query, such as https://admin.example.com (http only on loopback)',
  default: null,
  fallback: 'none: the store in DATABASE_URL, otherwise the connection saved by `lobbykey connect`',
  parse: parsePublicUrl,
}

export const serverToken: SettingDefinition<string> = {
  variable: 'LOBBYKEY_TOKEN',
  meaning: 'The API token for LOBBYKEY_URL',
  form: 'an API token from `lobbykey token add`',
  default: null,
  fallback: 'the token saved by `lobbykey connect` for that server',
  secret: true,
  parse: (text) => (/^lk_[A-Za-z0-9_-]{43}$/.test(text) ? text : undefined),
}

/** Settings of the command line only. */
export const commandOnlySettings = [targetDatabaseUrl, serverUrl, serverToken] as const

/** Minimum memory in KiB by passes, as strong as 19,456 KiB with two (OWASP Password Storage Cheat Sheet). */
const argon2MemoryKibMin = [47_104, 19_456, 12_288, 9_216, 7_168]

/** Problems between settings, each with its fix. Checks only settings that are present. */
export function crossProblems(settings: Partial<Settings>): string[] {
  const problems: string[] = []
  const { argon2MemoryKib, argon2Passes, refreshIdleSeconds, refreshAbsoluteSeconds, loginBackoffAfter, loginLockAfter } = settings
  if (argon2MemoryKib !== undefined && argon2Passes !== undefined) {
    const kibMin = argon2MemoryKibMin[Math.min(argon2Passes, argon2MemoryKibMin.length) - 1] ?? 0
    if (argon2MemoryKib < kibMin) {
      problems.push(`ARGON2_MEMORY_KIB must be at least ${kibMin} with ARGON2_PASSES=${argon2Passes}; raise either`)
    }
  }
  if (refreshIdleSeconds !== undefined && refreshAbsoluteSeconds !== undefined && refreshIdleSeconds > refreshAbsoluteSeconds) {
    problems.push('REFRESH_IDLE_SECONDS must be at most REFRESH_ABSOLUTE_SECONDS; lower it or raise the other')
  }
  if (loginBackoffAfter !== undefined && loginLockAfter !== undefined && loginBackoffAfter > loginLockAfter) {
    problems.push('LOGIN_BACKOFF_AFTER must be at most LOGIN_LOCK_AFTER; lower it or raise the other')
  }
  problems.push(...ssoProblems(settings))
  const { publicUrl, host, port, adminHost, adminPort, upstreams } = settings
  if (publicUrl !== undefined && host !== undefined && port !== undefined && adminHost !== undefined && adminPort !== undefined) {
    const listening = { publicUrl, host, port, adminHost, adminPort }
    problems.push(...(upstreams ?? []).map((upstream) => findUpstreamProblem(upstream, listening)).filter((problem) => problem !== null))
  }
  return problems
}

function ssoProblems({ ssoIssuer, ssoClientId, ssoClientSecret, ssoRoles, ssoMerchantsClaim, adminUrl }: Partial<Settings>): string[] {
  // Undefined: not read, or malformed, which is reported already.
  if (ssoIssuer === undefined) return []
  if (ssoIssuer === null) return ssoClientId ? ['OPERATOR_SSO_ISSUER is required with OPERATOR_SSO_CLIENT_ID: set it, or unset both'] : []
  const problems: string[] = []
  const want = 'is required with OPERATOR_SSO_ISSUER: set it, or unset OPERATOR_SSO_ISSUER'
  if (ssoClientId === null) problems.push(`OPERATOR_SSO_CLIENT_ID ${want}`)
  if (ssoClientSecret === null) problems.push(`OPERATOR_SSO_CLIENT_SECRET or OPERATOR_SSO_CLIENT_SECRET_FILE ${want}`)
  if (ssoRoles?.length === 0) problems.push('OPERATOR_SSO_ROLES is empty, so that nobody is let in: map at least one value to a role')
  if (ssoMerchantsClaim === null && ssoRoles?.some(({ role }) => role === 'partner')) {
    problems.push('OPERATOR_SSO_MERCHANTS_CLAIM is required for the role partner in OPERATOR_SSO_ROLES: set it, or leave the role out')
  }
  if (ssoIssuer.startsWith('http:') && adminUrl?.startsWith('https:')) {
    problems.push('OPERATOR_SSO_ISSUER must be https where ADMIN_URL is')
  }
  return problems
}

/** Defaults that depend on the machine or on other settings, by name. */
export function computedDefault(name: keyof Settings, known: Partial<Settings>): unknown {
  if (name === 'passwordLaneWidth') return availableParallelism()
  if (optional.includes(name)) return null
  if (name === 'adminUrl' && known.adminPort !== undefined) return localUrl('localhost', known.adminPort)
  if (name === 'publicUrl' && known.host !== undefined && known.port !== undefined) return localUrl(known.host, known.port)
  return undefined
}

const optional: readonly (keyof Settings)[] = [
  'otlpEndpoint',
  'redisUrl',
  'ssoIssuer',
  'ssoClientId',
  'ssoClientSecret',
  'ssoMerchantsClaim',
  'sealsFile',
  'sealsUrl',
]

/** How a browser on this machine reaches a server that listens on `host`. */
function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return new URL(`http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`).origin
}

function parsePublicUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isBare = url.pathname === '/' && !/[?#@]/.test(text)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
  return isBare && isSafe ? url.origin : undefined
}

/** Kept as it is written, since a provider's issuer is compared letter by letter. */
function parseIssuer(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || /[?#@\s\\]/.test(text) || text.length > 1024) return undefined
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname)) ? text : undefined
}

/** Some providers name their claims by URLs. */
function parseClaimName(text: string): string | undefined {
  return /^[!-+\--~]{1,255}$/.test(text) ? text : undefined
}

function parseSsoRoles(text: string): SsoRoleSetting[] | undefined {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      // The last one, since values such as distinguished names contain more.
      const at = entry.lastIndexOf('=')
      const role = roleNames.find((name) => name === entry.slice(at + 1).trim())
      const value = entry.slice(0, Math.max(at, 0)).trim()
      return role === undefined || value === '' || value.length > 256 ? null : { value, role }
    })
  return entries.every((entry) => entry !== null) ? entries : undefined
}

function parseSealsUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return undefined
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname)) ? url.href : undefined
}

function parseRedisUrl(text: string): string | undefined {
  const url = URL.parse(text)
  return url !== null &&
    /^rediss?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    /^(?:\/\d{0,4})?$/.test(url.pathname) &&
    !/[?#]/.test(text)
    ? text
    : undefined
}

function parseCollectorUrl(text: string): string | undefined {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && !/[?#@\\]/.test(text) ? url.href.replace(/\/$/, '') : undefined
}

/** `name=value` pairs with decoded values. */
function parsePairs(text: string, names: RegExp, values: RegExp): string[] | undefined {
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [, name = '', encoded = ''] = /^([^=]*?)\s*=\s*(.*)$/.exec(pair) ?? []
      try {
        const value = decodeURIComponent(encoded)
        return names.test(name) && values.test(value) ? `${name}=${value}` : undefined
      } catch {
        return undefined
      }
    })
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined
}

function parseUpstreams(text: string): UpstreamSetting[] | undefined {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  const upstreams = entries.map(parseUpstream)
  const prefixes = new Set(upstreams.map((upstream) => upstream?.prefix))
  return prefixes.size === entries.length && upstreams.every((upstream) => upstream !== null) ? upstreams : undefined
}

function parseUpstream(entry: string): UpstreamSetting | null {
  const [, prefix = '', target = ''] = /^(\/merchant-api(?:\/[A-Za-z0-9_-]{1,64})+)=(\S+)$/.exec(entry) ?? []
  const url = URL.parse(target)
  const isOurs = `${sellerAuthPath}/`.startsWith(`${prefix}/`) || prefix.startsWith(`${sellerAuthPath}/`)
  const isBare = url !== null && /^https?:$/.test(url.protocol) && !/[?#@\\]/.test(target)
  return isBare && !isOurs ? { prefix, url: url.href.replace(/\/$/, '') } : null
}

/** A host name whose last part is a number is an address to browsers (https://url.spec.whatwg.org/#ends-in-a-number-checker), so `999.1.1.1` is none. */
function parseListenHost(text: string): string | undefined {
  const isAddress = isIP(text) !== 0 && !text.includes('%')
  const isName =
    /^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*$/.test(text) && URL.parse(`http://${text}`)?.hostname === text.toLowerCase()
  return isAddress || isName ? text : undefined
}

function parseHosts(text: string): string[] | undefined {
  const names = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
  const isName = (name: string) => /^(?:[a-z0-9_](?:[a-z0-9._-]{0,253}[a-z0-9])?|\[[0-9a-f:.]+\])$/.test(name)
  return names.length === 1 && names[0] === '*' ? names : names.every(isName) ? names : undefined
}

function parseOrigins(text: string): string[] | undefined {
  const origins = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parsePublicUrl)
  return origins.every((origin) => origin !== undefined) ? origins : undefined
}

function parseHeaderNames(text: string): string[] | undefined {
  const names = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
  return names.every((name) => /^[a-z0-9-]{1,64}$/.test(name) && !isReservedHeader(name)) ? names : undefined
}

function parseBlocks(text: string): string[] | undefined {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  return entries.every((entry) => parseBlock(entry) !== null) ? entries : undefined
}

function parseProxies(text: string): string[] | undefined {
  const blocks = parseBlocks(text)
  const isWide = (entry: string) => {
    const { family, prefix } = parseBlock(entry) ?? { family: 'ipv4', prefix: 0 }
    return prefix < (family === 'ipv4' ? 8 : 7)
  }
  return blocks?.some(isWide) ? undefined : blocks
}

function parseSwitch(text: string): boolean | undefined {
  return text === 'on' ? true : text === 'off' ? false : undefined
}

function wholeNumber(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    if (!/^(?:0|[1-9][0-9]{0,8})$/.test(text)) return undefined
    const value = Number(text)
    return value >= min && value <= max ? value : undefined
  }
}

function oneOf<const T extends string>(values: readonly T[]): (text: string) => T | undefined {
  return (text) => values.find((value) => value === text)
}
