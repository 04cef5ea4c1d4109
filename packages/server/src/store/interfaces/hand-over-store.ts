import type { EventInput } from './event-store.ts'

/** Secrets that wait for whoever has their link. */
export interface HandOverStore {
  add(handOver: HandOverRecord, event: EventInput): Promise<void>
  /** Takes it out, for one caller of many; null when it is not there or over. Its event is that of `eventOf`. */
  take(tokenHash: Uint8Array, now: number, eventOf: (handOver: HandOverRecord) => EventInput): Promise<HandOverRecord | null>
}

export interface HandOverRecord {
  readonly id: string
  readonly tokenHash: Uint8Array
  readonly sealedSecret: Uint8Array
  /** What the secret is, in words for whoever opens the link. */
  readonly what: string
  /** Null where it is no merchant's. */
  readonly agentId: string | null
  readonly createdAt: number
  readonly expiresAt: number
}
