import { GatewayError, type SellerRefreshFields, type SellerTokens } from '@lobbykey/contract'
import type { SellerSessionStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { AccessTokenUses } from '../tokens/access-token-uses.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { SigningKeys } from '../tokens/signing-keys.ts'
import { jtiHash, type TokenIssuer } from '../tokens/token-issuer.ts'
import { type TokenClaims, TokenError, type TokenVerifier } from '../tokens/token-verifier.ts'
import type { SellerCaller } from './credential-check.ts'
import type { Refresh, RefreshWriter } from './refresh-writer.ts'
import { SellerRefusal } from './seller-refusal.ts'

/**
 * How long after a refresh the old token returns the same pair again while that pair is unused: for answers lost in transit, and refreshes
 * that got 503 but were committed (check 19).
 */
export const unseenGraceMs = 3_600_000

export interface SellerRefreshOptions {
  readonly store: Pick<SellerSessionStore, 'judgeOlder'>
  readonly writer: RefreshWriter
  readonly uses: Pick<AccessTokenUses, 'flush'>
  readonly clock: Clock
  readonly keys: SigningKeys
  readonly tokens: TokenVerifier
  readonly issuer: TokenIssuer
  readonly revocations: Revocations
  readonly accessTokenSeconds: number
  readonly refreshIdleSeconds: number
  /** How long after a refresh the old token returns the same pair again in any case. */
  readonly refreshGraceSeconds: number
}

/**
 * Refresh with rotation and reuse detection (RFC 9700 section 4.14.2). A token's successor is a function of the token, so parallel
 * refreshes and retries on any node yield the same one; reuse outside the grace ends the whole family.
 */
export class SellerRefresh {
  readonly #options: SellerRefreshOptions
  /** Running refreshes, by the presented token's `jti`: concurrent callers with the same token share the answer. */
  readonly #underWay = new Map<string, Promise<SellerTokens>>()

  constructor(options: SellerRefreshOptions) {
    this.#options = options
  }

  /** @throws GatewayError refresh_token_invalid */
  async refresh(fields: SellerRefreshFields, caller: SellerCaller): Promise<{ readonly sellerId: string; readonly tokens: SellerTokens }> {
    const claims = this.#verify(fields.refreshToken)
    return { sellerId: claims.sellerId, tokens: await this.#rotateOnce(claims, caller) }
  }

  #rotateOnce(claims: TokenClaims, caller: SellerCaller): Promise<SellerTokens> {
    const underWay = this.#underWay.get(claims.jti)
    // Do not join a refresh that started before the family was ended.
    if (underWay !== undefined && !this.#options.revocations.isRevoked(claims.sid)) return underWay
    // Without this, many callers with one token would queue for one row, each with its own connection.
    const rotation = this.#rotate(claims, caller).finally(() => this.#underWay.delete(claims.jti))
    this.#underWay.set(claims.jti, rotation)
    return rotation
  }

  async #rotate(claims: TokenClaims, caller: SellerCaller): Promise<SellerTokens> {
    const { writer, clock, keys, issuer, accessTokenSeconds, refreshIdleSeconds } = this.#options
    const now = clock.now()
    const issuedAt = Math.floor(now / 1_000) * 1_000
    const { sid, sellerId } = claims
    const successorJti = issuer.successorJti(claims.jti)
    const refresh = {
      sid,
      sellerId,
      successorJti,
      presentedHash: jtiHash(claims.jti),
      successorHash: jtiHash(successorJti),
      now,
      issuedAt,
      kid: keys.current().kid,
      idleExpiresAt: issuedAt + refreshIdleSeconds * 1_000,
      accessExpiresAt: issuedAt + accessTokenSeconds * 1_000,
    }
    return (await writer.write(refresh)) ?? this.#repeat(refresh, caller)
  }

  /** Returns the same successor for a token that is not the newest, if the grace allows. */
  async #repeat(refresh: Refresh, caller: SellerCaller): Promise<SellerTokens> {
    const { store, uses, keys, issuer, revocations, refreshGraceSeconds } = this.#options
    const { sid, sellerId, successorJti, now } = refresh
    // Uses seen by this process are written first; those of others arrive within a second.
    await uses.flush()
    const outcome = await store.judgeOlder(
      { ...refresh, successorAccessHash: jtiHash(issuer.accessJti(successorJti)), graceMs: refreshGraceSeconds * 1_000, unseenGraceMs },
      {
        at: now,
        kind: 'seller.refresh_reuse',
        surface: 'seller-api',
        subject: sellerId,
        address: caller.address ?? undefined,
        requestId: caller.requestId,
        details: { sid },
      },
    )
    if (outcome.kind === 'reused') revocations.add(sid, refresh.accessExpiresAt)
    if (outcome.kind !== 'again') throw refused(outcome.kind, sellerId)
    // Another node may have issued the successor under a key that this one has not loaded yet.
    if (keys.find(outcome.session.kid) === null) await keys.load()
    return issuer.issue(outcome.session, successorJti)
  }

  #verify(refreshToken: string): TokenClaims {
    try {
      return this.#options.tokens.verify(refreshToken, 'refresh')
    } catch (error) {
      if (error instanceof TokenError) throw refused(error.reason)
      throw error
    }
  }
}

function refused(reason: string, sellerId?: string): GatewayError {
  return new GatewayError('refresh_token_invalid', {}, new SellerRefusal(reason, sellerId))
}
