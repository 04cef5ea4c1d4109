import type { SellerSessionStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

/** Above this many changed families, one query for all revoked ones is cheaper than one each. */
const singleReadsMax = 20
const pruneIntervalMs = 60_000

/**
 * Ended token families whose access tokens may be unexpired, in memory. Follows the change topic `seller-session`; ends by this process are
 * added at once.
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

  /** Incremented with every added family. */
  get version(): number {
    return this.#version
  }

  /** The families with unexpired access tokens, and when the last one expires. */
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

  /** Ends families again that a store that went back shows as live. @returns how many */
  writeAgain(): Promise<number> {
    return this.#store.endAgain(
      this.list().map(([sid]) => sid),
      'revoked',
      this.#clock.now(),
    )
  }

  /** Expired tokens are refused anyway, so their families can be forgotten. */
  #prune(): void {
    const now = this.#clock.now()
    if (now < this.#pruneAt) return
    this.#pruneAt = now + pruneIntervalMs
    for (const [sid, accessExpiresAt] of this.#revoked) if (accessExpiresAt <= now) this.#revoked.delete(sid)
  }
}
