import type { EventInput } from './event-store.ts'

export interface ThrottleStore {
  read(keys: readonly string[]): Promise<Throttle[]>
  /** Unexpired counters by key, starting after `after`. */
  list(page: { readonly now: number; readonly limit: number; readonly after?: string | undefined }): Promise<Throttle[]>
  /** Counts one failure, or `count`, for each key, atomically, and moves `tat` to max(tat, now) + `tatStepMs`. */
  fail(keys: readonly string[], failure: ThrottleFailure, event?: EventInput): Promise<void>
  clear(keys: readonly string[], event?: EventInput): Promise<void>
  /** Clears a counter that has fewer failures than this. */
  clearBelow(key: string, failures: number): Promise<void>
}

export interface ThrottleFailure {
  readonly now: number
  readonly tatStepMs: number
  readonly expiresAt: number
  readonly count?: number
}

/** Counters of wrong passwords. Survive a restart; keys are hashes of accounts and addresses. */
export interface Throttle {
  readonly key: string
  /** Consecutive failures. */
  readonly failures: number
  readonly lastFailedAt: number
  /** Theoretical arrival time (GCRA), ms. */
  readonly tat: number
}
