import type { AccessTokenUse, SellerSessionStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { jtiHash } from './token-issuer.ts'
import type { TokenClaims } from './token-verifier.ts'

const flushIntervalMs = 1_000
/** Most uses waiting to be written; others are dropped. */
const pendingMax = 10_000

export interface AccessTokenUsesOptions {
  readonly store: Pick<SellerSessionStore, 'noteAccessTokenUses'>
  readonly clock: Clock
  /** How long after its issue a token's use matters, ms. */
  readonly askedMs: number
  readonly onError: (error: unknown) => void
}

/**
 * Records in the background which access tokens have been presented: their bearer has received the pair, so the old refresh token need not
 * be honoured for a lost answer any more (check 19).
 */
export class AccessTokenUses {
  readonly #options: AccessTokenUsesOptions
  /** By sid; only the newest of a family matters. */
  #pending = new Map<string, AccessTokenUse & { readonly issuedAt: number }>()
  #flushing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(options: AccessTokenUsesOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  note({ sid, jti, issuedAt }: Pick<TokenClaims, 'sid' | 'jti' | 'issuedAt'>): void {
    if (this.#options.clock.now() - issuedAt > this.#options.askedMs) return
    const known = this.#pending.get(sid)
    if (known === undefined ? this.#pending.size >= pendingMax : known.issuedAt > issuedAt) return
    this.#pending.set(sid, { sid, accessHash: jtiHash(jti), issuedAt })
  }

  /** Resolves when all earlier uses are written or have failed. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write())
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return
    const uses = this.#pending
    this.#pending = new Map()
    try {
      await this.#options.store.noteAccessTokenUses([...uses.values()])
    } catch (error) {
      for (const [sid, use] of uses) if (!this.#pending.has(sid) && this.#pending.size < pendingMax) this.#pending.set(sid, use)
      this.#options.onError(error)
    }
  }
}
