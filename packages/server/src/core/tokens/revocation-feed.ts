import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { ChangeFeed } from '../records/change-feed.ts'
import { headerSegment, signCompact } from './compact-jws.ts'
import type { Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Different from our tokens', so that neither passes for the other (RFC 8725 section 3.11). */
const revocationListType = 'revocations+jwt'
const revocationListAudience = 'lobbykey:revocations'

/** The list is re-signed at least this often, at the same moments on every node, ms. */
const windowMs = 30_000
/** Pause after making a list, as a multiple of the time that took. */
const restFactor = 5
/** Lifetime of a list from the start of its window, ms. */
const lifeMs = 120_000

export interface SignedRevocations {
  /** Compact JWS. */
  readonly body: string
  /** With quotes, as in the header. */
  readonly etag: string
}

export interface RevocationFeedOptions {
  readonly revocations: Revocations
  readonly keys: SigningKeys
  readonly changes: Pick<ChangeFeed, 'seq'>
  readonly clock: Clock
  readonly issuer: string
}

/**
 * The revoked token families whose access tokens may be unexpired, signed, for services that verify offline.
 *
 * Claims: `iss`, `aud`, `iat`, `exp`; `epoch`, another whenever all tokens were ended at once: fetch the keys again; `seq`, the change up to
 * which the list is complete; `revoked`, each `sid` with the second in which its last access token expires. Deterministic: nodes with the same
 * state return the same bytes.
 */
export class RevocationFeed {
  readonly #options: RevocationFeedOptions
  #basis = ''
  #signed: Promise<SignedRevocations> | null = null
  #restsUntil = 0

  constructor(options: RevocationFeedOptions) {
    this.#options = options
  }

  /** Made once per state. As fresh as the change feed: call its `assertFresh` first. */
  current(): Promise<SignedRevocations> {
    const { revocations, keys, clock } = this.#options
    const now = clock.now()
    const begunAt = Math.floor(now / windowMs) * windowMs
    const basis = `${begunAt} ${revocations.version} ${keys.current().kid}`
    if (this.#signed !== null && (basis === this.#basis || now < this.#restsUntil)) return this.#signed
    this.#basis = basis
    this.#signed = this.#sign(begunAt)
    this.#signed.catch(() => {
      this.#signed = null
    })
    // Only a very long list takes long to make; during a flood of revocations it is made less often.
    const madeAt = clock.now()
    this.#restsUntil = madeAt + restFactor * (madeAt - now)
    return this.#signed
  }

  async #sign(begunAt: number): Promise<SignedRevocations> {
    const { revocations, keys, changes, issuer } = this.#options
    const key = keys.current()
    const claims = {
      iss: issuer,
      aud: revocationListAudience,
      iat: begunAt / 1_000,
      exp: (begunAt + lifeMs) / 1_000,
      epoch: key.epoch,
      seq: changes.seq,
    }
    const payload = `${JSON.stringify(claims).slice(0, -1)},"revoked":${revokedJson(revocations)}}`
    const body = await signCompact(headerSegment(revocationListType, key.kid), payload, key.privateKey)
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` }
  }
}

/** Writes JSON piece by piece, several times as fast as JSON.stringify for very long lists. */
function revokedJson(revocations: Revocations): string {
  const revoked = new Map(revocations.list())
  const pieces = [...revoked.keys()].sort().map((sid) => `${JSON.stringify(sid)}:${Math.ceil((revoked.get(sid) ?? 0) / 1_000)}`)
  return `{${pieces.join(',')}}`
}
