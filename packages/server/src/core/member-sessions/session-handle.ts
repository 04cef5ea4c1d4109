import { createHmac, timingSafeEqual } from 'node:crypto'
import type { MemberSession } from '../../store/store.ts'

/** Which session a handle names. */
export interface HandledSession {
  readonly tokenHash: Uint8Array
  /** When the session existed: one that took its token over later is another. */
  readonly seenAt: number
}

const hashBytes = 16
const timeBytes = 6

/**
 * Handles to member sessions, for whoever swapped a token or ticket for one: a lobby's cookie, a game server's reference. A handle names
 * its session under a key of the server and needs no row of its own; whether the session still lives is the store's to say.
 *
 * Form: base64url of token hash (16 bytes), `createdAt` (6), HMAC-SHA256 over both (32): 72 characters, none with bits to spare, so that a
 * handle has one spelling.
 */
export class SessionHandles {
  readonly #key: Uint8Array

  /** @param key a server secret that nothing else uses */
  constructor(key: Uint8Array) {
    this.#key = key
  }

  issue({ tokenHash, createdAt }: Pick<MemberSession, 'tokenHash' | 'createdAt'>): string {
    const time = Buffer.alloc(timeBytes)
    time.writeUIntBE(createdAt, 0, timeBytes)
    const named = Buffer.concat([tokenHash, time])
    return Buffer.concat([named, this.#tagOf(named)]).toString('base64url')
  }

  /** Null for a text that no server on this store issued. */
  find(handle: string): HandledSession | null {
    if (!/^[A-Za-z0-9_-]{72}$/.test(handle)) return null
    const bytes = Buffer.from(handle, 'base64url')
    const named = bytes.subarray(0, hashBytes + timeBytes)
    if (!timingSafeEqual(bytes.subarray(named.length), this.#tagOf(named))) return null
    return { tokenHash: named.subarray(0, hashBytes), seenAt: named.readUIntBE(hashBytes, timeBytes) }
  }

  #tagOf(named: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(named).digest()
  }
}
