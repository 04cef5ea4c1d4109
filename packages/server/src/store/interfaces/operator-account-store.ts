import type { Role, SignInMethod } from '@lobbykey/contract/admin'
import type { EventInput } from './event-store.ts'
import type { OperatorRecord } from './operator-store.ts'

/** What operators sign in with. */
export interface OperatorAccountStore {
  /** An account for a try with its password, in one statement, the same for an e-mail that has none. */
  findForSignIn(query: { readonly email: string; readonly addressKey: string }): Promise<SignInCandidate>
  /** Of one who has set up nothing, empty. */
  findCredentials(operatorId: string): Promise<OperatorCredentials>
  /** Whether a code of this hash is there, unused, and the operator's. */
  hasRecoveryCode(operatorId: string, codeHash: Uint8Array): Promise<boolean>
  /** Replaces the password of whoever has one, if it is still that of `expectedUpdatedAt`, and ends the operator's sessions but one. */
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
  /** Strengthens a hash that is still there. */
  replaceHash(operatorId: string, passwordHash: string, stronger: string): Promise<void>
  /** With the operator whose it is. */
  findPasskey(id: string): Promise<{ readonly passkey: PasskeyRecord; readonly operator: OperatorRecord } | null>
  /** Oldest first. */
  listPasskeys(operatorId: string): Promise<PasskeyRecord[]>
  /** `exists`: there is one of this ID. `full`: the operator has `most` already. */
  addPasskey(passkey: PasskeyRecord, most: number, event: EventInput): Promise<'added' | 'exists' | 'full'>
  /** `last`: the account would be left with nothing to sign in with. */
  removePasskey(operatorId: string, id: string, event: EventInput): Promise<'removed' | 'not-found' | 'last'>
  setRecoveryCodes(operatorId: string, codeHashes: readonly Uint8Array[], event: EventInput): Promise<void>
}

export interface SignInCandidate {
  /** Null where the e-mail has no account. */
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

/** Invitations: one-time links by which somebody sets up what an account signs in with. */
export interface InvitationStore {
  find(tokenHash: Uint8Array): Promise<InvitationRecord | null>
  /** Newest first; a page from after one on. */
  list(page: { readonly limit: number; readonly afterId?: string | undefined }): Promise<InvitationRecord[]>
  /** Ends those of the same account that are open. `exists`: the e-mail has an account, and this is not to set it up anew. */
  add(invitation: InvitationRecord, event: EventInput): Promise<'added' | 'exists'>
  revoke(id: string, now: number, event: EventInput): Promise<boolean>
  /**
   * Uses it, once: makes the account, or ends what it had, keeps what it signs in with from now on, and opens its first session.
   * `taken`: an account with this e-mail was made meanwhile.
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
  /** Sorts by the time of its making. */
  readonly id: string
  /** SHA-256 of what the link carries. */
  readonly tokenHash: Uint8Array
  /** The account that it sets up anew, or the ID that the account will have. */
  readonly operatorId: string
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly agentIds: readonly string[] | null
  /** The account is there. */
  readonly isReset: boolean
  /** An event's actor. */
  readonly invitedBy: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly usedAt: number | null
  readonly revokedAt: number | null
}

export interface PasskeyRecord {
  /** As WebAuthn names the credential, base64url. */
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

/** What an account signs in with from now on, instead of all that it had. */
export interface NewCredentials {
  readonly passkey?: PasskeyRecord
  readonly password?: {
    readonly passwordHash: string
    readonly sealedTotp: Uint8Array
    /** The step of the code that was shown to prove it: it is used. */
    readonly totpStep: number
    readonly recoveryCodeHashes: readonly Uint8Array[]
  }
}

/** What somebody has just shown. It is used up with what it opens, in one transaction, so that of many at once one wins. */
export type SignInProof =
  | { readonly kind: 'totp'; readonly step: number; readonly credentialsUpdatedAt: number }
  | { readonly kind: 'recovery-code'; readonly codeHash: Uint8Array; readonly credentialsUpdatedAt: number }
  | {
      readonly kind: 'passkey'
      readonly passkeyId: string
      readonly signCount: number
      /** Each challenge is answered once. */
      readonly challengeHash: Uint8Array
      readonly challengeExpiresAt: number
    }
  /** Used up elsewhere: the sandbox's link lives in its process. */
  | { readonly kind: 'sandbox' }

/** Sessions of people in a browser. */
export interface ConsoleSessionStore {
  /** With the operator whose it is. */
  findByHash(tokenHash: Uint8Array): Promise<{ readonly session: ConsoleSessionRecord; readonly operator: OperatorRecord } | null>
  /** Newest first, of one operator; a page from after a session on. */
  list(filter: {
    readonly operatorId: string
    readonly limit: number
    readonly afterId?: string | undefined
  }): Promise<ConsoleSessionRecord[]>
  /** False when the proof is used, the credentials have changed, or the operator is not enabled: then nothing is done. */
  open(session: ConsoleSessionRecord, proof: SignInProof, event: EventInput): Promise<boolean>
  /** Notes a second factor given within a session. False as for `open`, and when the session is over. */
  confirm(
    session: { readonly id: string; readonly operatorId: string },
    proof: SignInProof,
    now: number,
    event: EventInput,
  ): Promise<boolean>
  noteSeen(id: string, at: number): Promise<void>
  /** False when there is no such session that is not ended; of one operator where `operatorId` says so. */
  end(id: string, operatorId: string | null, now: number, event: EventInput): Promise<boolean>
  /** Ends all of an operator's but one; says how many. */
  endOthers(operatorId: string, keptId: string, now: number, event: EventInput): Promise<number>
}

export interface ConsoleSessionRecord {
  /** Sorts by the time of its making. */
  readonly id: string
  readonly operatorId: string
  /** SHA-256 of what the cookie holds. */
  readonly tokenHash: Uint8Array
  readonly method: SignInMethod
  readonly address: string | null
  /** The address as guess limits know it. */
  readonly addressKey: string | null
  readonly userAgent: string | null
  readonly createdAt: number
  /** To the minute. */
  readonly seenAt: number
  readonly expiresAt: number
  /** When a second factor was given last; null for none that counts. */
  readonly confirmedAt: number | null
  readonly endedAt: number | null
}
