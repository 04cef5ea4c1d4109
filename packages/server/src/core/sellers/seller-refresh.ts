import { GatewayError, type SellerRefreshFields, type SellerTokens } from '@lobbykey/contract'
import type { Clock } from '../base/clock.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { SigningKeys } from '../tokens/signing-keys.ts'
import { jtiHash, type TokenIssuer } from '../tokens/token-issuer.ts'
import { type TokenClaims, TokenError, type TokenVerifier } from '../tokens/token-verifier.ts'
import type { SellerCaller } from './credential-check.ts'
import type { RefreshWriter } from './refresh-writer.ts'
import { SellerRefusal } from './seller-refusal.ts'

/** How long after a refresh the token before it still gets the same pair again: for answers lost on the way (check 19). */
export const refreshGraceMs = 10_000

export interface SellerRefreshOptions {
  readonly writer: RefreshWriter
  readonly clock: Clock
  readonly keys: SigningKeys
  readonly tokens: TokenVerifier
  readonly issuer: TokenIssuer
  readonly revocations: Revocations
  readonly accessTokenSeconds: number
  readonly refreshIdleSeconds: number
}

/**
 * Refresh with rotation and reuse detection (RFC 9700 section 4.14.2). A token's successor is a function of the token, so parallel
 * refreshes and retries on any node meet in one; a token older than the newest one's predecessor ends its whole family.
 */
export class SellerRefresh {
  readonly #options: SellerRefreshOptions
  /** Refreshes under way, by the presented token's `jti`: whoever comes with the same token meanwhile gets the same answer. */
  readonly #underWay = new Map<string, Promise<SellerTokens>>()

  constructor(options: SellerRefreshOptions) {
    this.#options = options
  }

  /** @throws GatewayError refresh_token_invalid */
  async refresh(fields: SellerRefreshFields, caller: SellerCaller): Promise<SellerTokens> {
    const claims = this.#verify(fields.refreshToken)
    const underWay = this.#underWay.get(claims.jti)
    // A family that has just been ended is not helped by a refresh that began before that.
    if (underWay !== undefined && !this.#options.revocations.isRevoked(claims.sid)) return underWay
    // Without this a crowd with one token would queue for one row, each with a connection of its own.
    const rotation = this.#rotate(claims, caller).finally(() => this.#underWay.delete(claims.jti))
    this.#underWay.set(claims.jti, rotation)
    return rotation
  }

  async #rotate(claims: TokenClaims, caller: SellerCaller): Promise<SellerTokens> {
    const { writer, clock, keys, issuer, revocations, accessTokenSeconds, refreshIdleSeconds } = this.#options
    const now = clock.now()
    const issuedAt = Math.floor(now / 1_000) * 1_000
    const accessExpiresAt = issuedAt + accessTokenSeconds * 1_000
    const { sid, sellerId } = claims
    const successorJti = issuer.successorJti(claims.jti)
    const outcome = await writer.write(
      {
        sid,
        sellerId,
        successorJti,
        presentedHash: jtiHash(claims.jti),
        successorHash: jtiHash(successorJti),
        now,
        issuedAt,
        kid: keys.current().kid,
        idleExpiresAt: issuedAt + refreshIdleSeconds * 1_000,
        accessExpiresAt,
        graceMs: refreshGraceMs,
      },
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
    if (outcome.kind === 'rotated') return outcome.tokens
    if (outcome.kind === 'reused') revocations.add(sid, accessExpiresAt)
    if (outcome.kind !== 'again') throw refused(outcome.kind, claims)
    // Another node may have issued the successor under a key made since this one last looked.
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

function refused(reason: string, claims?: TokenClaims): GatewayError {
  return new GatewayError('refresh_token_invalid', {}, new SellerRefusal(reason, claims?.sellerId))
}
