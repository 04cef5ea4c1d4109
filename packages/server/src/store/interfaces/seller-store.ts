import type { Enablement } from './enablement.ts'
import type { EventInput } from './event-store.ts'

export interface SellerStore {
  add(seller: SellerRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Adds those whose e-mail is free, all in one transaction, each with its event; says how many. */
  addMany(sellers: readonly SellerRecord[], events: readonly EventInput[]): Promise<number>
  findByEmail(email: string): Promise<SellerRecord | null>
  findById(id: string): Promise<SellerRecord | null>
  /** Ordered by email, after `afterEmail`; those whose e-mail begins with `prefix`, or of a status. */
  list(page: SellerFilter): Promise<SellerRecord[]>
  /** Gives one that was changed last at `expectedUpdatedAt` another e-mail, and voids its reset token. */
  changeEmail(
    change: { readonly id: string; readonly email: string; readonly expectedUpdatedAt: number; readonly updatedAt: number },
    event: EventInput,
  ): Promise<'done' | 'exists' | 'changed' | 'not-found'>
  /**
   * Removes a seller and all that is kept of it. Not while an access token of it may be good, whether its session was ended or not: its row is
   * what keeps it refused. Then the time from which it goes.
   */
  remove(id: string, now: number, event: EventInput): Promise<'removed' | 'not-found' | { readonly from: number }>
  /** Disabling ends every session of the seller in the same transaction. False when there is no such seller. */
  setStatus(id: string, status: Enablement, now: number, event: EventInput): Promise<boolean>
  /**
   * Sets a new password, ends every session of the seller but `keptSid`, and voids its reset token. False when there is no such
   * seller, or, given the `updatedAt` of the record whose password was verified, if the password or status has been set since.
   */
  setPassword(change: PasswordChange, event: EventInput): Promise<boolean>
  /** Replaces the seller's reset token, if it has one. False when there is no such seller. */
  putPasswordReset(reset: PasswordReset, event: EventInput): Promise<boolean>
  /** Whose reset token this is; null when it is unknown, used, replaced or expired. */
  findByPasswordReset(tokenHash: Uint8Array, now: number): Promise<SellerRecord | null>
  /** Uses up the token, sets the password and ends every session. False when another was first, or the token has expired. */
  usePasswordReset(
    use: { readonly tokenHash: Uint8Array; readonly passwordHash: string; readonly now: number },
    event: EventInput,
  ): Promise<boolean>
  /** Swaps one hash of the same password for a stronger one; does nothing if the hash is no longer `oldHash`. */
  replaceHash(id: string, oldHash: string, newHash: string): Promise<void>
  /**
   * Writes password and status again where a store that went back has older ones; says of how many. Disabling ends the sessions. A seller that the store
   * has lost stays lost.
   */
  restore(sellers: readonly SellerRecord[], now: number): Promise<number>
  /** All that a login needs to know, in one statement. */
  findForLogin(attempt: { readonly email: string; readonly addressKey: string; readonly decoyFrom: string }): Promise<LoginCandidate>
}

export interface SellerFilter {
  readonly limit: number
  readonly afterEmail?: string | undefined
  /** How the e-mail begins. */
  readonly prefix?: string | undefined
  readonly status?: Enablement | undefined
}

export interface SellerRecord {
  readonly id: string
  /** Normal form: trimmed, lower case, ASCII local part, IDNA domain. Unique. */
  readonly email: string
  /** PHC string. */
  readonly passwordHash: string
  readonly status: Enablement
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
  /** The password hash of the first seller whose ID is `decoyFrom` or after it, or of the first of all; null when there is none. IDs are random, so this is any of them. */
  readonly decoyHash: string | null
}

export interface PasswordChange {
  readonly id: string
  readonly passwordHash: string
  readonly now: number
  readonly keptSid?: string
  readonly updatedAt?: number
}

/** A one-time token with which a seller's owner sets a new password. */
export interface PasswordReset {
  readonly sellerId: string
  /** SHA-256 of the token. */
  readonly tokenHash: Uint8Array
  readonly expiresAt: number
}
