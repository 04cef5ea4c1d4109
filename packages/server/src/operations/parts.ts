import type { AdminInput, AdminOperationName, AdminOutput } from '@lobbykey/contract/admin'
import type { Clock, SharedClock } from '../core/base/clock.ts'
import type { Sealer } from '../core/base/sealer.ts'
import type { ExplainInput, Explanation } from '../core/explain/explain-signature.ts'
import type { ThrottleSettings } from '../core/passwords/login-throttle.ts'
import type { PasswordCost } from '../core/passwords/password-hasher.ts'
import type { Catalogue, Store } from '../store/store.ts'
import type { Caller } from './caller.ts'

/** What operations depend on, in a server or in the command line at the store. */
export interface OperationParts {
  readonly store: Store
  readonly clock: Clock
  readonly shared: SharedClock
  /** Rejects without a master key, or with one that does not match the store. */
  readonly sealer: () => Promise<Sealer>
  /** In a separate thread in a server. */
  readonly explain: (input: ExplainInput, agentId: string) => Promise<Explanation>
  /** Keys published in documentation, which people sign with by mistake. */
  readonly publishedKeys: readonly string[]
  /** Where sellers reach the server. Rejects when it is not configured. */
  readonly publicUrl: () => Promise<string>
  readonly settings: OperationSettings
  /** The catalogue that a server holds in memory, with all that was committed before. */
  readonly heldCatalogue?: () => Promise<Catalogue>
  /** Single sign-on, where a server has it. */
  readonly sso?: { readonly label: string; readonly confirmsByProvider: boolean } | null
  /** Whether all changes are rolled back. The store is held meanwhile (SQLite's for everybody), so nothing slow may happen: no hash, no key. */
  readonly isRehearsal?: boolean
  /** Runs work that takes longer than a transaction may last. Its name is the same when the same work is asked for again. */
  readonly slowly?: Slowly
}

export type Slowly = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** The server settings that results depend on. */
export interface OperationSettings extends PasswordCost, ThrottleSettings {
  /** Whether the server has a lobby page for merchants without a lobby URL. */
  readonly lobbyPage: boolean
  /** Of merchants without their own rate. */
  readonly ratePerMerchant: number
  readonly tokenKeyBits: number
  readonly keyPublishSeconds: number
  /** 0: manual rotation only. */
  readonly keyRotationDays: number
  /** Where browsers reach the admin listener; used in links. */
  readonly adminUrl: string
}

/** Runs an operation. Its input is valid and the caller has the right. */
export type Handler<Name extends AdminOperationName> = (
  input: AdminInput<Name>,
  caller: Caller,
  expectation: number | null,
) => Promise<AdminOutput<Name>>

export type Handlers<Name extends AdminOperationName = AdminOperationName> = { readonly [N in Name]: Handler<N> }
