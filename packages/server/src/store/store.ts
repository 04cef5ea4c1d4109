/**
 * Interfaces of what the gateway stores, one file each in `interfaces/`: the core sees these through this file, and no SQL. Two implementations share
 * one set of queries (`sql/`): SQLite (`sqlite.ts`) and PostgreSQL (`postgres.ts`). One conformance suite tests both.
 *
 * Rules for every method:
 * - Times are milliseconds since 1970-01-01 UTC, passed by the caller; the store uses no clock of its own, but offers it (`readClock`).
 * - A method is one transaction. When its promise resolves, its effects are durable.
 * - A mutation that took effect writes its `event` and its `changes` rows in the same transaction; one that did not writes neither.
 * - Secrets arrive encrypted or hashed, except what the contract itself puts in URLs.
 * - An unreachable store throws GatewayError `store_unavailable`. Deadlocks and serialization failures are retried inside and never surface (check
 *   78).
 */

import type { BrandStore } from './interfaces/brand-store.ts'
import type { CallCountStore } from './interfaces/call-count-store.ts'
import type { CatalogueStore } from './interfaces/catalogue-store.ts'
import type { ChangeStore } from './interfaces/change-store.ts'
import type { ConnectionRequestStore } from './interfaces/connection-request-store.ts'
import type { EventStore } from './interfaces/event-store.ts'
import type { HandOverStore } from './interfaces/hand-over-store.ts'
import type { MemberSessionStore } from './interfaces/member-session-store.ts'
import type { MemberStore } from './interfaces/member-store.ts'
import type { MerchantClockStore } from './interfaces/merchant-clock-store.ts'
import type { MerchantConductStore } from './interfaces/merchant-conduct-store.ts'
import type { MerchantStore } from './interfaces/merchant-store.ts'
import type { MetaStore } from './interfaces/meta-store.ts'
import type { ConsoleSessionStore, InvitationStore, OperatorAccountStore } from './interfaces/operator-account-store.ts'
import type { ApiTokenStore, IdempotentAnswerStore, OperatorSsoStore, OperatorStore } from './interfaces/operator-store.ts'
import type { ProcessStore } from './interfaces/process-store.ts'
import type { ProposalStore } from './interfaces/proposal-store.ts'
import type { RefusalStore } from './interfaces/refusal-store.ts'
import type { SealStore } from './interfaces/seal-store.ts'
import type { SellerSessionStore } from './interfaces/seller-session-store.ts'
import type { SellerStore } from './interfaces/seller-store.ts'
import type { ServiceStore } from './interfaces/service-store.ts'
import type { SigningKeyStore } from './interfaces/signing-key-store.ts'
import type { StoreUsage } from './interfaces/store-usage.ts'
import type { ThrottleStore } from './interfaces/throttle-store.ts'
import type { TraceStore } from './interfaces/trace-store.ts'

export type * from './interfaces/brand-store.ts'
export * from './interfaces/call-count-store.ts'
export type * from './interfaces/catalogue-store.ts'
export type * from './interfaces/change-store.ts'
export type * from './interfaces/connection-request-store.ts'
export type * from './interfaces/enablement.ts'
export type * from './interfaces/event-store.ts'
export type * from './interfaces/hand-over-store.ts'
export type * from './interfaces/labels.ts'
export type * from './interfaces/member-session-store.ts'
export type * from './interfaces/member-store.ts'
export type * from './interfaces/merchant-clock-store.ts'
export type * from './interfaces/merchant-conduct-store.ts'
export type * from './interfaces/merchant-store.ts'
export type * from './interfaces/meta-store.ts'
export type * from './interfaces/operator-account-store.ts'
export type * from './interfaces/operator-store.ts'
export type * from './interfaces/process-store.ts'
export type * from './interfaces/proposal-store.ts'
export type * from './interfaces/refusal-store.ts'
export type * from './interfaces/seal-store.ts'
export type * from './interfaces/seller-session-store.ts'
export type * from './interfaces/seller-store.ts'
export type * from './interfaces/service-store.ts'
export type * from './interfaces/signed-request.ts'
export type * from './interfaces/signing-key-store.ts'
export type * from './interfaces/store-usage.ts'
export type * from './interfaces/throttle-store.ts'
export type * from './interfaces/trace-store.ts'

export interface Store {
  readonly dialect: 'sqlite' | 'postgres'
  readonly merchants: MerchantStore
  readonly members: MemberStore
  readonly memberSessions: MemberSessionStore
  readonly sellers: SellerStore
  readonly sellerSessions: SellerSessionStore
  readonly throttles: ThrottleStore
  readonly signingKeys: SigningKeyStore
  readonly services: ServiceStore
  readonly brands: BrandStore
  readonly catalogue: CatalogueStore
  readonly events: EventStore
  readonly refusals: RefusalStore
  readonly callCounts: CallCountStore
  readonly traces: TraceStore
  readonly merchantClocks: MerchantClockStore
  readonly merchantConduct: MerchantConductStore
  readonly operators: OperatorStore
  readonly operatorSso: OperatorSsoStore
  readonly apiTokens: ApiTokenStore
  readonly operatorAccounts: OperatorAccountStore
  readonly invitations: InvitationStore
  readonly handOvers: HandOverStore
  readonly connectionRequests: ConnectionRequestStore
  readonly proposals: ProposalStore
  readonly consoleSessions: ConsoleSessionStore
  readonly idempotentAnswers: IdempotentAnswerStore
  readonly seals: SealStore
  readonly processes: ProcessStore
  readonly changes: ChangeStore
  readonly meta: MetaStore
  readonly usage: StoreUsage
  /** Resolves when a trivial query answers. @throws GatewayError store_unavailable */
  ping(): Promise<void>
  /** The database's time. */
  readClock(): Promise<number>
  /** Resolves when a row, always the same one, has been written. @throws GatewayError store_unavailable */
  verifyWritable(): Promise<void>
  /** Settings of this store that could lose an acknowledged login, in words for the operator; empty when durable (check 76). */
  durabilityProblems(): Promise<string[]>
  /** What prevents the database from ending a statement that hangs, in words for the operator; empty when nothing does. */
  limitProblems(): Promise<string[]>
  /** Names of migrations that the store lacks, and of those that a newer version added. @throws StoreTooNewError, UnfinishedCopyError */
  schema(): Promise<{ pending: string[]; newer: string[] }>
  /** Deletes up to `batchMax` rows of each kind that expired before `now`; returns how many. */
  sweep(now: number, batchMax: number): Promise<number>
  /** Runs work on a store as one transaction: all of it takes effect, or nothing. Work may run more than once and must wait for nothing else. */
  together<T>(work: (store: Store) => Promise<T>): Promise<T>
  /** Runs work on a store and rolls it back: the same checks and results, in one transaction. */
  rehearse<T>(work: (store: Store) => Promise<T>): Promise<T>
  close(): Promise<void>
}
