import type { Histogram } from '../../core/base/histogram.ts'

/** `read`: one statement, or several that only read. `login`: a batch of member logins. */
export type StoreOperation = 'read' | 'transaction' | 'login'

/** Statistics on this process's store operations since it opened the store. */
export interface StoreUsage {
  /** By kind, including the wait for a connection and retries. */
  readonly durationsMs: Readonly<Record<StoreOperation, Histogram>>
  /** `unavailable`: the store failed. `fault`: we did. */
  readonly errors: Readonly<Record<'unavailable' | 'fault', number>>
  /** Null without a pool (SQLite). */
  connections(): StoreConnections | null
}

/** Connections of this process to the database. */
export interface StoreConnections {
  readonly idle: number
  readonly inUse: number
  readonly opening: number
  /** Abandoned, and not closed by the server yet. */
  readonly closing: number
  readonly max: number
  /** Callers waiting for a connection. */
  readonly waiting: number
}
