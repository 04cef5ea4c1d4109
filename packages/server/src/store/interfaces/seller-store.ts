import type { Enablement } from './enablement.ts'
import type { EventInput } from './event-store.ts'
import type { Label, Labels } from './labels.ts'

export interface SellerStore {
  add(seller: SellerRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Adds those whose e-mail is free, in one transaction, each with its event; returns how many. */
  addMany(sellers: readonly SellerRecord[], events: readonly EventInput[]): Promise<number>
  /** How many of these e-mails, each named once, are taken. */
  countExisting(emails: readonly string[]): Promise<number>
  findByEmail(email: string): Promise<SellerRecord | null>
  findById(id: string): Promise<SellerRecord | null>
  /** By e-mail, starting after `afterEmail`; optionally only e-mails that begin with `prefix`, or one status or label. */
  list(page: SellerFilter): Promise<SellerRecord[]>
  /** Replaces e-mail and labels of a record last changed at `expectedUpdatedAt`. Another e-mail voids its reset token. */
  update(
    change: Pick<SellerRecord, 'id' | 'email' | 'labels' | 'updatedAt'> & { readonly expectedUpdatedAt: number },
    event: EventInput,
  ): Promise<'done' | 'exists' | 'changed' | 'not-found'>
  /**
   * Removes a seller and everything kept about them. Refused while an access token of theirs may be valid, even of an ended session, since that
   * session's row keeps the token refused; returns the time from which removal works.
   */
  remove(id: string, now: number, event: EventInput): Promise<'removed' | 'not-found' | { readonly from: number }>
  /** Disabling ends every session of the seller in the same transaction. False when the seller does not exist. */
  setStatus(id: string, status: Enablement, now: number, event: EventInput): Promise<boolean>
  /**
   * Sets a new password, ends every session of the seller but `keptSid`, and voids its reset token. False when the seller does not exist, or if
   * password or status have been set since the given `updatedAt` of the record whose password was verified.
   */
  setPassword(change: PasswordChange, event: EventInput): Promise<boolean>
  /** Sets or replaces the seller's reset token. False when the seller does not exist. */
  putPasswordReset(reset: PasswordReset, event: EventInput): Promise<boolean>
  /** The seller that a reset token belongs to; null when it is unknown, used, replaced or expired. */
  findByPasswordReset(tokenHash: Uint8Array, now: number): Promise<SellerRecord | null>
  /** Uses up the token, sets the password and ends every session. False when another call was first, or the token has expired. */
  usePasswordReset(
    use: { readonly tokenHash: Uint8Array; readonly passwordHash: string; readonly now: number },
    event: EventInput,
  ): Promise<boolean>
  /** Replaces a hash of the same password with a stronger one; does nothing if the hash is no longer `oldHash`. */
  replaceHash(id: string, oldHash: string, newHash: string): Promise<void>
  /**
   * Restores password and status where a store that went back has older ones; returns how many. Disabling ends the sessions. Sellers missing from the
   * store stay missing.
   */
  restore(sellers: readonly SellerRecord[], now: number): Promise<number>
  /** Everything a login needs, in one statement. */
  findForLogin(attempt: { readonly email: string; readonly addressKey: string; readonly decoyFrom: string }): Promise<LoginCandidate>
}

export interface SellerFilter {
  readonly limit: number
  readonly afterEmail?: string | undefined
  /** Prefix of the e-mail. */
  readonly prefix?: string | undefined
  readonly status?: Enablement | undefined
  readonly label?: Label | undefined
}

export interface SellerRecord {
  readonly id: string
  /** Normal form: trimmed, lower case, ASCII local part, IDNA domain. Unique. */
  readonly email: string
  /** PHC string. */
  readonly passwordHash: string
  readonly status: Enablement
  readonly labels: Labels
  readonly createdAt: number
  readonly updatedAt: number
  readonly lastLoginAt: number | null
  /** Logins made while another login's access token had more than half its life left. */
  readonly needlessLogins: number
}

export interface LoginCandidate {
  readonly seller: SellerRecord | null
  /** The seller has logged in from this address key before. */
  readonly isKnownAddress: boolean
  /**
   * The password hash of the first seller whose ID is `decoyFrom` or later, or of the first of all; null when there is none. IDs are random, so this
   * is a random seller.
   */
  readonly decoyHash: string | null
}

export interface PasswordChange {
  readonly id: string
  readonly passwordHash: string
  readonly now: number
  readonly keptSid?: string
  readonly updatedAt?: number
}

/** A one-time token for setting a new password. */
export interface PasswordReset {
  readonly sellerId: string
  /** SHA-256 of the token. */
  readonly tokenHash: Uint8Array
  readonly expiresAt: number
}
