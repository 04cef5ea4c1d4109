/**
 * Every setting, once: its name, meaning, form and default. `read-env.ts` reads them, `docs/configuration.md` is held to this
 * list by a test, and `serve --check-config` prints them.
 */

export interface Settings {
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  readonly databaseUrl: string
  readonly databasePoolSize: number
  readonly masterKey: Uint8Array
  /** CIDR blocks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  readonly logLevel: string
  /** Requests a second; 0 for none. */
  readonly ratePerMerchant: number
  readonly ratePerAddress: number
  readonly memberHttpStatus: 'contract' | 'standard'
  readonly memberSessionSeconds: number
  readonly lobbyPage: boolean
  readonly accessTokenSeconds: number
  readonly refreshIdleSeconds: number
  readonly refreshAbsoluteSeconds: number
  readonly tokenAudience: string
  readonly argon2MemoryKib: number
  readonly argon2Passes: number
  readonly passwordLaneWidth: number
  readonly passwordQueueMax: number
  readonly passwordQueueMsMax: number
  readonly loginBackoffAfter: number
  readonly loginLockAfter: number
  readonly loginFailuresPerAddressMinute: number
}
