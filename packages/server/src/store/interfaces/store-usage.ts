import type { Histogram } from '../../core/base/histogram.ts'

/** `read`: one statement, or several that only read. `login`: a batch of member logins. */
export type StoreOperation = 'read' | 'transaction' | 'login'

/** What this process has asked of the store since it opened it. */
export interface StoreUsage {
  /** By kind, with the wait for a connection and with what was tried again. */
  readonly durationsMs: Readonly<Record<StoreOperation, Histogram>>
  /** `unavailable`: the store's trouble. `fault`: ours. */
  readonly errors: Readonly<Record<'unavailable' | 'fault', number>>
  /** Null where there is no pool: SQLite. */
  connections(): StoreConnections | null
}

/** Connections of this process to the database. */
export interface StoreConnections {
  readonly idle: number
  readonly inUse: number
  readonly opening: number
  /** Given up, and not closed by the server yet. */
  readonly closing: number
  readonly max: number
  /** Callers that wait for one. */
  readonly waiting: number
}
