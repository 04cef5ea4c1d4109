import type { EventInput } from './event-store.ts'

export interface MerchantClockStore {
  /** All, or those of the given merchants, by agentId. */
  load(agentIds?: readonly string[]): Promise<MerchantClock[]>
  note(clocks: readonly MerchantClock[]): Promise<void>
  /** Writes the event unless this merchant has one at or after `unlessSince`; returns whether it did. */
  warn(agentId: string, unlessSince: number, event: EventInput): Promise<boolean>
}

/** How far a merchant's clock is ahead of ours, by its signed timestamps; negative when behind. */
export interface MerchantClock {
  readonly agentId: string
  readonly differenceMs: number
  readonly measuredAt: number
}
