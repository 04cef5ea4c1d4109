import type { EventInput } from './event-store.ts'

/** Secrets waiting to be collected through their link. */
export interface HandOverStore {
  add(handOver: HandOverRecord, event: EventInput): Promise<void>
  /** Removes and returns it, for one of many callers; null when it does not exist or has expired. `eventOf` makes its event. */
  take(tokenHash: Uint8Array, now: number, eventOf: (handOver: HandOverRecord) => EventInput): Promise<HandOverRecord | null>
  /** Removes one that was opened before; false when it is not there. */
  remove(id: string, event: EventInput): Promise<boolean>
}

export interface HandOverRecord {
  readonly id: string
  readonly tokenHash: Uint8Array
  readonly sealedSecret: Uint8Array
  /** Describes the secret to the recipient. */
  readonly what: string
  /** Null when it belongs to no merchant. */
  readonly agentId: string | null
  readonly createdAt: number
  readonly expiresAt: number
}
