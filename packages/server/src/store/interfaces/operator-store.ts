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
  /** Replaces all but the ID if the record was last changed at `expectedUpdatedAt`. Never leaves the installation without an enabled owner. */
  update(
    operator: OperatorRecord,
    expectedUpdatedAt: number,
    event: EventInput,
  ): Promise<'updated' | 'not-found' | 'changed' | 'last-owner'>
}

export interface OperatorRecord {
  readonly id: string
  /** Normalised; unique. */
  readonly email: string
  readonly name: string
  readonly role: Role
  /** The merchants that the operator is restricted to; null for no restriction. */
  readonly agentIds: readonly string[] | null
  readonly status: Enablement
  readonly createdAt: number
  readonly updatedAt: number
}

/** Tokens with which programs act for an operator. */
export interface ApiTokenStore {
  /** The token, and the operator that it belongs to. */
  findByHash(tokenHash: Uint8Array): Promise<{ readonly token: ApiTokenRecord; readonly operator: OperatorRecord } | null>
  find(id: string): Promise<{ readonly token: ApiTokenRecord; readonly operator: OperatorRecord } | null>
  /** Of one operator or all, newest first; a page starting after a token. */
  list(filter: {
    readonly operatorId?: string | undefined
    readonly limit: number
    readonly afterId?: string | undefined
  }): Promise<ApiTokenRecord[]>
  add(token: ApiTokenRecord, event: EventInput): Promise<void>
  /** False when no such unrevoked token exists; `operatorId` restricts it to one operator's. */
  revoke(id: string, operatorId: string | null, now: number, event: EventInput): Promise<boolean>
  noteUse(id: string, at: number, address: string | null): Promise<void>
}

export interface ApiTokenRecord {
  /** Sorts by creation time. */
  readonly id: string
  readonly operatorId: string
  readonly name: string
  /** SHA-256 of the token. */
  readonly tokenHash: Uint8Array
  readonly rights: readonly Right[]
  readonly agentIds: readonly string[] | null
  /** Addresses and CIDR blocks from which it works; empty for all. */
  readonly allow: readonly string[]
  /** Whether it may run operations that need confirmation. */
  readonly allowConfirmed: boolean
  readonly createdAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
  readonly lastUsedAt: number | null
  readonly lastUsedAddress: string | null
}

/** Answers to repeat when the same request comes again. */
export interface IdempotentAnswerStore {
  /**
   * Claims the key for a request, or returns what became of the earlier one. Called in the transaction that does and answers the request (`Store.together`):
   * another claim of the same key waits for that, and a claim that is rolled back was none. `running`: claimed by a process of the previous release.
   */
  claim(claim: {
    readonly keyHash: Uint8Array
    readonly requestDigest: Uint8Array
    readonly now: number
    readonly expiresAt: number
  }): Promise<
    | { readonly state: 'claimed' | 'running' | 'other' }
    | { readonly state: 'answered'; readonly sealedAnswer: Uint8Array; readonly createdAt: number }
  >
  /** Stores the answer with the claim. */
  answer(keyHash: Uint8Array, sealedAnswer: Uint8Array): Promise<void>
}
