import type { EventInput } from './event-store.ts'

export interface SellerSessionStore {
  /**
   * Also records the seller's last login and, when given, the address as known. `refused` if the seller is no longer enabled, or if password or
   * status have been set since the given `updatedAt` of the record whose password was verified (check 20). `needless`, and counted for the seller:
   * another family of theirs has an access token with more than half its life left. Of simultaneous logins, only the first may go uncounted.
   */
  create(session: SellerSession, addressKey: string | null, sellerUpdatedAt?: number): Promise<'created' | 'needless' | 'refused'>
  find(sid: string): Promise<SellerSession | null>
  /**
   * Rotates each presented token that is the newest of a live family, all in one transaction. Results are in the order of the batch, which holds no
   * family twice: the family's `absoluteExpiresAt`, or null for any other token; call `judgeOlder` with those.
   */
  rotate(batch: readonly RefreshRotation[]): Promise<(number | null)[]>
  /** Decides about a token that `rotate` did not accept as the newest. */
  judgeOlder(token: OlderToken, reuseEvent: EventInput): Promise<OlderTokenOutcome>
  /** Records that these access tokens were presented; at most one per family. */
  noteAccessTokenUses(uses: readonly AccessTokenUse[]): Promise<void>
  /** False when it was not live. */
  end(sid: string, reason: SellerSessionEndReason, now: number, event: EventInput): Promise<boolean>
  /** Ends every live session of a seller; returns how many. */
  endBySeller(sellerId: string, reason: SellerSessionEndReason, now: number, event: EventInput): Promise<number>
  /** Ends again families that a store which went back shows as live; returns how many. */
  endAgain(sids: readonly string[], reason: SellerSessionEndReason, now: number): Promise<number>
  /** Newest first, starting after `after`. */
  listBySeller(sellerId: string, limit: number, after?: Pick<SellerSession, 'createdAt' | 'sid'>): Promise<SellerSession[]>
  /** Ended families that may still have an unexpired access token. */
  listRevoked(now: number): Promise<{ sid: string; accessExpiresAt: number }[]>
}

/** The token family of one login (RFC 9700, section 4.14): a refresh token, its successors, and the access tokens issued with them. */
export interface SellerSession {
  readonly sid: string
  readonly sellerId: string
  /** SHA-256 of the jti of the newest refresh token. */
  readonly refreshHash: Uint8Array
  /** SHA-256 of the previous jti; null before the first refresh. */
  readonly previousRefreshHash: Uint8Array | null
  /** When the newest tokens were issued, ms on a whole second: the `iat` of both. */
  readonly issuedAt: number
  /** Signing key of the newest tokens. */
  readonly kid: string
  readonly createdAt: number
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
  /** Latest expiry of an access token of this family. */
  readonly accessExpiresAt: number
  readonly endedAt: number | null
  readonly endReason: SellerSessionEndReason | null
  readonly address: string | null
}

export type SellerSessionEndReason = 'logout' | 'disabled' | 'password' | 'operator' | 'reuse' | 'revoked'

export interface RefreshRotation {
  readonly sid: string
  /** SHA-256 of the presented token's jti. */
  readonly presentedHash: Uint8Array
  /** SHA-256 of its successor's jti; derived from the presented token, so that racing requests cannot make two. */
  readonly successorHash: Uint8Array
  readonly now: number
  readonly issuedAt: number
  readonly kid: string
  readonly idleExpiresAt: number
  readonly accessExpiresAt: number
}

/** A refresh token that is not the newest of its family, with what is needed to return its successor again. */
export interface OlderToken extends Pick<RefreshRotation, 'sid' | 'presentedHash' | 'now'> {
  /** SHA-256 of the jti of the access token issued with its successor. */
  readonly successorAccessHash: Uint8Array
  /** How long after the rotation the immediate predecessor always gets its successor again, ms. */
  readonly graceMs: number
  /** How long it does so while that access token has not been presented, ms. */
  readonly unseenGraceMs: number
}

export interface AccessTokenUse {
  readonly sid: string
  /** SHA-256 of the token's jti. */
  readonly accessHash: Uint8Array
}

/**
 * - `again`: the presented token is the immediate predecessor and within its grace; `session` has the times and key of its successor, so that the
 *   identical token can be made again.
 * - `reused`: older, or too late; the family was ended in this transaction.
 * - `dead`: unknown, ended or expired.
 */
export type OlderTokenOutcome = { readonly kind: 'again'; readonly session: SellerSession } | { readonly kind: 'reused' | 'dead' }
