import type { SellerSessionStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

/** Above this many changed families one query for all that are revoked is cheaper than one each. */
const singleReadsMax = 20
const pruneIntervalMs = 60_000

/**
 * The token families that have ended while an access token of theirs may still be unexpired, in memory. Follows the change topic
 * `seller-session`; what this process ends itself is added at once.
 */
export class Revocations {
  readonly #store: Pick<SellerSessionStore, 'find' | 'listRevoked' | 'endAgain'>
  readonly #clock: Clock
  /** By sid: when its last access token expires. */
  readonly #revoked = new Map<string, number>()
  #pruneAt = 0
  #version = 0

  constructor(options: { store: Pick<SellerSessionStore, 'find' | 'listRevoked' | 'endAgain'>; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  isRevoked(sid: string): boolean {
    return this.#revoked.has(sid)
  }

  /** Counts up with every family added. */
  get version(): number {
    return this.#version
  }

  /** The families whose access tokens have not all expired, and when they will have. */
  list(): [sid: string, accessExpiresAt: number][] {
    const now = this.#clock.now()
    return [...this.#revoked].filter(([, accessExpiresAt]) => accessExpiresAt > now)
  }

  add(sid: string, accessExpiresAt: number): void {
    this.#prune()
    const known = this.#revoked.get(sid) ?? 0
    if (accessExpiresAt <= known) return
    this.#revoked.set(sid, accessExpiresAt)
    this.#version += 1
  }

  /** Re-reads families that changed; `*` for all. Handler of the change topic. */
  async reload(sids: readonly string[]): Promise<void> {
    if (sids.includes('*') || sids.length > singleReadsMax) {
      for (const { sid, accessExpiresAt } of await this.#store.listRevoked(this.#clock.now())) this.add(sid, accessExpiresAt)
      return
    }
    for (const sid of sids) {
      const session = await this.#store.find(sid)
      if (session !== null && session.endedAt !== null) this.add(sid, session.accessExpiresAt)
    }
  }

  /** Ends again the families that a store which went back shows as live; says how many. */
  writeAgain(): Promise<number> {
    return this.#store.endAgain(
      this.list().map(([sid]) => sid),
      'revoked',
      this.#clock.now(),
    )
  }

  /** An expired token is refused as expired, so its family need not be remembered. */
  #prune(): void {
    const now = this.#clock.now()
    if (now < this.#pruneAt) return
    this.#pruneAt = now + pruneIntervalMs
    for (const [sid, accessExpiresAt] of this.#revoked) if (accessExpiresAt <= now) this.#revoked.delete(sid)
  }
}
