import { GatewayError } from '@lobbykey/contract'
import type { Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { StoreBreak } from './change-feed.ts'

export interface StoreRecoveryOptions {
  readonly store: Pick<Store, 'changes' | 'events' | 'meta'>
  readonly clock: Clock
  /** The `detail` of the change that marks the break for other processes. */
  readonly detail: () => string
  /** Start of this process's memory of what ended, ms. */
  readonly remembersSince: () => number
  readonly onRecovered: (report: RecoveryReport) => void
}

export interface RecoveryReport extends StoreBreak {
  /** How many of each kind were rewritten. */
  readonly written: Readonly<Record<string, number>>
  /** ISO 8601. Earlier ends that memory does not hold for another reason may be lost. */
  readonly remembersSince: string
}

/** Rewrites what it can and returns how many. Runs in several processes at once, and may run again. */
export type WriteAgain = () => Promise<number>

/** The name in `meta` whose value differs in every store. */
const identityName = 'master-key-check'

/**
 * What a process does when the store has gone back: it rewrites everything it knows to be ended, disabled or retired, and drops nothing.
 * The restore procedure (docs/operations.md) covers what no process remembers.
 */
export class StoreRecovery {
  readonly #options: StoreRecoveryOptions
  readonly #kinds = new Map<string, WriteAgain>()
  #identity: Uint8Array | null = null

  constructor(options: StoreRecoveryOptions) {
    this.#options = options
  }

  /** Rewrites happen in the order of these calls. @param kind as the event counts it */
  remember(kind: string, writeAgain: WriteAgain): void {
    this.#kinds.set(kind, writeAgain)
  }

  /** Identifies the store once, before anything is served. */
  async start(): Promise<void> {
    this.#identity = await this.#options.store.meta.find(identityName)
  }

  /** @throws GatewayError store_unavailable, also when the store is a different one */
  async run(found: StoreBreak): Promise<void> {
    const { store, clock, detail, remembersSince, onRecovered } = this.#options
    await this.#verifyIdentity()
    await store.changes.resumeAfter(found.knownSeq, { at: clock.now(), detail: detail() })
    const written: Record<string, number> = {}
    let total = 0
    for (const [kind, writeAgain] of this.#kinds) {
      const count = await writeAgain()
      written[kind] = count
      total += count
    }
    // The row may have been swept and nothing was lost: not worth an alarm.
    if (!found.isCertain && total === 0) return
    const report = { ...found, written, remembersSince: new Date(remembersSince()).toISOString() }
    await store.events.append([{ at: clock.now(), kind: 'store.went_back', surface: 'server', details: { ...report } }])
    onRecovered(report)
  }

  async #verifyIdentity(): Promise<void> {
    const identity = await this.#options.store.meta.find(identityName)
    const isSame = identity !== null && this.#identity !== null && Buffer.compare(identity, this.#identity) === 0
    if (!isSame) throw new GatewayError('store_unavailable', { retryAfterMs: 5_000 }, new Error('another store is in this one’s place'))
  }
}
