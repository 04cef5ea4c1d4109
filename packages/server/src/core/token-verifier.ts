import { compactVerify } from 'jose'
import type { Clock } from './clock.ts'
import type { SigningKeys } from './signing-keys.ts'

export type TokenUse = 'access' | 'refresh'

/** What a token of ours says, after every check. Times are ms since 1970. */
export interface TokenClaims {
  readonly sellerId: string
  readonly sid: string
  readonly jti: string
  readonly kid: string
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Why a token is refused. `expired` only for one that was genuine in every other way. */
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

/** Longest token looked at, characters; ours have about 900. */
const tokenLengthMax = 4_096
/** How far ahead another node's clock may be, ms. Expiry has no leeway. */
const skewMsMax = 5_000

/**
 * Verifies our own JWTs (RFC 7519, RFC 8725) and takes nothing but the bytes that we write: one header form, one algorithm, one
 * spelling (checks 12 to 16). A token in any other dress is refused even where the standard would let it pass.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions

  constructor(options: TokenVerifierOptions) {
    this.#options = options
  }

  /** @throws TokenError */
  async verify(token: string, use: TokenUse): Promise<TokenClaims> {
    const kid = readKid(token)
    const key = kid === null ? null : this.#options.keys.find(kid)
    if (key === null) throw new TokenError('invalid')
    let payload: Uint8Array
    try {
      payload = (await compactVerify(token, key.publicKey, { algorithms: ['RS256'] })).payload
    } catch {
      throw new TokenError('invalid')
    }
    return this.#readClaims(parseObject(Buffer.from(payload)), use, key.kid)
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

/** The header of every token of ours. */
export function tokenHeader(kid: string): { alg: 'RS256'; typ: 'JWT'; kid: string } {
  return { alg: 'RS256', typ: 'JWT', kid }
}

/** The `kid` of a token in our one form: canonical base64url, and a header that is ours to the byte. Null for anything else. */
function readKid(token: string): string | null {
  if (token.length > tokenLengthMax) return null
  const segments = token.split('.')
  // A signature's last character has four bits that decoders ignore: sixteen spellings of one token, of which one is ours.
  if (segments.length !== 3 || !segments.every(isCanonicalBase64url)) return null
  const header = Buffer.from(segments[0] ?? '', 'base64url')
  const kid = parseObject(header)?.kid
  return typeof kid === 'string' && header.equals(Buffer.from(JSON.stringify(tokenHeader(kid)))) ? kid : null
}

function isCanonicalBase64url(segment: string): boolean {
  return segment !== '' && Buffer.from(segment, 'base64url').toString('base64url') === segment
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
