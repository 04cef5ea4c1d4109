import type { EventInput, LogPage } from './event-store.ts'

export interface RefusalStore {
  /** Inserts or replaces each row, so that a repeated write is harmless. */
  put(refusals: readonly RefusalRecord[]): Promise<void>
  /** Newest first, starting at `before`, however far it has to look. */
  list(filter: RefusalFilter): Promise<RefusalRecord[]>
  /** Likewise, but looks at a bounded number of rows. */
  search(filter: RefusalFilter): Promise<LogPage<RefusalRecord, RefusalPlace>>
}

export interface RefusalFilter {
  readonly kind?: string | undefined
  readonly agentId?: string | undefined
  readonly agentIds?: readonly string[] | undefined
  readonly subject?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly before?: RefusalPlace | undefined
  readonly limit: number
}

export type RefusalPlace = Pick<RefusalRecord, 'at' | 'id'>

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
