import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import { wholeTextOf } from '../shared/bounded-answer.ts'
import { givenBaseUrl } from '../shared/given.ts'
import { RevocationFeed } from './revocation-feed.ts'
import { VerifyError } from './verify-error.ts'

export interface VerifierOptions {
  /** Your gateway's PUBLIC_URL, byte for byte. */
  readonly issuer: string
  /** TOKEN_AUDIENCE; default `merchant-api`. */
  readonly audience?: string
  /** Where keys and feed are fetched, if not at the issuer. */
  readonly baseUrl?: string
  /** Tokens that are remembered as good; default 10,000. */
  readonly cacheMax?: number
  readonly fetch?: typeof fetch
  readonly now?: () => number
}

/** Who calls. What that seller may do is yours to know. */
export interface Seller {
  readonly sellerId: string
  readonly sessionId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  readonly claims: Readonly<JWTPayload>
}

export interface Verifier {
  /** @throws VerifyError */
  verify(token: string): Promise<Seller>
  /** Takes the value of an `Authorization` header. @throws VerifyError */
  authenticate(authorization: string | null | undefined): Promise<Seller>
}

/** Checks access tokens here, by key set and revocation feed: a logout is known within two seconds, and nothing is let in while it could not be. */
export function createVerifier({
  issuer,
  audience = 'merchant-api',
  baseUrl = issuer,
  cacheMax = 10_000,
  fetch: send = (input, init) => fetch(input, init),
  now = Date.now,
}: VerifierOptions): Verifier {
  givenBaseUrl(issuer, 'issuer')
  const root = givenBaseUrl(baseUrl)
  const sendForKeys: typeof fetch = async (input, init) => {
    const response = await send(input, init)
    return response.status === 200 ? new Response(await wholeTextOf(response)) : response
  }
  const newKeys = () =>
    createRemoteJWKSet(new URL(`${root}/.well-known/jwks.json`), {
      cooldownDuration: 30_000,
      cacheMaxAge: 300_000,
      [customFetch]: sendForKeys,
    })
  let keys = newKeys()
  const good = new Map<string, Seller>()
  const feed = new RevocationFeed({
    url: `${root}/.well-known/revocations`,
    issuer,
    findKey: (header, token) => keys(header, token),
    fetch: send,
    now,
    onEpoch: () => {
      keys = newKeys()
      good.clear()
    },
  })

  async function check(token: string): Promise<Seller> {
    try {
      const { payload } = await jwtVerify(token, (header, input) => keys(header, input), {
        algorithms: ['RS256'],
        issuer,
        audience,
        typ: 'JWT',
        requiredClaims: ['exp', 'sub', 'sid', 'token_use'],
        currentDate: new Date(now()),
      })
      if (payload.token_use !== 'access' || payload.sub === undefined || typeof payload.sid !== 'string') throw new VerifyError('invalid')
      return { sellerId: payload.sub, sessionId: payload.sid, expiresAt: (payload.exp ?? 0) * 1_000, claims: payload }
    } catch (error) {
      throw error instanceof VerifyError ? error : new VerifyError(reasonOf(error), error)
    }
  }

  async function verify(token: string): Promise<Seller> {
    const fresh = feed.whenFresh()
    if (fresh !== null) {
      await fresh.catch((error: unknown) => {
        throw new VerifyError('unsure', error)
      })
    }
    const known = good.get(token)
    const seller = known ?? (await check(token))
    if (now() >= seller.expiresAt) {
      good.delete(token)
      throw new VerifyError('expired')
    }
    if (feed.isRevoked(seller.sessionId)) {
      good.delete(token)
      throw new VerifyError('revoked')
    }
    if (known === undefined) remember(token, seller)
    return seller
  }

  /** The oldest goes first: one that is still used is checked anew. */
  function remember(token: string, seller: Seller): void {
    if (good.size >= cacheMax) {
      const [oldest] = good.keys()
      if (oldest !== undefined) good.delete(oldest)
    }
    good.set(token, seller)
  }

  return {
    verify,
    async authenticate(authorization) {
      const token = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? '')?.[1]
      if (token === undefined) throw new VerifyError('missing')
      return verify(token)
    },
  }
}

/** No key set to be had is no proof of anything; all else is the token's fault. */
function reasonOf(error: unknown): 'invalid' | 'expired' | 'unsure' {
  if (error instanceof errors.JWTExpired) return 'expired'
  const isTokens = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC'
  return isTokens ? 'invalid' : 'unsure'
}
