import type { Clock } from './core/base/clock.ts'
import type { CommitQueue } from './core/base/group-commit.ts'
import type { Sealer } from './core/base/sealer.ts'
import { findServerSecret } from './core/base/server-secret.ts'
import { LoginThrottle, type ThrottleSettings } from './core/passwords/login-throttle.ts'
import { type PasswordCost, PasswordHasher } from './core/passwords/password-hasher.ts'
import { PasswordLane, type PasswordLaneOptions } from './core/passwords/password-lane.ts'
import type { ChangeFeed } from './core/records/change-feed.ts'
import type { StoreRecovery } from './core/records/store-recovery.ts'
import { CredentialCheck } from './core/sellers/credential-check.ts'
import { RefreshWriter } from './core/sellers/refresh-writer.ts'
import { SellerDirectory } from './core/sellers/seller-directory.ts'
import { SellerLogin } from './core/sellers/seller-login.ts'
import { SellerPassword } from './core/sellers/seller-password.ts'
import { SellerRefresh, unseenGraceMs } from './core/sellers/seller-refresh.ts'
import { SellerSessions } from './core/sellers/seller-sessions.ts'
import { AccessTokenUses } from './core/tokens/access-token-uses.ts'
import { AccessTokenVerifier } from './core/tokens/access-token-verifier.ts'
import { RevocationFeed } from './core/tokens/revocation-feed.ts'
import { Revocations } from './core/tokens/revocations.ts'
import { SigningKeys } from './core/tokens/signing-keys.ts'
import { refreshAudience, TokenIssuer } from './core/tokens/token-issuer.ts'
import { TokenVerifier } from './core/tokens/token-verifier.ts'
import type { Store } from './store/store.ts'

export interface SellerSettings extends PasswordCost, ThrottleSettings, Omit<PasswordLaneOptions, 'clock'> {
  /** The issuer of tokens. */
  readonly publicUrl: string
  readonly tokenAudience: string
  readonly accessTokenSeconds: number
  readonly refreshIdleSeconds: number
  readonly refreshAbsoluteSeconds: number
  readonly refreshGraceSeconds: number
  readonly tokenKeyBits: number
}

export interface SellerServices {
  /** Operators' passwords are hashed in the same lane. */
  readonly hasher: PasswordHasher
  readonly lane: PasswordLane
  readonly login: SellerLogin
  readonly refresh: SellerRefresh
  readonly sessions: SellerSessions
  readonly password: SellerPassword
  readonly accessTokens: AccessTokenVerifier
  readonly accessTokenUses: AccessTokenUses
  readonly tokens: TokenVerifier
  readonly keys: SigningKeys
  readonly revocationFeed: RevocationFeed
  readonly refreshQueue: CommitQueue
}

/** Wires the seller side. The feed's `start` loads its caches, which follow the feed from then on. */
export async function openSellerServices(options: {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'subscribe' | 'seq'>
  readonly recovery: Pick<StoreRecovery, 'remember'>
  readonly settings: SellerSettings
  /** Called when the use of access tokens could not be recorded. */
  readonly onUsesLost: (error: unknown) => void
}): Promise<SellerServices> {
  const { store, sealer, clock, feed, recovery, settings, onUsesLost } = options
  const { publicUrl: issuer, tokenAudience: audience, accessTokenSeconds, refreshIdleSeconds, tokenKeyBits: bits } = settings
  const tokenLifeMs = Math.max(accessTokenSeconds, refreshIdleSeconds) * 1_000
  const keys = new SigningKeys({ store: store.signingKeys, sealer, clock, bits, tokenLifeMs })
  const revocations = new Revocations({ store: store.sellerSessions, clock })
  feed.subscribe('signing-key', () => keys.load())
  feed.subscribe('seller-session', (sids) => revocations.reload(sids))
  const sellers = new SellerDirectory(store.sellers)
  feed.subscribe('seller', (ids) => sellers.forget(ids))
  recovery.remember('signingKeys', () => keys.writeAgain())
  recovery.remember('revokedSessions', () => revocations.writeAgain())

  const [hasher, throttle, secret, decoySecret] = await Promise.all([
    PasswordHasher.create(settings),
    LoginThrottle.open(options),
    findServerSecret(store.meta, sealer, 'token-jti'),
    findServerSecret(store.meta, sealer, 'decoy-hash'),
  ])
  const lane = new PasswordLane({ ...settings, clock })
  const check = new CredentialCheck({ store, hasher, decoySecret, lane, throttle })
  const tokens = new TokenVerifier({ keys, clock, issuer, audiences: { access: audience, refresh: refreshAudience } })
  const tokenIssuer = new TokenIssuer({ keys, secret, issuer, audience, accessTokenSeconds })
  const uses = new AccessTokenUses({ store: store.sellerSessions, clock, askedMs: unseenGraceMs, onError: onUsesLost })
  const writer = new RefreshWriter(store.sellerSessions, tokenIssuer)
  return {
    hasher,
    lane,
    login: new SellerLogin({ ...settings, store, clock, check, hasher, lane, throttle, keys, issuer: tokenIssuer }),
    refresh: new SellerRefresh({
      ...settings,
      store: store.sellerSessions,
      writer,
      uses,
      clock,
      keys,
      tokens,
      issuer: tokenIssuer,
      revocations,
    }),
    sessions: new SellerSessions({ store, sellers, clock, revocations, accessTokenSeconds }),
    password: new SellerPassword({ store, clock, check, hasher, lane, throttle }),
    accessTokens: new AccessTokenVerifier({ tokens, keys, revocations, uses, clock }),
    accessTokenUses: uses,
    tokens,
    keys,
    refreshQueue: writer.queue,
    revocationFeed: new RevocationFeed({ revocations, keys, changes: feed, clock, issuer }),
  }
}
