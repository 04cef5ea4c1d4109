import type { Store, Surface } from '../store/store.ts'
import { AccessTokenVerifier } from './access-token-verifier.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { Clock } from './clock.ts'
import { CredentialCheck } from './credential-check.ts'
import { LoginThrottle, type LoginThrottleOptions } from './login-throttle.ts'
import { type PasswordCost, PasswordHasher } from './password-hasher.ts'
import { PasswordLane, type PasswordLaneOptions } from './password-lane.ts'
import { RefreshWriter } from './refresh-writer.ts'
import { RevocationFeed } from './revocation-feed.ts'
import { Revocations } from './revocations.ts'
import type { Sealer } from './sealer.ts'
import { SellerAdmin } from './seller-admin.ts'
import { SellerLogin } from './seller-login.ts'
import { SellerPassword } from './seller-password.ts'
import { SellerRefresh } from './seller-refresh.ts'
import { SellerSessions } from './seller-sessions.ts'
import { findServerSecret } from './server-secret.ts'
import { SigningKeys } from './signing-keys.ts'
import { refreshAudience, TokenIssuer } from './token-issuer.ts'
import { TokenVerifier } from './token-verifier.ts'

type ThrottleSettings = Omit<LoginThrottleOptions, 'store' | 'clock' | 'secret'>

export interface SellerSettings extends PasswordCost, ThrottleSettings, Omit<PasswordLaneOptions, 'clock'> {
  /** The issuer of tokens. */
  readonly publicUrl: string
  readonly tokenAudience: string
  readonly accessTokenSeconds: number
  readonly refreshIdleSeconds: number
  readonly refreshAbsoluteSeconds: number
  readonly tokenKeyBits: number
}

export interface SellerServices {
  readonly login: SellerLogin
  readonly refresh: SellerRefresh
  readonly sessions: SellerSessions
  readonly password: SellerPassword
  readonly accessTokens: AccessTokenVerifier
  readonly tokens: TokenVerifier
  readonly keys: SigningKeys
  readonly revocationFeed: RevocationFeed
}

/** Puts the seller side together. What it holds in memory is loaded by the feed's `start` and follows the feed from then on. */
export async function openSellerServices(options: {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'subscribe' | 'seq'>
  readonly settings: SellerSettings
}): Promise<SellerServices> {
  const { store, sealer, clock, feed, settings } = options
  const { publicUrl: issuer, tokenAudience: audience, accessTokenSeconds, refreshIdleSeconds, tokenKeyBits: bits } = settings
  const tokenLifeMs = Math.max(accessTokenSeconds, refreshIdleSeconds) * 1_000
  const keys = new SigningKeys({ store: store.signingKeys, sealer, clock, bits, tokenLifeMs })
  const revocations = new Revocations({ store: store.sellerSessions, clock })
  feed.subscribe('signing-key', () => keys.load())
  feed.subscribe('seller-session', (sids) => revocations.reload(sids))

  const [hasher, throttle, secret, decoySecret] = await Promise.all([
    PasswordHasher.create(settings),
    openThrottle(options),
    findServerSecret(store.meta, sealer, 'token-jti'),
    findServerSecret(store.meta, sealer, 'decoy-hash'),
  ])
  const lane = new PasswordLane({ ...settings, clock })
  const check = new CredentialCheck({ store, hasher, decoySecret, lane, throttle })
  const tokens = new TokenVerifier({ keys, clock, issuer, audiences: { access: audience, refresh: refreshAudience } })
  const tokenIssuer = new TokenIssuer({ keys, secret, issuer, audience, accessTokenSeconds })
  const writer = new RefreshWriter(store.sellerSessions, tokenIssuer)
  return {
    login: new SellerLogin({ ...settings, store, clock, check, hasher, lane, throttle, keys, issuer: tokenIssuer }),
    refresh: new SellerRefresh({ ...settings, writer, clock, keys, tokens, issuer: tokenIssuer, revocations }),
    sessions: new SellerSessions({ store, clock, revocations, accessTokenSeconds }),
    password: new SellerPassword({ store, clock, check, hasher, lane, throttle }),
    accessTokens: new AccessTokenVerifier({ tokens, keys, revocations, clock }),
    tokens,
    keys,
    revocationFeed: new RevocationFeed({ revocations, keys, changes: feed, clock, issuer }),
  }
}

/** What the command line needs: no signing keys, no feed. */
export async function openSellerAdmin(options: {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly settings: PasswordCost & ThrottleSettings
  readonly surface: Surface
}): Promise<SellerAdmin> {
  const { store, clock, settings, surface } = options
  const [hasher, throttle] = await Promise.all([PasswordHasher.create(settings), openThrottle(options)])
  return new SellerAdmin({ store, clock, hasher, throttle, surface })
}

async function openThrottle(options: {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly settings: ThrottleSettings
}): Promise<LoginThrottle> {
  const { store, sealer, clock, settings } = options
  const secret = await findServerSecret(store.meta, sealer, 'login-throttle')
  return new LoginThrottle({ ...settings, store: store.throttles, clock, secret })
}
