export interface ThrottleStore {
  read(keys: readonly string[]): Promise<Throttle[]>
  /** Counts one failure, or `count`, for each key, atomically, and moves `tat` to max(tat, now) + `tatStepMs`. */
  fail(keys: readonly string[], failure: { now: number; tatStepMs: number; expiresAt: number; count?: number }): Promise<void>
  clear(keys: readonly string[]): Promise<void>
}

/** Counters of wrong passwords. They survive a restart; keys are hashes of accounts and addresses. */
export interface Throttle {
  readonly key: string
  /** Wrong tries in a row. */
  readonly failures: number
  readonly lastFailedAt: number
  /** Theoretical arrival time (GCRA), ms. */
  readonly tat: number
}
