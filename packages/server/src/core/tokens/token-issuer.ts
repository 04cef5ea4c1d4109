import { createHmac } from 'node:crypto'
import type { SellerTokens } from '@lobbykey/contract'
import type { SellerSession } from '../../store/store.ts'
import { digest } from '../base/digest.ts'
import { randomText } from '../base/random.ts'
import { signCompact } from './compact-jws.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { TokenUse } from './token-verifier.ts'

/** The `aud` of refresh tokens: a constant that settings cannot make equal to that of access tokens. */
export const refreshAudience = 'lobbykey:refresh'

export interface TokenIssuerOptions {
  readonly keys: SigningKeys
  /** Derives the `jti` of every token except a family's first. Shared by all nodes. */
  readonly secret: Uint8Array
  readonly issuer: string
  readonly audience: string
  readonly accessTokenSeconds: number
}

/** The part of a family that determines its newest tokens. */
export type IssuedFamily = Pick<SellerSession, 'sid' | 'sellerId' | 'issuedAt' | 'kid' | 'idleExpiresAt' | 'absoluteExpiresAt'>

/**
 * Issues the token pair of a login or refresh: JWTs, RS256. A pair is a function of its family's row and the refresh token's `jti`, so any
 * node can produce the same bytes again (`signCompact`).
 */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions

  constructor(options: TokenIssuerOptions) {
    this.#options = options
  }

  /** The `jti` of a family's first refresh token: 256 random bits. */
  firstJti(): string {
    return randomText(32)
  }

  /** The `jti` of the only possible successor; it cannot be derived without the secret. */
  successorJti(jti: string): string {
    return this.#derive('refresh', jti)
  }

  /** The `jti` of the access token that comes with a refresh token. */
  accessJti(refreshJti: string): string {
    return this.#derive('access', refreshJti)
  }

  async issue(family: IssuedFamily, refreshJti: string): Promise<SellerTokens> {
    const { audience, accessTokenSeconds } = this.#options
    const issuedAt = family.issuedAt / 1_000
    const refreshExpiresAt = Math.floor(Math.min(family.idleExpiresAt, family.absoluteExpiresAt) / 1_000)
    const [accessToken, refreshToken] = await Promise.all([
      this.#sign(family, 'access', audience, issuedAt + accessTokenSeconds, this.accessJti(refreshJti)),
      this.#sign(family, 'refresh', refreshAudience, refreshExpiresAt, refreshJti),
    ])
    return { accessToken, tokenType: 'Bearer', expiresIn: accessTokenSeconds, refreshToken }
  }

  #sign(family: IssuedFamily, use: TokenUse, aud: string, exp: number, jti: string): Promise<string> {
    const key = this.#options.keys.get(family.kid)
    const { sid, sellerId } = family
    const claims = { iss: this.#options.issuer, sub: sellerId, aud, iat: family.issuedAt / 1_000, exp, jti, sid, token_use: use }
    return signCompact(key.tokenHeader, JSON.stringify(claims), key.privateKey)
  }

  #derive(use: TokenUse, jti: string): string {
    return createHmac('sha256', this.#options.secret).update(`${use}\n${jti}`).digest('base64url')
  }
}

/** The stored hash of a token: SHA-256 of its `jti`. */
export function jtiHash(jti: string): Uint8Array {
  return digest('sha256', jti)
}
