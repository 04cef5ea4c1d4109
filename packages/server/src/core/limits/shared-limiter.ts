import { GenerationCache } from '../base/generation-cache.ts'
import { within } from '../base/within.ts'
import { type Limiter, RateLimiter, waitOf } from './rate-limiter.ts'

/** One turn's requests for one key. */
export interface LimitOrder {
  readonly key: string
  readonly ratePerSecond: number
  /** How many to take; 0 only asks. */
  readonly wanted: number
}

export interface LimitAnswer {
  /** How many of them are admitted. */
  readonly taken: number
  /** How much of its burst the key has used, ms. */
  readonly debtMs: number
}

/** Keeps limits that processes share. */
export interface LimitKeeper {
  /** How long a request waits for an answer, ms. */
  readonly answerMsMax: number
  /** Connects, initially and again after a failure. */
  open(): Promise<void>
  /** Decides all orders at once. @returns their answers in order */
  take(orders: readonly LimitOrder[]): Promise<readonly LimitAnswer[]>
  close(): void
}

export interface SharedLimiterOptions {
  readonly keeper: LimitKeeper
  /** The keeper is unreachable and this process limits alone. Called once per outage. */
  readonly onAway: (error: unknown) => void
  readonly onBack: () => void
}

/** A keeper later than this many times the waiting time counts as unreachable, and is not asked until it is back. */
const patience = 5
const openMsMax = 1_000
const retryMs = 1_000

interface Ask {
  readonly wanted: 0 | 1
  readonly now: number
  readonly resolve: (waitMs: number) => void
}

/** Takes are counted over windows of this length, which is also how much of a second's rate may be taken in advance, ms. */
const windowMs = 10
/** Takes in one window from which on some are taken in advance. Below, every take is asked for, so that slow callers lose nothing. */
const busyMin = 8
const pacesMax = 2_000

/** How fast a key is being used here, and what was taken for it in advance. */
interface Pace {
  windowStart: number
  count: number
  countBefore: number
  /** Taken from the keeper, used by nobody yet, and good until then. */
  advance: number
  advanceUntil: number
  /** The keeper is being asked for more. */
  isTaking: boolean
}

interface Turn extends Pick<LimitOrder, 'key' | 'ratePerSecond'> {
  readonly pace: Pace
  readonly asks: Ask[]
}

/**
 * Limits shared by processes. All requests of one turn of the event loop go to the keeper together. If it does not answer in time, this
 * process decides alone, from the last known debts.
 *
 * A busy key takes some in advance, at most a hundredth of a second's worth and half of what it needed a moment ago, so that most of its requests need
 * not wait for the keeper. What nobody uses in time is lost to all processes.
 */
export class SharedLimiter implements Limiter {
  readonly #options: SharedLimiterOptions
  readonly #own = new RateLimiter()
  /** This turn's requests, by rate and key. */
  #turns = new Map<string, Turn>()
  readonly #paces = new GenerationCache<Pace>(pacesMax)
  #isAway = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: SharedLimiterOptions) {
    this.#options = options
  }

  get isAway(): boolean {
    return this.#isAway
  }

  /** Never fails: an unreachable keeper is retried in the background. */
  async start(): Promise<void> {
    await within(openMsMax, this.#options.keeper.open()).catch((error: unknown) => this.#leave(error))
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#options.keeper.close()
  }

  take(key: string, ratePerSecond: number, now: number): number | Promise<number> {
    if (ratePerSecond === 0) return 0
    if (this.#isAway) return this.#own.take(key, ratePerSecond, now)
    const name = nameOf(key, ratePerSecond)
    const pace = this.#paceOf(name, now)
    pace.count++
    if (pace.advance > 0 && now < pace.advanceUntil) {
      pace.advance--
      return 0
    }
    return this.#ask({ key, ratePerSecond, now, name, pace, wanted: 1 })
  }

  waitMs(key: string, ratePerSecond: number, now: number): number | Promise<number> {
    if (ratePerSecond === 0) return 0
    if (this.#isAway) return this.#own.waitMs(key, ratePerSecond, now)
    const name = nameOf(key, ratePerSecond)
    return this.#ask({ key, ratePerSecond, now, name, pace: this.#paceOf(name, now), wanted: 0 })
  }

  /** From the keeper's last answer. */
  knownWaitMs(key: string, ratePerSecond: number, now: number): number {
    return this.#own.knownWaitMs(key, ratePerSecond, now)
  }

  #paceOf(name: string, now: number): Pace {
    let pace = this.#paces.get(name)
    if (pace === undefined) {
      pace = { windowStart: now, count: 0, countBefore: 0, advance: 0, advanceUntil: 0, isTaking: false }
      this.#paces.set(name, pace)
    }
    const windows = Math.floor((now - pace.windowStart) / windowMs)
    if (windows !== 0) {
      pace.countBefore = windows === 1 ? pace.count : 0
      pace.count = 0
      pace.windowStart = now
    }
    return pace
  }

  #ask({ name, key, ratePerSecond, pace, wanted, now }: Omit<Turn, 'asks'> & Omit<Ask, 'resolve'> & { name: string }): Promise<number> {
    if (this.#turns.size === 0) setImmediate(() => void this.#endTurn())
    let turn = this.#turns.get(name)
    if (turn === undefined) {
      turn = { key, ratePerSecond, pace, asks: [] }
      this.#turns.set(name, turn)
    }
    const { promise, resolve } = Promise.withResolvers<number>()
    turn.asks.push({ wanted, now, resolve })
    return promise
  }

  async #endTurn(): Promise<void> {
    const turns = [...this.#turns.values()]
    this.#turns = new Map()
    const taking: Pace[] = []
    const orders = turns.map((turn) => {
      const { key, ratePerSecond, pace } = turn
      const wanted = wantedIn(turn)
      const advance = wanted === 0 ? 0 : advanceOf(pace, ratePerSecond)
      if (advance > 0) taking.push(pace)
      return { key, ratePerSecond, wanted: wanted + advance }
    })
    for (const pace of taking) pace.isTaking = true
    const { keeper } = this.#options
    const answer = keeper.take(orders)
    within(patience * keeper.answerMsMax, answer).catch((error: unknown) => this.#leave(error))
    try {
      const answers = await within(keeper.answerMsMax, answer)
      for (const [index, turn] of turns.entries()) this.#settle(turn, answers[index])
    } catch {
      for (const turn of turns) this.#settleAlone(turn)
    }
    for (const pace of taking) pace.isTaking = false
  }

  #settle(turn: Turn, answer: LimitAnswer | undefined): void {
    if (answer === undefined) throw new Error('the keeper of limits answered too little')
    const { key, ratePerSecond, asks, pace } = turn
    const waitMs = Math.ceil(waitOf(answer.debtMs, ratePerSecond))
    this.#own.setDebt(key, answer.debtMs, asks[0]?.now ?? 0)
    let left = answer.taken
    for (const { wanted, resolve } of asks) {
      if (wanted === 0) resolve(waitMs)
      else resolve(left-- > 0 ? 0 : Math.max(1, waitMs))
    }
    if (left <= 0) return
    pace.advance = left
    pace.advanceUntil = (asks[0]?.now ?? 0) + this.#options.keeper.answerMsMax + windowMs
  }

  #settleAlone({ key, ratePerSecond, asks }: Turn): void {
    for (const { wanted, now, resolve } of asks) {
      resolve(wanted === 0 ? this.#own.waitMs(key, ratePerSecond, now) : this.#own.take(key, ratePerSecond, now))
    }
  }

  #leave(error: unknown): void {
    if (this.#isAway || this.#isClosed) return
    this.#isAway = true
    this.#options.onAway(error)
    this.#tryLater()
  }

  #tryLater(): void {
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#return(), retryMs).unref()
  }

  async #return(): Promise<void> {
    try {
      await within(openMsMax, this.#options.keeper.open())
    } catch {
      return this.#tryLater()
    }
    if (this.#isClosed) return
    this.#isAway = false
    this.#options.onBack()
  }
}

function nameOf(key: string, ratePerSecond: number): string {
  return `${ratePerSecond}|${key}`
}

function wantedIn({ asks }: Turn): number {
  return asks.reduce((sum, { wanted }) => sum + wanted, 0)
}

/** How many to take in advance. */
function advanceOf({ isTaking, countBefore }: Pace, ratePerSecond: number): number {
  if (isTaking || countBefore < busyMin) return 0
  return Math.floor(Math.min(ratePerSecond * (windowMs / 1_000), countBefore / 2))
}
