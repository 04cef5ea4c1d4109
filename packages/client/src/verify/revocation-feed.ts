import { type CryptoKey, compactVerify, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose'
import { wholeTextOf } from '../shared/bounded-answer.ts'

export type KeyFinder = (header?: JWSHeaderParameters, token?: FlattenedJWSInput) => Promise<CryptoKey>

export interface RevocationFeedOptions {
  readonly url: string
  readonly issuer: string
  readonly findKey: KeyFinder
  readonly fetch: typeof fetch
  readonly now: () => number
  /** Every token was ended at once, with its key. */
  readonly onEpoch: () => void
}

interface FeedClaims {
  readonly iss: string
  readonly aud: string
  readonly exp: number
  readonly epoch: string
  readonly seq: number
  readonly revoked: Readonly<Record<string, number>>
}

/** Asked again when what is known is older than this. */
const askAfterMs = 1_000
/** What is older than this is no knowledge of logouts (docs/verification.md). */
const staleAfterMs = 2_000
const answerMsMax = 2_000

/**
 * The ended logins, as the gateway's signed feed tells them. It is asked when somebody wants to know, at most once a second, so there is
 * nothing to start or stop.
 */
export class RevocationFeed {
  readonly #options: RevocationFeedOptions
  /** By sid: the second in which its last access token expires. */
  readonly #revoked = new Map<string, number>()
  #heardAt = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY
  #expiresAt = 0
  #etag: string | null = null
  #epoch: string | null = null
  #seq = -1
  #asking: Promise<void> | null = null

  constructor(options: RevocationFeedOptions) {
    this.#options = options
  }

  /** Null where that is known at once; otherwise what to wait for. @throws Error (by the promise) while the feed cannot be had */
  whenFresh(): Promise<void> | null {
    const now = this.#options.now()
    const ageMs = now - this.#heardAt
    // An age below nothing: the clock was set back, and how long ago it was is not known.
    const isFresh = ageMs >= 0 && ageMs <= staleAfterMs && now < this.#expiresAt
    if (isFresh && ageMs < askAfterMs) return null
    if (!isFresh) return this.#ask()
    if (now - this.#askedAt >= askAfterMs) this.#ask().catch(() => {})
    return null
  }

  isRevoked(sid: string): boolean {
    return this.#revoked.has(sid)
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#poll().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #poll(): Promise<void> {
    const { url, fetch: send, now } = this.#options
    const askedAt = now()
    this.#askedAt = askedAt
    const response = await send(url, {
      headers: this.#etag === null ? {} : { 'if-none-match': this.#etag },
      redirect: 'manual',
      signal: AbortSignal.timeout(answerMsMax),
    })
    const text = await wholeTextOf(response)
    if (response.status === 200) {
      const isWhole = await this.#merge(text)
      this.#etag = isWhole ? response.headers.get('etag') : null
      if (!isWhole) throw new Error('the revocation feed went back')
    } else if (response.status !== 304 || this.#etag === null) {
      throw new Error(`the revocation feed was answered HTTP ${response.status}`)
    }
    if (askedAt >= this.#expiresAt) throw new Error('the revocation feed is past its expiry')
    this.#heardAt = askedAt
  }

  /** False where the list is of an earlier state than one seen: it proves nothing until it has caught up, or until the epoch changes. */
  async #merge(text: string): Promise<boolean> {
    const { issuer, findKey, onEpoch, now } = this.#options
    const { payload, protectedHeader } = await compactVerify(text, findKey, { algorithms: ['RS256'] })
    if (protectedHeader.typ !== 'revocations+jwt') throw new Error('the revocation feed has another typ')
    const claims = JSON.parse(new TextDecoder().decode(payload)) as FeedClaims
    if (claims.iss !== issuer || claims.aud !== 'lobbykey:revocations') throw new Error('the revocation feed is of another issuer')
    if (!(claims.exp * 1_000 > now())) throw new Error('the revocation feed is past its expiry')
    for (const [sid, expiresAt] of Object.entries(claims.revoked)) this.#revoked.set(sid, expiresAt)
    for (const [sid, expiresAt] of this.#revoked) if (expiresAt * 1_000 <= now()) this.#revoked.delete(sid)
    if (this.#epoch !== claims.epoch) {
      if (this.#epoch !== null) onEpoch()
      this.#epoch = claims.epoch
      this.#seq = -1
    }
    if (claims.seq < this.#seq) return false
    this.#seq = claims.seq
    this.#expiresAt = claims.exp * 1_000
    return true
  }
}
