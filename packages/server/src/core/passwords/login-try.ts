import type { Throttle } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { InFlight, InFlightCounters } from './in-flight.ts'
import { type Patience, verifyPatience } from './password-lane.ts'

/** How many tries may be undecided at once. */
export interface Room {
  readonly account: number
  readonly address: number
}

interface CounterRows {
  readonly account: Throttle | undefined
  readonly address: Throttle | undefined
}

/** The counters that judge one login, and what they are made to do. */
export interface Counters {
  /** Keys. */
  readonly account: string
  readonly address: string
  readonly clock: Clock
  read(): Promise<CounterRows>
  /** @throws GatewayError throttled */
  judge(rows: CounterRows, now: number): Room
  isLocked(failures: number): boolean
  fail(failures: number): Promise<void>
  clear(): Promise<void>
}

interface Seen {
  readonly rows: CounterRows
  readonly settledCounts: readonly [number, number]
}

/**
 * A login on its way through the throttle: looked at, then let in, then decided by `fail` or `succeed`. Whatever becomes of it,
 * `release` ends it; one that is released undecided counts for nothing.
 */
export class LoginTry {
  readonly #counters: Counters
  readonly #registry: InFlightCounters
  readonly #account: InFlight
  readonly #address: InFlight
  #seen: Seen | null = null
  #failures = 0
  #state: 'looking' | 'under way' | 'over' = 'looking'

  constructor(counters: Counters, registry: InFlightCounters) {
    this.#counters = counters
    this.#registry = registry
    this.#account = registry.open(counters.account)
    this.#address = registry.open(counters.address)
  }

  /** The account is hard-locked: the password must be hashed all the same, and the answer be that of a wrong one. */
  get isLocked(): boolean {
    return this.#counters.isLocked(this.#failures)
  }

  /** Reads the counters. @throws GatewayError throttled */
  async look(): Promise<void> {
    this.#seen = await this.#read()
    this.#counters.judge(this.#seen.rows, this.#counters.clock.now())
  }

  /**
   * Waits, within the caller's patience, while as many tries are undecided as the counters leave room for. However many guesses come at
   * once, each is judged by counters in which all decided ones are counted, and right passwords are only delayed. How many may wait is
   * the lane's to say, in which each has taken a place.
   *
   * @throws GatewayError throttled, login_busy; the signal's reason
   */
  async admit(patience: Patience): Promise<void> {
    const endTurn = await this.#registry.queue(this.#account.key)
    try {
      for (;;) {
        const now = this.#counters.clock.now()
        verifyPatience(patience, now)
        // What was decided since the counters were read may be missing from what they said.
        if (this.#seen === null || !this.#isFresh(this.#seen)) {
          this.#seen = await this.#read()
          continue
        }
        const room = this.#counters.judge(this.#seen.rows, now)
        if (this.#account.underWay >= room.account) await this.#account.nextSettled()
        else if (this.#address.underWay >= room.address) await this.#address.nextSettled()
        else return this.#take(this.#seen)
      }
    } finally {
      endTurn()
    }
  }

  /** A wrong password: counts it. */
  async fail(): Promise<void> {
    try {
      await this.#counters.fail(this.#failures)
    } finally {
      this.release()
    }
  }

  /** The right password: the account's counter starts anew. */
  async succeed(): Promise<void> {
    try {
      if (this.#failures > 0) await this.#counters.clear()
    } finally {
      this.release()
    }
  }

  release(): void {
    if (this.#state === 'over') return
    const wasUnderWay = this.#state === 'under way'
    this.#state = 'over'
    for (const counter of [this.#account, this.#address]) {
      if (wasUnderWay) counter.settle()
      this.#registry.close(counter)
    }
  }

  #take({ rows }: Seen): void {
    this.#failures = rows.account?.failures ?? 0
    this.#state = 'under way'
    this.#account.underWay++
    this.#address.underWay++
  }

  async #read(): Promise<Seen> {
    const settledCounts = [this.#account.settledCount, this.#address.settledCount] as const
    return { rows: await this.#counters.read(), settledCounts }
  }

  #isFresh({ settledCounts }: Seen): boolean {
    return settledCounts[0] === this.#account.settledCount && settledCounts[1] === this.#address.settledCount
  }
}
