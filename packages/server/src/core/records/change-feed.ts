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
/** Rows of `changes` may be swept after an hour; whoever was away for half of it re-reads everything. */
const awayMsMax = 30 * 60_000
const batchMax = 1_000

/** A store that is not what it was: a restored backup, or a standby that took over without the last changes. */
export interface StoreBreak {
  /** The highest change that is known here. */
  readonly knownSeq: number
  /** The highest one that the store has. */
  readonly storeSeq: number
  /** False: the row that this process stood on may have been swept while it was away. */
  readonly isCertain: boolean
}

export interface ChangeFeedOptions {
  readonly store: Pick<ChangeStore, 'latestSeq' | 'since'>
  readonly clock: Clock
  /** Writes again what this process knows and the store may not, before all is read anew. Asked again until it resolves. */
  readonly onBreak?: (found: StoreBreak) => Promise<void>
}

/**
 * Hears of changes to merchants, keys, catalogue and revocations made by any process on the store.
 *
 * Each poll sees whether the rows that it has read are still what they were: by number, time and content, because whatever else a store keeps goes
 * back with it. If not, nothing is answered from memory until `onBreak` is through and everything has been read anew.
 *
 * A sequence number is taken before its transaction commits, so a higher one can become visible first. Numbers that are
 * missing are therefore asked for again until they appear or `gapMsMax` has passed (then their transaction was rolled back).
 */
export class ChangeFeed {
  readonly #store: ChangeFeedOptions['store']
  readonly #clock: Clock
  readonly #onBreak: (found: StoreBreak) => Promise<void>
  readonly #listeners: ((changes: readonly Change[]) => void)[] = []
  readonly #handlers = new Map<ChangeTopic, ChangeHandler[]>()
  /** Every change up to here is known. */
  #lowWater = 0
  /** The row there, as it was read; null where there was none yet. */
  #standing: Change | null = null
  /** Known changes above the low-water mark, and when they were seen. */
  readonly #seen = new Map<number, { readonly change: Change; readonly at: number }>()
  /** Changes of this process's own that no poll has read yet. */
  readonly #written = new Map<number, Change>()
  #freshAt = Number.NEGATIVE_INFINITY
  /** Whether a break was found for certain and has not been mended yet. */
  #isBroken = false
  #polling: Promise<void> | null = null
  #queued: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(options: ChangeFeedOptions) {
    this.#store = options.store
    this.#clock = options.clock
    this.#onBreak = options.onBreak ?? (async () => {})
  }

  /** Every change up to this number is known here. */
  get seq(): number {
    return this.#lowWater
  }

  /** How old what is in memory may be, ms. */
  get ageMs(): number {
    return this.#clock.now() - this.#freshAt
  }

  subscribe(topic: ChangeTopic, handler: ChangeHandler): void {
    const handlers = this.#handlers.get(topic)
    if (handlers === undefined) this.#handlers.set(topic, [handler])
    else handlers.push(handler)
  }

  /** Is told of every change, before the handlers re-read. */
  listen(listener: (changes: readonly Change[]) => void): void {
    this.#listeners.push(listener)
  }

  /** Changes of this process's own, which a later poll has to find. */
  expect(changes: readonly Change[]): void {
    for (const change of changes) this.#written.set(change.seq, change)
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
    const [newest] = await this.#store.since(seq - 1, 1)
    for (const handlers of this.#handlers.values()) for (const handle of handlers) await handle(['*'])
    this.#lowWater = newest?.seq ?? seq
    this.#standing = newest ?? null
    this.#seen.clear()
    this.#forgetWritten()
    this.#isBroken = false
    this.#freshAt = startedAt
  }

  async #recover(isCertain: boolean): Promise<void> {
    this.#freshAt = Number.NEGATIVE_INFINITY
    this.#isBroken = isCertain
    await this.#onBreak({ knownSeq: this.#knownSeq(), storeSeq: await this.#store.latestSeq(), isCertain })
    await this.#reloadAll()
  }

  #knownSeq(): number {
    return Math.max(this.#lowWater, ...this.#seen.keys(), ...this.#written.keys())
  }

  async #pollOnce(): Promise<void> {
    const startedAt = this.#clock.now()
    const wasAway = startedAt - this.#freshAt > awayMsMax
    // Before the store is asked: what is written meanwhile need not be in its answer.
    const known = this.#known()
    let after = this.#lowWater - 1
    for (;;) {
      const changes = await this.#store.since(after, batchMax)
      const isLast = changes.length < batchMax
      const end = isLast ? Number.POSITIVE_INFINITY : (changes.at(-1)?.seq ?? after)
      if (!stands(known, changes, after, end)) return this.#recover(this.#isBroken || !wasAway)
      if (wasAway) return this.#reloadAll()
      const fresh = changes.filter(({ seq }) => seq > this.#lowWater && !this.#seen.has(seq))
      await this.#hand(fresh)
      for (const change of fresh) {
        this.#seen.set(change.seq, { change, at: startedAt })
        this.#written.delete(change.seq)
      }
      if (isLast) break
      after = end
    }
    this.#advance(startedAt)
    this.#freshAt = startedAt
  }

  /** The rows that the store has to have. */
  #known(): Change[] {
    const seen = [...this.#seen.values()].map(({ change }) => change)
    return [...(this.#standing === null ? [] : [this.#standing]), ...seen, ...this.#written.values()]
  }

  #forgetWritten(): void {
    for (const seq of this.#written.keys()) if (seq <= this.#lowWater) this.#written.delete(seq)
  }

  async #hand(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return
    for (const listener of this.#listeners) listener(changes)
    for (const [topic, handlers] of this.#handlers) {
      const subjects = new Set<string>()
      for (const change of changes) if (change.topic === topic) subjects.add(change.subject)
      if (subjects.size > 0) for (const handle of handlers) await handle([...subjects])
    }
  }

  /** Moves the low-water mark over everything seen without a gap, and over gaps that are too old to be filled. */
  #advance(now: number): void {
    for (const [seq, { change, at }] of [...this.#seen].sort(([a], [b]) => a - b)) {
      if (seq !== this.#lowWater + 1 && now - at < gapMsMax) break
      this.#lowWater = seq
      this.#standing = change
      this.#seen.delete(seq)
    }
    this.#forgetWritten()
  }
}

/** Whether what is known, from after one number up to another, is among these rows, and the same. */
function stands(known: readonly Change[], changes: readonly Change[], after: number, end: number): boolean {
  const found = new Map(changes.map((change) => [change.seq, change]))
  return known.every((change) => change.seq <= after || change.seq > end || isSame(change, found.get(change.seq)))
}

function isSame(known: Change, found: Change | undefined): boolean {
  return (
    found !== undefined &&
    known.at === found.at &&
    known.topic === found.topic &&
    known.subject === found.subject &&
    known.detail === found.detail
  )
}
