import type { EventRecord } from './event-store.ts'

/** Seals over events, and the events as seals see them. */
export interface SealStore {
  last(): Promise<SealRecord | null>
  /** By number, from after that one on. */
  list(page: { readonly after: number; readonly limit: number }): Promise<SealRecord[]>
  /** False when another process has written one of this number. */
  append(seal: SealRecord): Promise<boolean>
  /** The greatest number of an event; 0 when there is none. */
  newestEvent(): Promise<number>
  /** Events after the one to the other, by number. */
  events(range: { readonly after: number; readonly until: number; readonly limit: number }): Promise<EventRecord[]>
}

export interface SealRecord {
  /** From 1, without gaps. */
  readonly number: number
  readonly at: number
  /** The events from this number to that one, of which the last is there. */
  readonly firstId: number
  readonly lastId: number
  /** Merkle root (RFC 6962) over the leaves, hex. */
  readonly root: string
  /** Digest of the seal before, hex; empty for the first. */
  readonly previous: string
  /** Ed25519 over all of the above, base64. */
  readonly signature: string
  /** An event's number (8 bytes) and salted digest (32) each. */
  readonly leaves: Uint8Array
}
