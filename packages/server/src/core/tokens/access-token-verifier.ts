import { hash } from 'node:crypto'
import { GatewayError } from '@lobbykey/contract'
import type { Clock } from '../base/clock.ts'
import { GenerationCache } from '../base/generation-cache.ts'
import type { AccessTokenUses } from './access-token-uses.ts'
import type { Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'
import { type TokenClaims, TokenError, type TokenVerifier } from './token-verifier.ts'

export interface AccessTokenVerifierOptions {
  readonly tokens: TokenVerifier
  readonly keys: SigningKeys
  readonly revocations: Revocations
  readonly uses: Pick<AccessTokenUses, 'note'>
  readonly clock: Clock
  /** Cached verified tokens; the least recently used are dropped first. */
  readonly cacheMax?: number
}

/** The caller and its token. */
export type AccessIdentity = Omit<TokenClaims, 'kid'>

/**
 * Verifies access tokens. A signature is checked once while the token is cached; expiry, revocation and the key every time. Revocations are
 * as fresh as the change feed: call its `assertFresh` first.
 */
export class AccessTokenVerifier {
  readonly #options: AccessTokenVerifierOptions
  /** By SHA-256 of the whole token; by `jti` alone, a forgery with a known jti would pass (check 14). */
  readonly #verified: GenerationCache<TokenClaims>

  constructor(options: AccessTokenVerifierOptions) {
    this.#options = options
    this.#verified = new GenerationCache(options.cacheMax ?? 10_000)
  }

  /** @throws GatewayError access_token_invalid, access_token_expired, access_token_revoked */
  verify(token: string): AccessIdentity {
    const { keys, revocations, uses, clock } = this.#options
    const cacheKey = hash('sha256', token, 'base64')
    const known = this.#verified.get(cacheKey)
    const claims = known ?? this.#verifyAnew(token)
    try {
      if (keys.find(claims.kid) === null) throw new GatewayError('access_token_invalid')
      if (clock.now() >= claims.expiresAt) throw new GatewayError('access_token_expired')
      if (revocations.isRevoked(claims.sid)) throw new GatewayError('access_token_revoked')
    } catch (error) {
      this.#verified.delete(cacheKey)
      throw error
    }
    if (known === undefined) {
      this.#verified.set(cacheKey, claims)
      uses.note(claims)
    }
    return claims
  }

  #verifyAnew(token: string): TokenClaims {
    try {
      return this.#options.tokens.verify(token, 'access')
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      throw new GatewayError(error.reason === 'expired' ? 'access_token_expired' : 'access_token_invalid')
    }
  }
}
