import type { EventRecord } from './event-store.ts'

/** Seals over events, and the events they cover. */
export interface SealStore {
  last(): Promise<SealRecord | null>
  /** By number, starting after `after`. */
  list(page: { readonly after: number; readonly limit: number }): Promise<SealRecord[]>
  /** False when another process has written this number. */
  append(seal: SealRecord): Promise<boolean>
  /** The highest event number; 0 when there is none. */
  newestEvent(): Promise<number>
  /** Events in the range, by number. */
  events(range: { readonly after: number; readonly until: number; readonly limit: number }): Promise<EventRecord[]>
}

export interface SealRecord {
  /** From 1, without gaps. */
  readonly number: number
  readonly at: number
  /** First and last event number covered; the last one exists. */
  readonly firstId: number
  readonly lastId: number
  /** Merkle root (RFC 6962) over the leaves, hex. */
  readonly root: string
  /** Digest of the previous seal, hex; empty for the first. */
  readonly previous: string
  /** Ed25519 over all of the above, base64. */
  readonly signature: string
  /** For each event its number (8 bytes) and salted digest (32). */
  readonly leaves: Uint8Array
}
