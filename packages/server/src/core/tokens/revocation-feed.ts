import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { ChangeFeed } from '../records/change-feed.ts'
import { headerSegment, signCompact } from './compact-jws.ts'
import type { Revocations } from './revocations.ts'
import type { SigningKeys } from './signing-keys.ts'

/** What no token of ours has, so that neither passes for the other (RFC 8725 section 3.11). */
export const revocationListType = 'revocations+jwt'
export const revocationListAudience = 'lobbykey:revocations'

/** A list is signed anew at least this often, at the same moments on every node, ms. */
const windowMs = 30_000
/** How much longer than the making of a list the rest after it is. */
const restFactor = 5
/** From the beginning of its window until a list says of itself that it is too old, ms. */
const lifeMs = 120_000

export interface SignedRevocations {
  /** Compact JWS. */
  readonly body: string
  /** With its quotes, as the header takes it. */
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
 * which the list is complete; `revoked`, each `sid` with the second in which its last access token expires. The bytes are a function of
 * what is listed, so nodes that know the same give the same.
 */
export class RevocationFeed {
  readonly #options: RevocationFeedOptions
  #basis = ''
  #signed: Promise<SignedRevocations> | null = null
  #restsUntil = 0

  constructor(options: RevocationFeedOptions) {
    this.#options = options
  }

  /** Made once for each state of what it says. It is as fresh as the change feed: ask that `assertFresh` first. */
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
    // Only a list of very many takes long to make; a flood of revocations then has it made less often, not all the time.
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

/** Written piece by piece, which is several times as fast for very many as an object through JSON.stringify. */
function revokedJson(revocations: Revocations): string {
  const revoked = new Map(revocations.list())
  const pieces = [...revoked.keys()].sort().map((sid) => `${JSON.stringify(sid)}:${Math.ceil((revoked.get(sid) ?? 0) / 1_000)}`)
  return `{${pieces.join(',')}}`
}
