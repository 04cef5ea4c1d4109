import type { EventInput } from './event-store.ts'

export interface MerchantClockStore {
  /** All, or those of the merchants named. Ordered by agentId. */
  load(agentIds?: readonly string[]): Promise<MerchantClock[]>
  note(clocks: readonly MerchantClock[]): Promise<void>
  /** Writes the event, unless one was written for this merchant at or after `unlessSince`; says whether it did. */
  warn(agentId: string, unlessSince: number, event: EventInput): Promise<boolean>
}

/** How far a merchant's clock is ahead of ours, by the timestamps that it signed; negative when it is behind. */
export interface MerchantClock {
  readonly agentId: string
  readonly differenceMs: number
  readonly measuredAt: number
}
