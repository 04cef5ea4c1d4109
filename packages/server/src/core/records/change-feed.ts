import { GatewayError } from '@lobbykey/contract'
import type { Change, ChangeStore, ChangeTopic } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { within } from '../base/within.ts'

/** Re-reads what is held in memory about these subjects; `*` means all of the topic. Must be safe to run twice. */
export type ChangeHandler = (subjects: readonly string[]) => Promise<void>

/** How often a process asks for changes. */
export const pollIntervalMs = 250
/** The promise: a change is known everywhere within this time, or the process refuses to answer from memory. */
export const staleMsMax = 1_000
/** How long a missing number is waited for; longer than any transaction may take. */
const gapMsMax = 10_000
/** Rows of `changes` are swept after an hour; whoever was away for half of it re-reads everything. */
const awayMsMax = 30 * 60_000
const batchMax = 1_000

/**
 * Hears of changes to merchants, keys, catalogue and revocations made by any process on the store.
 *
 * A sequence number is taken before its transaction commits, so a higher one can become visible first. Numbers that are
 * missing are therefore asked for again until they appear or `gapMsMax` has passed (then their transaction was rolled back).
 */
export class ChangeFeed {
  readonly #store: ChangeStore
  readonly #clock: Clock
  readonly #handlers = new Map<ChangeTopic, ChangeHandler[]>()
  /** Every change up to here is known. */
  #lowWater = 0
  /** Known changes above the low-water mark, to the time when they were seen. */
  readonly #seen = new Map<number, number>()
  #freshAt = Number.NEGATIVE_INFINITY
  #polling: Promise<void> | null = null
  #queued: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(options: { store: ChangeStore; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** Every change up to this number is known here. */
  get seq(): number {
    return this.#lowWater
  }

  subscribe(topic: ChangeTopic, handler: ChangeHandler): void {
    const handlers = this.#handlers.get(topic)
    if (handlers === undefined) this.#handlers.set(topic, [handler])
    else handlers.push(handler)
  }

  /** Loads everything once through the handlers, from a known point in the sequence, then follows it. */
  async start(): Promise<void> {
    await this.#reloadAll()
    this.#timer = setInterval(() => {
      // A failed poll shows as staleness; whoever then asks gets `store_unavailable`.
      if (this.#polling === null) this.poll().catch(() => {})
    }, pollIntervalMs).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Resolves when everything committed before the call is known here. */
  poll(): Promise<void> {
    if (this.#polling === null) {
      this.#polling = this.#pollOnce().finally(() => {
        this.#polling = null
      })
      return this.#polling
    }
    // The poll under way may have read before the caller's commit; the one after it has not.
    this.#queued ??= this.#polling
      .catch(() => {})
      .then(() => {
        this.#queued = null
        return this.poll()
      })
    return this.#queued
  }

  /**
   * Whether memory is as fresh as promised; if not, asks the store now, and waits no longer than the promise: a store that hangs is away.
   * @throws GatewayError store_unavailable (as a rejection) when it cannot be read
   */
  assertFresh(): void | Promise<void> {
    const ageMs = this.#clock.now() - this.#freshAt
    if (ageMs >= 0 && ageMs <= staleMsMax) return
    return within(staleMsMax, this.poll()).catch((error: unknown) => {
      throw new GatewayError('store_unavailable', { retryAfterMs: 1_000 }, error)
    })
  }

  async #reloadAll(): Promise<void> {
    const startedAt = this.#clock.now()
    const seq = await this.#store.latestSeq()
    for (const handlers of this.#handlers.values()) for (const handle of handlers) await handle(['*'])
    this.#lowWater = seq
    this.#seen.clear()
    this.#freshAt = startedAt
  }

  async #pollOnce(): Promise<void> {
    const startedAt = this.#clock.now()
    if (startedAt - this.#freshAt > awayMsMax) return this.#reloadAll()
    let after = this.#lowWater
    for (;;) {
      const changes = await this.#store.since(after, batchMax)
      await this.#hand(changes.filter((change) => !this.#seen.has(change.seq)))
      for (const change of changes) if (!this.#seen.has(change.seq)) this.#seen.set(change.seq, startedAt)
      const last = changes.at(-1)
      if (last === undefined || changes.length < batchMax) break
      after = last.seq
    }
    this.#advance(startedAt)
    this.#freshAt = startedAt
  }

  async #hand(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return
    for (const [topic, handlers] of this.#handlers) {
      const subjects = new Set<string>()
      for (const change of changes) if (change.topic === topic) subjects.add(change.subject)
      if (subjects.size > 0) for (const handle of handlers) await handle([...subjects])
    }
  }

  /** Moves the low-water mark over everything seen without a gap, and over gaps that are too old to be filled. */
  #advance(now: number): void {
    for (const seq of [...this.#seen.keys()].sort((a, b) => a - b)) {
      const seenAt = this.#seen.get(seq) ?? now
      if (seq !== this.#lowWater + 1 && now - seenAt < gapMsMax) return
      this.#lowWater = seq
      this.#seen.delete(seq)
    }
  }
}
