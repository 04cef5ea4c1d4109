/** The only source of time. Injected everywhere, so that tests move it instead of sleeping. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** The time that all nodes on one store go by where they must agree: what is deleted, and when signing keys come and go. */
export interface SharedClock {
  /** Milliseconds since 1970-01-01 UTC. Rejects when there is no telling. */
  read(): Promise<number>
}

/** A node's own clock in that place: in the sandbox, whose clock may be offset, and in tests. */
export function sharedAs(clock: Clock): SharedClock {
  return { read: async () => clock.now() }
}
