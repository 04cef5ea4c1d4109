import type { EventInput } from './event-store.ts'

export interface RefusalStore {
  /** Inserts or replaces each row, so that a repeated write is harmless. */
  put(refusals: readonly RefusalRecord[]): Promise<void>
  /** Newest first, starting at `before`. */
  list(filter: {
    kind?: string | undefined
    agentId?: string | undefined
    agentIds?: readonly string[] | undefined
    subject?: string | undefined
    since?: number | undefined
    until?: number | undefined
    before?: Pick<RefusalRecord, 'at' | 'id'> | undefined
    limit: number
  }): Promise<RefusalRecord[]>
}

/**
 * Identical refusals within a minute. Unlike an event it has an end. `agentId` is an existing merchant, `subject` somebody known or proven; `address`
 * an IPv4 address or an IPv6 /64; `requestId` the first call's.
 */
export interface RefusalRecord extends Omit<EventInput, 'actor'> {
  /** Assigned in order by the writing process. */
  readonly id: string
  readonly count: number
  /** Time of the last one; `at` is the first. */
  readonly lastAt: number
  readonly expiresAt: number
}
