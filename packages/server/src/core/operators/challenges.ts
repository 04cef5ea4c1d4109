import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { randomSecret } from '../base/random.ts'

/** How long a browser has to answer, ms. */
const challengeMs = 300_000
const nonceBytes = 16
const timeBytes = 6
const macBytes = 32

/**
 * Challenges that passkeys sign. A challenge contains its expiry and is authenticated, so that requests from strangers need no storage. The store
 * makes sure that each is answered only once.
 */
export class Challenges {
  readonly #secret: Uint8Array
  readonly #clock: Clock

  constructor(options: { readonly secret: Uint8Array; readonly clock: Clock }) {
    this.#secret = options.secret
    this.#clock = options.clock
  }

  /** @param purpose what an answer may be used for */
  make(purpose: string): Uint8Array<ArrayBuffer> {
    const head = Buffer.alloc(nonceBytes + timeBytes)
    head.set(randomSecret(nonceBytes))
    head.writeUIntBE(this.#clock.now() + challengeMs, nonceBytes, timeBytes)
    return new Uint8Array(Buffer.concat([head, this.#mac(head, purpose)]))
  }

  /** Whether it is ours, for this purpose, and not expired. @param text base64url */
  isGood(text: string, purpose: string): boolean {
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.length !== nonceBytes + timeBytes + macBytes) return false
    const head = bytes.subarray(0, nonceBytes + timeBytes)
    const isOurs = timingSafeEqual(bytes.subarray(head.length), this.#mac(head, purpose))
    return isOurs && this.#clock.now() < head.readUIntBE(nonceBytes, timeBytes)
  }

  /** What the store keeps of an answered challenge, and until when. */
  spent(text: string): { readonly challengeHash: Uint8Array; readonly challengeExpiresAt: number } {
    return { challengeHash: digest('sha256', text), challengeExpiresAt: this.#clock.now() + challengeMs }
  }

  #mac(head: Uint8Array, purpose: string): Buffer {
    return createHmac('sha256', this.#secret).update(head).update(purpose).digest()
  }
}
