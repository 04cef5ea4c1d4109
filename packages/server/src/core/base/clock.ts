/** The only source of time. Injected everywhere, so that tests move it instead of sleeping. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** The clock that all nodes on one store share where they must agree: for deletion and the schedule of signing keys. */
export interface SharedClock {
  /** Milliseconds since 1970-01-01 UTC. Rejects if it cannot be read. */
  read(): Promise<number>
}

/** Uses a node's own clock instead: for the sandbox, whose clock may be offset, and for tests. */
export function sharedAs(clock: Clock): SharedClock {
  return { read: async () => clock.now() }
}
