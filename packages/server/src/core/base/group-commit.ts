import { setImmediate as nextTurn } from 'node:timers/promises'
import { GatewayError, isGatewayError } from '@lobbykey/contract'
import { arrivals } from './arrivals.ts'
import { Buckets, durationBoundsMs } from './histogram.ts'

export interface GroupCommitOptions<Item, Outcome> {
  /** Writes a batch in one transaction and answers in its order. */
  readonly commit: (batch: readonly Item[]) => Promise<readonly (Outcome | Retry)[]>
  /** Keys that no two items of one batch may share. Those that share one by chance only wait for each other. */
  readonly keysOf: (item: Item) => readonly BatchKey[]
  readonly batchMax: number
  /** Items waiting beyond this are refused at once with `queue_full`. */
  readonly queueMax: number
  /** Batches under way at once. */
  readonly lanes: number
  /** A commit holds up the event loop: connections that are coming in at the moment are let in before it. */
  readonly holdsLoop?: boolean
}

/** Numbers where there may be thousands a second: a string made for the purpose costs ten times as much to look up. */
export type BatchKey = string | number

/** What `commit` answers for an item that lost a race it could not see: it goes into a later batch. */
export type Retry = 'retry'

const attemptsMax = 6
const tickMs = 250
/** An item that no lane has taken by then is refused, where nothing else was written in that time either: 1.5 s, and then the store's three. */
const stuckTicksMax = 6
/** By then its caller has had an answer. */
const ticksMax = 18
/** Turns of the event loop in which a batch lets connections in before it, and how long in all, ms. */
const yieldsMax = 32
const yieldMsMax = 10
/** A batch that lanes share out is not made smaller than this: a commit for two or three would cost more than it wins. */
const shareMin = 8

/** Of batches since this process started. */
export interface CommitUsage {
  readonly batchSizes: Buckets
  /** How long the first of each batch has waited for it, ms. */
  readonly waitsMs: Buckets
  /** Of those that were written. */
  readonly commitsMs: Buckets
}

/** What is seen of a group commit from outside. */
export interface CommitQueue {
  readonly usage: CommitUsage
  readonly waiting: number
}

/** Powers of two up to the largest batch that anyone writes. */
const sizeBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const

interface Waiting<Item, Outcome> {
  readonly item: Item
  readonly keys: readonly BatchKey[]
  attempts: number
  /** Ticks that it has waited. */
  ticks: number
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets concurrent writes share one statement and one sync. An item is answered only after its batch is durable; one that
 * comes alone is written at the end of its event-loop turn and waits for nobody.
 *
 * A batch that fails is retried item by item, so that one bad row fails alone; a store that is away fails them all at once, and those that
 * wait behind it after a second and a half.
 */
export class GroupCommit<Item, Outcome> implements CommitQueue {
  readonly usage: CommitUsage = {
    batchSizes: new Buckets(sizeBounds),
    waitsMs: new Buckets(durationBoundsMs),
    commitsMs: new Buckets(durationBoundsMs),
  }
  readonly #options: GroupCommitOptions<Item, Outcome>
  #queue: Waiting<Item, Outcome>[] = []
  /** Batches under way, one a lane. */
  readonly #runs = new Set<Promise<void>>()
  #underWay = 0
  #scheduled = false
  #idle: (() => void) | null = null
  #clock: NodeJS.Timeout | null = null
  #ticksWithoutCommit = 0
  #arrivalsSeen = 0
  /** Since when what comes first has waited. */
  #waitingSince = 0

  constructor(options: GroupCommitOptions<Item, Outcome>) {
    this.#options = options
  }

  /** @throws GatewayError queue_full, store_unavailable when it waits too long, or whatever the store says */
  submit(item: Item): Promise<Outcome> {
    if (this.#queue.length >= this.#options.queueMax) return Promise.reject(new GatewayError('queue_full', { retryAfterMs: 1_000 }))
    if (this.#queue.length === 0) this.#waitingSince = performance.now()
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, keys: this.#options.keysOf(item), attempts: 0, ticks: 0, resolve, reject })
      this.#clock ??= setInterval(() => this.#tick(), tickMs).unref()
      this.#schedule()
    })
  }

  /** Items that wait for a batch. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0 && this.#runs.size === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }

  /** Resolves when all that is under way now is written and its callers have heard of it. */
  async answered(): Promise<void> {
    await Promise.all(this.#runs)
    // Callers go on in this turn of the event loop.
    await nextTurn()
  }

  #schedule(): void {
    if (this.#scheduled || this.#runs.size >= this.#options.lanes) return
    this.#scheduled = true
    // setImmediate runs after this turn's I/O callbacks: every request that arrived with it joins the batch.
    let yields = 0
    const since = performance.now()
    const begin = () => {
      if (this.#isArriving() && yields++ < yieldsMax && performance.now() - since < yieldMsMax) {
        setImmediate(begin)
        return
      }
      this.#scheduled = false
      while (this.#queue.length > 0 && this.#runs.size < this.#options.lanes) {
        const batch = this.#takeBatch()
        if (batch.length === 0) break
        this.#noteTaken(batch.length)
        this.#underWay += batch.length
        const run: Promise<void> = this.#run(batch).then(() => this.#end(run, batch.length))
        this.#runs.add(run)
      }
    }
    setImmediate(begin)
  }

  /** Whether a connection has come since the last look. */
  #isArriving(): boolean {
    if (this.#options.holdsLoop !== true || arrivals.count === this.#arrivalsSeen) return false
    this.#arrivalsSeen = arrivals.count
    return true
  }

  /**
   * The oldest items of which no two share a key; the others keep their place. No more than the lane's share of all that are unanswered:
   * whoever took everything would leave the other lanes nothing to do while it is being written, and then again, for as long as callers
   * ask anew when they are answered.
   */
  #takeBatch(): Waiting<Item, Outcome>[] {
    const taken = new Set<BatchKey>()
    const share = Math.ceil((this.#queue.length + this.#underWay) / this.#options.lanes)
    const most = Math.min(this.#options.batchMax, Math.max(shareMin, share))
    const batch: Waiting<Item, Outcome>[] = []
    const rest: Waiting<Item, Outcome>[] = []
    for (const waiting of this.#queue) {
      if (batch.length < most && !isAnyIn(waiting.keys, taken)) {
        for (const key of waiting.keys) taken.add(key)
        batch.push(waiting)
      } else {
        rest.push(waiting)
      }
    }
    this.#queue = rest
    return batch
  }

  #noteTaken(size: number): void {
    const now = performance.now()
    this.usage.waitsMs.observe(now - this.#waitingSince)
    this.usage.batchSizes.observe(size)
    // Of those that were left behind.
    this.#waitingSince = now
  }

  async #run(batch: Waiting<Item, Outcome>[]): Promise<void> {
    try {
      await this.#commit(batch)
    } catch (error) {
      if (batch.length === 1 || isAway(error)) {
        for (const waiting of batch) waiting.reject(error)
      } else {
        await this.#commitOneByOne(batch)
      }
    }
  }

  async #commitOneByOne(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    let away: unknown = null
    for (const waiting of batch) {
      if (away !== null) waiting.reject(away)
      else
        await this.#commit([waiting]).catch((error: unknown) => {
          if (isAway(error)) away = error
          waiting.reject(error)
        })
    }
  }

  /** Refuses what has waited too long. */
  #tick(): void {
    const isStuck = ++this.#ticksWithoutCommit > stuckTicksMax
    const rest: Waiting<Item, Outcome>[] = []
    for (const waiting of this.#queue) {
      waiting.ticks++
      if (waiting.ticks <= (isStuck ? stuckTicksMax : ticksMax)) rest.push(waiting)
      else waiting.reject(new GatewayError('store_unavailable', { retryAfterMs: 1_000 }, new Error('no batch had room for it in time')))
    }
    this.#queue = rest
    if (rest.length > 0) return
    if (this.#clock !== null) clearInterval(this.#clock)
    this.#clock = null
    if (this.#runs.size === 0) this.#idle?.()
  }

  #end(run: Promise<void>, size: number): void {
    this.#runs.delete(run)
    this.#underWay -= size
    if (this.#queue.length > 0) this.#schedule()
    else if (this.#runs.size === 0) this.#idle?.()
  }

  async #commit(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    const begun = performance.now()
    const outcomes = await this.#options.commit(batch.map((waiting) => waiting.item))
    this.usage.commitsMs.observe(performance.now() - begun)
    this.#ticksWithoutCommit = 0
    batch.forEach((waiting, index) => {
      const outcome = outcomes[index]
      if (outcome === undefined) waiting.reject(new Error('the store answered too few items'))
      else if (outcome !== 'retry') waiting.resolve(outcome as Outcome)
      else if (++waiting.attempts < attemptsMax) this.#queue.push(waiting)
      else waiting.reject(new GatewayError('store_unavailable', { retryAfterMs: 1_000 }))
    })
  }
}

function isAway(error: unknown): boolean {
  return isGatewayError(error) && error.key === 'store_unavailable'
}

function isAnyIn(keys: readonly BatchKey[], taken: ReadonlySet<BatchKey>): boolean {
  for (const key of keys) if (taken.has(key)) return true
  return false
}
