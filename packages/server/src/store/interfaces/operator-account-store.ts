import type { Role, SignInMethod } from '@lobbykey/contract/admin'
import type { EventInput } from './event-store.ts'
import type { OperatorRecord } from './operator-store.ts'

/** Credentials of operators. */
export interface OperatorAccountStore {
  /** The account for a password try, in one statement that takes the same form for an unknown e-mail. */
  findForSignIn(query: { readonly email: string; readonly addressKey: string }): Promise<SignInCandidate>
  /** Empty before any are set up. */
  findCredentials(operatorId: string): Promise<OperatorCredentials>
  /** Whether the operator has an unused recovery code with this hash. */
  hasRecoveryCode(operatorId: string, codeHash: Uint8Array): Promise<boolean>
  /** Replaces an existing password if it was last changed at `expectedUpdatedAt`, and ends the operator's sessions but one. */
  setPassword(
    change: {
      readonly operatorId: string
      readonly passwordHash: string
      readonly expectedUpdatedAt: number
      readonly keptSessionId: string
      readonly now: number
    },
    event: EventInput,
  ): Promise<boolean>
  /** Replaces the given hash with a stronger one; does nothing if it has changed. */
  replaceHash(operatorId: string, passwordHash: string, stronger: string): Promise<void>
  /** The passkey, and the operator that it belongs to. */
  findPasskey(id: string): Promise<{ readonly passkey: PasskeyRecord; readonly operator: OperatorRecord } | null>
  /** Oldest first. */
  listPasskeys(operatorId: string): Promise<PasskeyRecord[]>
  /** `exists`: the ID is taken. `full`: the operator has `most` already. */
  addPasskey(passkey: PasskeyRecord, most: number, event: EventInput): Promise<'added' | 'exists' | 'full'>
  /** `last`: the account would have no credentials left. */
  removePasskey(operatorId: string, id: string, event: EventInput): Promise<'removed' | 'not-found' | 'last'>
  setRecoveryCodes(operatorId: string, codeHashes: readonly Uint8Array[], event: EventInput): Promise<void>
}

export interface SignInCandidate {
  /** Null when the e-mail has no account. */
  readonly account: { readonly operator: OperatorRecord; readonly credentials: OperatorCredentials } | null
  /** Whether the account has signed in from this address before. */
  readonly isKnownAddress: boolean
}

export interface OperatorCredentials {
  readonly passwordHash: string | null
  readonly sealedTotp: Uint8Array | null
  readonly recoveryCodesLeft: number
  readonly updatedAt: number
}

/** Invitations: one-time links to set up an account's credentials. */
export interface InvitationStore {
  find(tokenHash: Uint8Array): Promise<InvitationRecord | null>
  /** The one by which this account got its credentials; null for none. */
  findUsed(operatorId: string): Promise<InvitationRecord | null>
  /** Newest first; a page starting after one. */
  list(page: { readonly limit: number; readonly afterId?: string | undefined }): Promise<InvitationRecord[]>
  /** Ends open invitations of the same account. `exists`: the e-mail has an account, and this is not a reset. */
  add(invitation: InvitationRecord, event: EventInput): Promise<'added' | 'exists'>
  revoke(id: string, now: number, event: EventInput): Promise<boolean>
  /**
   * Accepts it, once: creates the account or ends its old credentials and its single sign-on, stores the new ones, and opens its first session. `taken`: an account with
   * this e-mail was created meanwhile.
   */
  accept(acceptance: {
    readonly tokenHash: Uint8Array
    readonly credentials: NewCredentials
    readonly session: ConsoleSessionRecord
    readonly now: number
    readonly event: EventInput
  }): Promise<'accepted' | 'over' | 'taken'>
}

export interface InvitationRecord {
  /** Sorts by creation time. */
  readonly id: string
  /** SHA-256 of the link's secret. */
  readonly tokenHash: Uint8Array
  /** The account to reset, or the ID of the new one. */
  readonly operatorId: string
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly agentIds: readonly string[] | null
  /** The account exists. */
  readonly isReset: boolean
  /** Actor of the event. */
  readonly invitedBy: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly usedAt: number | null
  readonly revokedAt: number | null
}

export interface PasskeyRecord {
  /** The credential ID of WebAuthn, base64url. */
  readonly id: string
  readonly operatorId: string
  readonly name: string
  /** COSE. */
  readonly publicKey: Uint8Array
  readonly signCount: number
  readonly transports: readonly string[]
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

/** An account's new credentials, which replace all old ones. */
export interface NewCredentials {
  readonly passkey?: PasskeyRecord
  readonly password?: {
    readonly passwordHash: string
    readonly sealedTotp: Uint8Array
    /** The step of the code given as proof; it is used up. */
    readonly totpStep: number
    readonly recoveryCodeHashes: readonly Uint8Array[]
  }
}

/** A proof just given. It is used up in the transaction that it permits, so that one of several concurrent uses wins. */
export type SignInProof =
  | { readonly kind: 'totp'; readonly step: number; readonly credentialsUpdatedAt: number }
  | { readonly kind: 'recovery-code'; readonly codeHash: Uint8Array; readonly credentialsUpdatedAt: number }
  | {
      readonly kind: 'passkey'
      readonly passkeyId: string
      readonly signCount: number
      /** Each challenge can be answered once. */
      readonly challengeHash: Uint8Array
      readonly challengeExpiresAt: number
    }
  /** The answer of a provider of single sign-on. Each can be used once. */
  | { readonly kind: 'sso'; readonly answerHash: Uint8Array; readonly answerExpiresAt: number }
  /** Tracked elsewhere: the sandbox's link exists in its process only. */
  | { readonly kind: 'sandbox' }

/** Browser sessions of operators. */
export interface ConsoleSessionStore {
  /** The session, and the operator that it belongs to. */
  findByHash(tokenHash: Uint8Array): Promise<{ readonly session: ConsoleSessionRecord; readonly operator: OperatorRecord } | null>
  /** One operator's, newest first; a page starting after a session. */
  list(filter: {
    readonly operatorId: string
    readonly limit: number
    readonly afterId?: string | undefined
  }): Promise<ConsoleSessionRecord[]>
  /**
   * False, and nothing is written, when the proof is used up, the credentials have changed, the operator is not enabled, or signs in by single
   * sign-on and this is another proof.
   */
  open(session: ConsoleSessionRecord, proof: SignInProof, event: EventInput): Promise<boolean>
  /** Records a second factor given within a session. False as for `open`, and when the session is over. */
  confirm(
    session: { readonly id: string; readonly operatorId: string },
    proof: SignInProof,
    now: number,
    event: EventInput,
  ): Promise<boolean>
  noteSeen(id: string, at: number): Promise<void>
  /** False when no such session is open; `operatorId` restricts it to one operator's. */
  end(id: string, operatorId: string | null, now: number, event: EventInput): Promise<boolean>
  /** Ends all of an operator's sessions but one; returns how many. */
  endOthers(operatorId: string, keptId: string, now: number, event: EventInput): Promise<number>
}

export interface ConsoleSessionRecord {
  /** Sorts by creation time. */
  readonly id: string
  readonly operatorId: string
  /** SHA-256 of the cookie's value. */
  readonly tokenHash: Uint8Array
  readonly method: SignInMethod
  readonly address: string | null
  /** The address as guess limits identify it. */
  readonly addressKey: string | null
  readonly userAgent: string | null
  readonly createdAt: number
  /** Accurate to the minute. */
  readonly seenAt: number
  readonly expiresAt: number
  /** When a second factor was last given; null when none counts. */
  readonly confirmedAt: number | null
  readonly endedAt: number | null
}
