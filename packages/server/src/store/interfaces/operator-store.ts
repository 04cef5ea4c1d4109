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
  /**
   * Replaces all but the ID and `sso` if the record was last changed at `expectedUpdatedAt`. Never leaves the installation without an enabled owner
   * with credentials of its own: a provider can take any other away.
   */
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
  /** The account at the provider of single sign-on, the only way to sign in to this one; null for an account with credentials of its own. */
  readonly sso: SsoLink | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** An account at a provider of single sign-on (OpenID Connect), identified by issuer and subject together. */
export interface SsoIdentity {
  readonly issuer: string
  readonly subject: string
}

export interface SsoLink extends SsoIdentity {
  /** When the provider last vouched for it; null once it no longer does. */
  readonly vouchedAt: number | null
}

/** Which operators sign in by single sign-on, and what their provider last said. */
export interface OperatorSsoStore {
  findByIdentity(identity: SsoIdentity): Promise<OperatorRecord | null>
  /** Adds an account with its `sso`. `exists`: the e-mail is taken. `linked`: the identity has an account. */
  add(operator: OperatorRecord, event: EventInput): Promise<'added' | 'exists' | 'linked'>
  /** Makes an account use single sign-on from now on, once the provider has vouched for it. `last-owner`: no other enabled owner has credentials of its own. */
  link(operatorId: string, identity: SsoIdentity, event: EventInput): Promise<'linked' | 'taken' | 'last-owner' | 'not-found'>
  /** Records that the provider vouches for it, unless it no longer has this identity. @param sealedRefresh null: none; undefined: as before */
  noteVouched(operatorId: string, identity: SsoIdentity, at: number, sealedRefresh: Uint8Array | null | undefined): Promise<boolean>
  /** Records that the provider no longer vouches, and forgets the refresh token. */
  withdraw(operatorId: string, options: { readonly now: number; readonly endsSessions: boolean }, event: EventInput): Promise<void>
  /**
   * Claims the next check by refresh token until `until`, so that only one process uses the token, which works once. `none`: there is no token.
   * `busy`: another has claimed it.
   */
  claimCheck(
    operatorId: string,
    now: number,
    until: number,
  ): Promise<{ readonly state: 'claimed'; readonly sealedRefresh: Uint8Array } | { readonly state: 'none' } | { readonly state: 'busy' }>
  /** Gives the claim back after a check without an answer. */
  releaseCheck(operatorId: string): Promise<void>
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
  /** Revokes every token of an operator that is not yet, each with its event; returns how many. */
  revokeAll(operatorId: string, now: number, event: EventInput): Promise<number>
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
