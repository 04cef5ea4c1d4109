import type { EventInput } from './event-store.ts'

export interface RefusalStore {
  /** Writes each or, where it is there already, what it stands for by now: to write one twice is as good as once. */
  put(refusals: readonly RefusalRecord[]): Promise<void>
  /** Newest first, from `before` on. */
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
 * Calls that were refused alike within a minute. Unlike an event it has an end. `agentId` is a merchant that there is, `subject` somebody who
 * was known or had proved themselves; `address` an IPv4 address or the /64 of an IPv6 one; `requestId` the first call's.
 */
export interface RefusalRecord extends Omit<EventInput, 'actor'> {
  /** Given by the process that writes it, in order. */
  readonly id: string
  readonly count: number
  /** When the last of them was; `at` is the first. */
  readonly lastAt: number
  readonly expiresAt: number
}
