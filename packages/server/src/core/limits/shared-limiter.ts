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

interface Turn extends Pick<LimitOrder, 'key' | 'ratePerSecond'> {
  readonly asks: Ask[]
}

/**
 * Limits shared by processes. All requests of one turn of the event loop go to the keeper together. If it does not answer in time, this
 * process decides alone, from the last known debts.
 */
export class SharedLimiter implements Limiter {
  readonly #options: SharedLimiterOptions
  readonly #own = new RateLimiter()
  /** This turn's requests, by rate and key. */
  #turns = new Map<string, Turn>()
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
    return this.#isAway ? this.#own.take(key, ratePerSecond, now) : this.#ask(key, ratePerSecond, now, 1)
  }

  waitMs(key: string, ratePerSecond: number, now: number): number | Promise<number> {
    if (ratePerSecond === 0) return 0
    return this.#isAway ? this.#own.waitMs(key, ratePerSecond, now) : this.#ask(key, ratePerSecond, now, 0)
  }

  /** From the keeper's last answer. */
  knownWaitMs(key: string, ratePerSecond: number, now: number): number {
    return this.#own.knownWaitMs(key, ratePerSecond, now)
  }

  #ask(key: string, ratePerSecond: number, now: number, wanted: 0 | 1): Promise<number> {
    if (this.#turns.size === 0) setImmediate(() => void this.#endTurn())
    const name = `${ratePerSecond}|${key}`
    let turn = this.#turns.get(name)
    if (turn === undefined) {
      turn = { key, ratePerSecond, asks: [] }
      this.#turns.set(name, turn)
    }
    const { promise, resolve } = Promise.withResolvers<number>()
    turn.asks.push({ wanted, now, resolve })
    return promise
  }

  async #endTurn(): Promise<void> {
    const turns = [...this.#turns.values()]
    this.#turns = new Map()
    const orders = turns.map(({ key, ratePerSecond, asks }) => ({
      key,
      ratePerSecond,
      wanted: asks.reduce((sum, { wanted }) => sum + wanted, 0),
    }))
    const { keeper } = this.#options
    const answer = keeper.take(orders)
    within(patience * keeper.answerMsMax, answer).catch((error: unknown) => this.#leave(error))
    try {
      const answers = await within(keeper.answerMsMax, answer)
      for (const [index, turn] of turns.entries()) this.#settle(turn, answers[index])
    } catch {
      for (const turn of turns) this.#settleAlone(turn)
    }
  }

  #settle(turn: Turn, answer: LimitAnswer | undefined): void {
    if (answer === undefined) throw new Error('the keeper of limits answered too little')
    const { key, ratePerSecond, asks } = turn
    const waitMs = Math.ceil(waitOf(answer.debtMs, ratePerSecond))
    this.#own.setDebt(key, answer.debtMs, asks[0]?.now ?? 0)
    let left = answer.taken
    for (const { wanted, resolve } of asks) {
      if (wanted === 0) resolve(waitMs)
      else resolve(left-- > 0 ? 0 : Math.max(1, waitMs))
    }
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
