import type { EventInput } from './event-store.ts'

export interface SellerSessionStore {
  /**
   * Also notes the seller's last login and, when given, the address as known. Fails (`refused`) if the seller is no longer enabled, or,
   * given the `updatedAt` of the record whose password was verified, if the password or status has been set since (check 20).
   * `needless`, and counted for the seller: another family of it has an access token with more than half its life left. Of logins at the
   * same moment the first alone may go uncounted.
   */
  create(session: SellerSession, addressKey: string | null, sellerUpdatedAt?: number): Promise<'created' | 'needless' | 'refused'>
  find(sid: string): Promise<SellerSession | null>
  /**
   * Puts the successor in the place of each presented token that is the newest of a live family, all in one transaction. In the order of
   * the batch, which holds no family twice: the family's `absoluteExpiresAt`; null for any other token, which `judgeOlder` then judges.
   */
  rotate(batch: readonly RefreshRotation[]): Promise<(number | null)[]>
  /** What becomes of a token that `rotate` did not take for the newest: it never will be. */
  judgeOlder(token: OlderToken, reuseEvent: EventInput): Promise<OlderTokenOutcome>
  /** Notes that these access tokens have been presented; no more than one of a family. */
  noteAccessTokenUses(uses: readonly AccessTokenUse[]): Promise<void>
  /** False when it was not live. */
  end(sid: string, reason: SellerSessionEndReason, now: number, event: EventInput): Promise<boolean>
  /** Ends every live session of a seller; says how many. */
  endBySeller(sellerId: string, reason: SellerSessionEndReason, now: number, event: EventInput): Promise<number>
  /** Ends again families that a store which went back shows as live; says how many there were. */
  endAgain(sids: readonly string[], reason: SellerSessionEndReason, now: number): Promise<number>
  /** Newest first, after `after`. */
  listBySeller(sellerId: string, limit: number, after?: Pick<SellerSession, 'createdAt' | 'sid'>): Promise<SellerSession[]>
  /** Families that have ended while an access token of theirs may still be unexpired. */
  listRevoked(now: number): Promise<{ sid: string; accessExpiresAt: number }[]>
}

/** One login's token family, RFC 9700 section 4.14: a refresh token, its successors, and the access tokens issued with them. */
export interface SellerSession {
  readonly sid: string
  readonly sellerId: string
  /** SHA-256 of the jti of the newest refresh token. */
  readonly refreshHash: Uint8Array
  /** SHA-256 of the jti before that; null for a family that has never been refreshed. */
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
  /** SHA-256 of its successor's jti; the successor is a function of the presented one, so that no race can make two. */
  readonly successorHash: Uint8Array
  readonly now: number
  readonly issuedAt: number
  readonly kid: string
  readonly idleExpiresAt: number
  readonly accessExpiresAt: number
}

/** A refresh token that is not the newest of its family, and what it needs to get its successor again. */
export interface OlderToken extends Pick<RefreshRotation, 'sid' | 'presentedHash' | 'now'> {
  /** SHA-256 of the jti of the access token that came with its successor. */
  readonly successorAccessHash: Uint8Array
  /** How long after the rotation the immediate predecessor gets its successor again in any case, ms. */
  readonly graceMs: number
  /** How long it does while that access token has not been presented, ms. */
  readonly unseenGraceMs: number
}

export interface AccessTokenUse {
  readonly sid: string
  /** SHA-256 of the token's jti. */
  readonly accessHash: Uint8Array
}

/**
 * - `again`: the presented token is the immediate predecessor, inside a grace; `session` says with which times and key its
 *   successor was issued, so that the same bytes can be made again.
 * - `reused`: older, or later; the family was ended in this transaction.
 * - `dead`: unknown, ended or expired.
 */
export type OlderTokenOutcome = { readonly kind: 'again'; readonly session: SellerSession } | { readonly kind: 'reused' | 'dead' }
