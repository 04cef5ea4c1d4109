import { createHmac, timingSafeEqual } from 'node:crypto'
import type { MemberSession } from '../../store/store.ts'

/** The session that a handle names. */
export interface HandledSession {
  readonly tokenHash: Uint8Array
  /** When the session existed; a later session with the same token is another one. */
  readonly seenAt: number
}

const hashBytes = 16
const timeBytes = 6

/**
 * Handles to member sessions, exchanged for a token or ticket: a lobby's cookie, a game server's reference. A handle identifies its session
 * under a server key, without a row of its own; the store knows whether the session is still live.
 *
 * Form: base64url of token hash (16 bytes), `createdAt` (6), HMAC-SHA256 over both (32): 72 characters without spare bits, so that a handle
 * has one spelling.
 */
export class SessionHandles {
  readonly #key: Uint8Array

  /** @param key a server secret used for nothing else */
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
