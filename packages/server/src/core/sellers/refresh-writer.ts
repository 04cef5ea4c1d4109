import type { SellerTokens } from '@lobbykey/contract'
import type { RefreshRotation, SellerSessionStore } from '../../store/store.ts'
import { type CommitQueue, GroupCommit } from '../base/group-commit.ts'
import type { TokenIssuer } from '../tokens/token-issuer.ts'

/** Largest number of rotations that share one statement; the first of them waits for the signatures of the last. */
const batchMax = 32
/** Rotations waiting to be written: some seconds' worth. */
const queueMax = 4_096

/** A rotation, with the other claims of its tokens. */
export interface Refresh extends RefreshRotation {
  readonly sellerId: string
  readonly successorJti: string
}

/**
 * Writes rotations in groups: one transaction and one sync for all that arrive together. A group keeps its lane until its tokens are signed,
 * so that groups grow when signing is the bottleneck.
 */
export class RefreshWriter {
  readonly #group: GroupCommit<Refresh, SellerTokens | null>

  constructor(store: Pick<SellerSessionStore, 'rotate'>, issuer: TokenIssuer) {
    this.#group = new GroupCommit({
      commit: async (batch) => {
        const expiries = await store.rotate(batch)
        return Promise.all(batch.map((refresh, index) => issue(issuer, refresh, expiries[index] ?? null)))
      },
      keysOf: ({ sid }) => [sid],
      batchMax,
      queueMax,
      // One is written while another is signed.
      lanes: 2,
    })
  }

  get queue(): CommitQueue {
    return this.#group
  }

  /** Resolves with the new pair once durable; null if the token is not the newest. @throws GatewayError queue_full, store_unavailable */
  write(refresh: Refresh): Promise<SellerTokens | null> {
    return this.#group.submit(refresh)
  }
}

async function issue(issuer: TokenIssuer, refresh: Refresh, absoluteExpiresAt: number | null): Promise<SellerTokens | null> {
  return absoluteExpiresAt === null ? null : issuer.issue({ ...refresh, absoluteExpiresAt }, refresh.successorJti)
}
