import { setImmediate as nextTurn } from 'node:timers/promises'
import { GatewayError, isGatewayError } from '@lobbykey/contract'
import { arrivals } from './arrivals.ts'
import { CommitSpans, commitInSpans } from './commit-spans.ts'
import { Buckets, durationBoundsMs } from './histogram.ts'
import { spans } from './spans.ts'

export interface GroupCommitOptions<Item, Outcome> {
  /** Writes a batch in one transaction and returns its outcomes in order. */
  readonly commit: (batch: readonly Item[]) => Promise<readonly (Outcome | Retry)[]>
  /** Keys that no two items of a batch may share. Items that share one by chance merely wait for each other. */
  readonly keysOf: (item: Item) => readonly BatchKey[]
  readonly batchMax: number
  /** Bounds the memory: beyond this, items are refused at once with `queue_full`. */
  readonly queueMax: number
  /** Batches under way at once. */
  readonly lanes: number
  /** A commit holds up the event loop: connections that are coming in at the moment are let in before it. */
  readonly holdsLoop?: boolean
}

/** Use numbers on hot paths: looking up a fresh string costs ten times as much. */
export type BatchKey = string | number

/** `commit` returns this for an item that lost a race; it goes into a later batch. */
export type Retry = 'retry'

const attemptsMax = 6
const tickMs = 250
/** An item that no lane has taken by then is refused, where nothing else was written in that time either: 1.5 s, and then the store's three. */
const stuckTicksMax = 6
/** An item that has waited for two seconds is refused: so many as can be written in that time may wait, however fast the store is. */
const ticksMax = 8
/** Turns of the event loop in which a batch lets connections in before it, and how long in all, ms. */
const yieldsMax = 32
const yieldMsMax = 10
/** Smallest batch when lanes share the items: a commit for two or three is not worth it. */
const shareMin = 8

/** Statistics of batches since this process started. */
export interface CommitUsage {
  readonly batchSizes: Buckets
  /** How long the first item of each batch waited, ms. */
  readonly waitsMs: Buckets
  /** Durations of written batches, ms. */
  readonly commitsMs: Buckets
}

/** Public view of a group commit. */
export interface CommitQueue {
  readonly usage: CommitUsage
  readonly waiting: number
}

/** Powers of two up to the largest batch. */
const sizeBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const

interface Waiting<Item, Outcome> {
  readonly item: Item
  readonly keys: readonly BatchKey[]
  readonly spans: CommitSpans | null
  attempts: number
  /** Ticks waited so far. */
  ticks: number
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets concurrent writes share one statement and one sync. An item is answered only after its batch is durable; a single item is
 * written at the end of its event-loop turn.
 *
 * A failed batch is retried item by item, so that one bad row fails alone. If the store is unavailable, all items fail at once, and those
 * waiting behind them after 1.5 seconds.
 *
 * When more arrive than can be written, each waits for two seconds before it is refused. Callers who repeat at once what was refused would otherwise
 * take the processor from those who are served.
 */
export class GroupCommit<Item, Outcome> implements CommitQueue {
  readonly usage: CommitUsage = {
    batchSizes: new Buckets(sizeBounds),
    waitsMs: new Buckets(durationBoundsMs),
    commitsMs: new Buckets(durationBoundsMs),
  }
  readonly #options: GroupCommitOptions<Item, Outcome>
  #queue: Waiting<Item, Outcome>[] = []
  /** Running batches, one per lane. */
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

  /** @throws GatewayError queue_full if it waits too long, store_unavailable if nothing is written meanwhile, or the store's own error */
  submit(item: Item): Promise<Outcome> {
    if (this.#queue.length >= this.#options.queueMax) return Promise.reject(fullError())
    if (this.#queue.length === 0) this.#waitingSince = performance.now()
    return new Promise((resolve, reject) => {
      const keys = this.#options.keysOf(item)
      this.#queue.push({ item, keys, spans: CommitSpans.begin(), attempts: 0, ticks: 0, resolve, reject })
      this.#clock ??= setInterval(() => this.#tick(), tickMs).unref()
      this.#schedule()
    })
  }

  /** Items waiting for a batch. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves when nothing waits and nothing runs. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0 && this.#runs.size === 0) return
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
  }

  /** Resolves when all running batches are written and their callers answered. */
  async answered(): Promise<void> {
    await Promise.all(this.#runs)
    // Callers continue in this turn of the event loop.
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
        this.#noteTaken(batch)
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
   * The oldest items, no two with a common key; the others keep their place. Takes at most the lane's share of all unanswered items:
   * taking everything would leave the other lanes idle, again and again while callers send new requests on each answer.
   */
  #takeBatch(): Waiting<Item, Outcome>[] {
    const taken = new Set<BatchKey>()
    const share = Math.ceil((this.#queue.length + this.#underWay) / this.#options.lanes)
    const most = Math.min(this.#options.batchMax, Math.max(shareMin, share))
    const batch: Waiting<Item, Outcome>[] = []
    const passedOver: Waiting<Item, Outcome>[] = []
    let seen = 0
    for (const waiting of this.#queue) {
      if (batch.length === most) break
      seen++
      if (isAnyIn(waiting.keys, taken)) {
        passedOver.push(waiting)
        continue
      }
      for (const key of waiting.keys) taken.add(key)
      batch.push(waiting)
    }
    const rest = this.#queue.slice(seen)
    this.#queue = passedOver.length === 0 ? rest : [...passedOver, ...rest]
    return batch
  }

  #noteTaken(batch: readonly Waiting<Item, Outcome>[]): void {
    const now = performance.now()
    this.usage.waitsMs.observe(now - this.#waitingSince)
    this.usage.batchSizes.observe(batch.length)
    if (spans !== null) for (const waiting of batch) waiting.spans?.endWait()
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

  /** Refuses items that waited too long. */
  #tick(): void {
    const isStuck = ++this.#ticksWithoutCommit > stuckTicksMax
    const rest: Waiting<Item, Outcome>[] = []
    for (const waiting of this.#queue) {
      const ticks = ++waiting.ticks
      if (isStuck && ticks > stuckTicksMax) giveUp(waiting, stuckError())
      else if (ticks > ticksMax) giveUp(waiting, fullError())
      else rest.push(waiting)
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
    const commit = () => this.#options.commit(batch.map((waiting) => waiting.item))
    const outcomes = await (spans === null ? commit() : commitInSpans(batch, commit))
    this.usage.commitsMs.observe(performance.now() - begun)
    this.#ticksWithoutCommit = 0
    batch.forEach((waiting, index) => {
      const outcome = outcomes[index]
      if (outcome === undefined) waiting.reject(new Error('the store answered too few items'))
      else if (outcome !== 'retry') waiting.resolve(outcome as Outcome)
      else if (++waiting.attempts < attemptsMax) {
        waiting.spans?.waitAgain()
        this.#queue.push(waiting)
      } else waiting.reject(new GatewayError('store_unavailable', { retryAfterMs: 1_000 }))
    })
  }
}

function giveUp({ spans: own, reject }: Waiting<unknown, never>, error: GatewayError): void {
  own?.endWait(error)
  reject(error)
}

function fullError(): GatewayError {
  return new GatewayError('queue_full', { retryAfterMs: 1_000 })
}

function stuckError(): GatewayError {
  return new GatewayError('store_unavailable', { retryAfterMs: 1_000 }, new Error('nothing was written in time'))
}

function isAway(error: unknown): boolean {
  return isGatewayError(error) && error.key === 'store_unavailable'
}

function isAnyIn(keys: readonly BatchKey[], taken: ReadonlySet<BatchKey>): boolean {
  for (const key of keys) if (taken.has(key)) return true
  return false
}
