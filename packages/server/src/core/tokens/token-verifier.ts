import type { Clock } from '../base/clock.ts'
import { openCompact } from './compact-jws.ts'
import type { SigningKeys } from './signing-keys.ts'

export type TokenUse = 'access' | 'refresh'

/** Verified claims. Times are ms since 1970. */
export interface TokenClaims {
  readonly sellerId: string
  readonly sid: string
  readonly jti: string
  readonly kid: string
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Why a token is refused. `expired` only if it is otherwise valid. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly reason: 'invalid' | 'expired'

  constructor(reason: 'invalid' | 'expired') {
    super(`token ${reason}`)
    this.reason = reason
  }
}

export interface TokenVerifierOptions {
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly issuer: string
  /** The `aud` of each use. */
  readonly audiences: Readonly<Record<TokenUse, string>>
}

/** Longest accepted token, in characters; ours have about 900. */
const tokenLengthMax = 4_096
/** Allowed clock difference between nodes, ms. Expiry has no leeway. */
const skewMsMax = 5_000

/**
 * Verifies our own JWTs (RFC 7519, RFC 8725) and accepts only the bytes that we write: one header form, one algorithm, one spelling
 * (checks 12 to 16). Any other encoding is refused, even if the standard allows it.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions

  constructor(options: TokenVerifierOptions) {
    this.#options = options
  }

  /** @throws TokenError */
  verify(token: string, use: TokenUse): TokenClaims {
    const { keys } = this.#options
    const opened = token.length > tokenLengthMax ? null : openCompact(token, (header) => keys.findByHeader(header))
    if (opened === null) throw new TokenError('invalid')
    return this.#readClaims(parseObject(opened.payload), use, opened.key.kid)
  }

  #readClaims(claims: Record<string, unknown> | null, use: TokenUse, kid: string): TokenClaims {
    const { issuer, audiences, clock } = this.#options
    if (claims === null) throw new TokenError('invalid')
    const { iss, sub, aud, iat, exp, nbf, jti, sid, token_use: tokenUse } = claims
    const now = clock.now()
    const isOurs = iss === issuer && aud === audiences[use] && tokenUse === use && isName(sub) && isName(sid) && isName(jti)
    const isTimed = isSeconds(iat) && isSeconds(exp) && exp > iat && iat * 1_000 <= now + skewMsMax
    const isBegun = nbf === undefined || (isSeconds(nbf) && nbf * 1_000 <= now + skewMsMax)
    if (!isOurs || !isTimed || !isBegun) throw new TokenError('invalid')
    const expiresAt = exp * 1_000
    if (now >= expiresAt) throw new TokenError('expired')
    return { sellerId: sub, sid, jti, kid, issuedAt: iat * 1_000, expiresAt }
  }
}

function parseObject(json: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
