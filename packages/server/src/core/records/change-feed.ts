import { GatewayError } from '@lobbykey/contract'
import type { Change, ChangeStore, ChangeTopic } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { within } from '../base/within.ts'

/** Reloads what memory holds about these subjects; `*` means the whole topic. Must be safe to run twice. */
export type ChangeHandler = (subjects: readonly string[]) => Promise<void>

/** How often a process polls for changes. */
const pollIntervalMs = 250
/** A change is known everywhere within this time, or the process refuses to answer from memory. */
const staleMsMax = 1_000
/** How long to wait for a missing number; longer than any transaction may take. */
const gapMsMax = 10_000
/** Rows of `changes` may be swept after an hour; a process away for half of that reloads everything. */
const awayMsMax = 30 * 60_000
const batchMax = 1_000

/** The store is not what it was: a restored backup, or a standby promoted without the last changes. */
export interface StoreBreak {
  /** The highest change known here. */
  readonly knownSeq: number
  /** The highest change in the store. */
  readonly storeSeq: number
  /** False: the row of this process's last known change may have been swept while it was away. */
  readonly isCertain: boolean
}

export interface ChangeFeedOptions {
  readonly store: Pick<ChangeStore, 'latestSeq' | 'since'>
  readonly clock: Clock
  /** Rewrites what this process knows and the store may have lost, before everything is reloaded. Called again until it resolves. */
  readonly onBreak?: (found: StoreBreak) => Promise<void>
}

/**
 * Follows changes to merchants, keys, catalogue and revocations made by any process on the store.
 *
 * Each poll checks that the rows it has read are unchanged, by number, time and content: everything else in a restored store goes back with it, so
 * nothing else would show it. If they differ, nothing is answered from memory until `onBreak` has resolved and everything is reloaded.
 *
 * A sequence number is taken before its transaction commits, so a higher one can become visible first. Missing numbers are therefore polled again
 * until they appear or `gapMsMax` has passed (their transaction was rolled back).
 */
export class ChangeFeed {
  readonly #store: ChangeFeedOptions['store']
  readonly #clock: Clock
  readonly #onBreak: (found: StoreBreak) => Promise<void>
  readonly #listeners: ((changes: readonly Change[]) => void)[] = []
  readonly #handlers = new Map<ChangeTopic, ChangeHandler[]>()
  /** Every change up to this number is known. */
  #lowWater = 0
  /** The row of that number as it was read; null when there was none yet. */
  #standing: Change | null = null
  /** Known changes above the low-water mark, with the time each was seen. */
  readonly #seen = new Map<number, { readonly change: Change; readonly at: number }>()
  /** This process's own changes that no poll has read yet. */
  readonly #written = new Map<number, Change>()
  #freshAt = Number.NEGATIVE_INFINITY
  /** A break was found for certain and is not repaired yet. */
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

  /** Upper bound for the age of what memory holds, ms. */
  get ageMs(): number {
    return this.#clock.now() - this.#freshAt
  }

  subscribe(topic: ChangeTopic, handler: ChangeHandler): void {
    const handlers = this.#handlers.get(topic)
    if (handlers === undefined) this.#handlers.set(topic, [handler])
    else handlers.push(handler)
  }

  /** Calls the listener with every change, before the handlers reload. */
  listen(listener: (changes: readonly Change[]) => void): void {
    this.#listeners.push(listener)
  }

  /** Adds changes of this process, which a later poll has to find. */
  expect(changes: readonly Change[]): void {
    for (const change of changes) this.#written.set(change.seq, change)
  }

  /** Loads everything once through the handlers, from a known point in the sequence, then follows it. */
  async start(): Promise<void> {
    await this.#reloadAll()
    this.#timer = setInterval(() => {
      // A failed poll shows up as stale memory: callers get `store_unavailable`.
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
    // The poll in progress may have read before the caller's commit; the next one reads after it.
    this.#queued ??= this.#polling
      .catch(() => {})
      .then(() => {
        this.#queued = null
        return this.poll()
      })
    return this.#queued
  }

  /**
   * Checks that memory is fresh enough; if not, polls now, and waits no longer than `staleMsMax`: a store that hangs counts as unavailable.
   * @throws GatewayError store_unavailable (as a rejection) when the store cannot be read
   */
  assertFresh(): void | Promise<void> {
    const ageMs = this.#clock.now() - this.#freshAt
    if (ageMs >= 0 && ageMs <= staleMsMax) return
    const late = () => new Error(`the store did not answer within ${staleMsMax} ms`)
    return within(staleMsMax, this.poll(), late).catch((error: unknown) => {
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
    // Both may hold more than a call takes arguments.
    let highest = this.#lowWater
    for (const known of [this.#seen, this.#written]) for (const seq of known.keys()) highest = Math.max(highest, seq)
    return highest
  }

  async #pollOnce(): Promise<void> {
    const startedAt = this.#clock.now()
    const wasAway = startedAt - this.#freshAt > awayMsMax
    // Taken before the query: its answer need not contain what is written meanwhile.
    const known = this.#known()
    let after = this.#lowWater - 1
    for (;;) {
      const changes = await this.#store.since(after, batchMax)
      const isLast = changes.length < batchMax
      const end = isLast ? Number.POSITIVE_INFINITY : (changes.at(-1)?.seq ?? after)
      if (!holdsAll(known, changes, after, end)) return this.#recover(this.#isBroken || !wasAway)
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

  /** Rows that the store must have. */
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

  /** Moves the low-water mark past everything seen without a gap, and past gaps too old to be filled. */
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

/** Whether the known changes between the two numbers are exactly those among these rows. */
function holdsAll(known: readonly Change[], changes: readonly Change[], after: number, end: number): boolean {
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
