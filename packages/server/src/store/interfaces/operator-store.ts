import type { Right, Role } from '@lobbykey/contract/admin'
import type { Enablement } from './enablement.ts'
import type { EventInput } from './event-store.ts'

/** People who run the installation, or a partner's part of it. */
export interface OperatorStore {
  find(id: string): Promise<OperatorRecord | null>
  findByEmail(email: string): Promise<OperatorRecord | null>
  /** A page by e-mail. */
  list(page: { readonly limit: number; readonly afterEmail?: string | undefined }): Promise<OperatorRecord[]>
  add(operator: OperatorRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Replaces all but the ID, if it is still that of `expectedUpdatedAt`. Never leaves the installation without an enabled owner. */
  update(
    operator: OperatorRecord,
    expectedUpdatedAt: number,
    event: EventInput,
  ): Promise<'updated' | 'not-found' | 'changed' | 'last-owner'>
}

export interface OperatorRecord {
  readonly id: string
  /** Normal form; unique. */
  readonly email: string
  readonly name: string
  readonly role: Role
  /** The merchants that the operator is held to; null for none. */
  readonly agentIds: readonly string[] | null
  readonly status: Enablement
  readonly createdAt: number
  readonly updatedAt: number
}

/** What programs use in an operator's name. */
export interface ApiTokenStore {
  /** With the operator whose it is. */
  findByHash(tokenHash: Uint8Array): Promise<{ readonly token: ApiTokenRecord; readonly operator: OperatorRecord } | null>
  /** Newest first, of one operator or of all; a page from after a token on. */
  list(filter: {
    readonly operatorId?: string | undefined
    readonly limit: number
    readonly afterId?: string | undefined
  }): Promise<ApiTokenRecord[]>
  add(token: ApiTokenRecord, event: EventInput): Promise<void>
  /** False when there is no such token that is not revoked; of one operator where `operatorId` says so. */
  revoke(id: string, operatorId: string | null, now: number, event: EventInput): Promise<boolean>
  noteUse(id: string, at: number, address: string | null): Promise<void>
}

export interface ApiTokenRecord {
  /** Sorts by the time of its making. */
  readonly id: string
  readonly operatorId: string
  readonly name: string
  /** SHA-256 of the token. */
  readonly tokenHash: Uint8Array
  readonly rights: readonly Right[]
  readonly agentIds: readonly string[] | null
  /** Addresses and CIDR blocks that it works from; empty for all. */
  readonly allow: readonly string[]
  /** Whether it may do confirmed operations. */
  readonly allowConfirmed: boolean
  readonly createdAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
  readonly lastUsedAt: number | null
  readonly lastUsedAddress: string | null
}

/** Answers that a repeat of the same request gets again. */
export interface IdempotentAnswerStore {
  /** Claims the key for a request, or says what has become of it. `running`: claimed, and not answered yet. */
  claim(claim: {
    readonly keyHash: Uint8Array
    readonly requestDigest: Uint8Array
    readonly now: number
    readonly expiresAt: number
  }): Promise<
    | { readonly state: 'claimed' | 'running' | 'other' }
    | { readonly state: 'answered'; readonly sealedAnswer: Uint8Array; readonly createdAt: number }
  >
  /** Keeps the answer until `expiresAt`; it replaces one that is there. */
  answer(keyHash: Uint8Array, expiresAt: number, sealedAnswer: Uint8Array): Promise<void>
  /** The request failed and did nothing: the key is free again. */
  release(keyHash: Uint8Array): Promise<void>
}
