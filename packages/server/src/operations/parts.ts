import type { AdminInput, AdminOperationName, AdminOutput } from '@lobbykey/contract/admin'
import type { Clock, SharedClock } from '../core/base/clock.ts'
import type { Sealer } from '../core/base/sealer.ts'
import type { ExplainInput, Explanation } from '../core/explain/explain-signature.ts'
import type { ThrottleSettings } from '../core/passwords/login-throttle.ts'
import type { PasswordCost } from '../core/passwords/password-hasher.ts'
import type { Store } from '../store/store.ts'
import type { Caller } from './caller.ts'

/** What operations stand on, wherever they run: in a server, or in the command line beside the store. */
export interface OperationParts {
  readonly store: Store
  readonly clock: Clock
  readonly shared: SharedClock
  /** Rejects where there is no master key, or it is not the store's. */
  readonly sealer: () => Promise<Sealer>
  /** In a thread of its own where a server serves beside it. */
  readonly explain: (input: ExplainInput, agentId: string) => Promise<Explanation>
  /** Keys that stand in documents, which people sign with by mistake. */
  readonly publishedKeys: readonly string[]
  /** Where sellers reach the server. Rejects where nothing says so. */
  readonly publicUrl: () => Promise<string>
  readonly settings: OperationSettings
  /** Whether nothing stays of what is done. */
  readonly isRehearsal?: boolean
}

/** The server's settings that answers depend on. */
export interface OperationSettings extends PasswordCost, ThrottleSettings {
  /** Whether the server has a lobby page for merchants without a lobby URL. */
  readonly lobbyPage: boolean
  readonly tokenKeyBits: number
  readonly keyPublishSeconds: number
  /** 0: by hand only. */
  readonly keyRotationDays: number
  /** Where browsers reach the admin listener, for links. */
  readonly adminUrl: string
}

/** How an operation is done. Input is within its schema and the caller has the right. */
export type Handler<Name extends AdminOperationName> = (
  input: AdminInput<Name>,
  caller: Caller,
  expectation: number | null,
) => Promise<AdminOutput<Name>>

export type Handlers<Name extends AdminOperationName = AdminOperationName> = { readonly [N in Name]: Handler<N> }
