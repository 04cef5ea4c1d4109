import type { Throttle } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { InFlight, InFlightCounters } from './in-flight.ts'
import { type Patience, verifyPatience } from './password-lane.ts'

/** How many attempts may be undecided at once. */
export interface Room {
  readonly account: number
  readonly address: number
}

interface CounterRows {
  readonly account: Throttle | undefined
  readonly address: Throttle | undefined
}

/** The counters that apply to one login, and their operations. */
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
 * A login passing through the throttle: `look`, `admit`, then `fail` or `succeed`. Always call `release` at the end; an undecided attempt
 * does not count.
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

  /** The account is locked: hash the password anyway and answer as for a wrong one. */
  get isLocked(): boolean {
    return this.#counters.isLocked(this.#failures)
  }

  /** Reads the counters. @throws GatewayError throttled */
  async look(): Promise<void> {
    this.#seen = await this.#read()
    this.#counters.judge(this.#seen.rows, this.#counters.clock.now())
  }

  /**
   * Waits, within the caller's patience, while as many attempts are undecided as the counters allow. However many guesses arrive at once,
   * each is judged by counters that include all decided ones, and right passwords are only delayed. The lane bounds how many wait.
   *
   * @throws GatewayError throttled, login_busy; the signal's reason
   */
  async admit(patience: Patience): Promise<void> {
    const endTurn = await this.#registry.queue(this.#account.key)
    let endAddressTurn: (() => void) | undefined
    try {
      for (;;) {
        const now = this.#counters.clock.now()
        verifyPatience(patience, now)
        // The counters may lack attempts decided since they were read.
        if (this.#seen === null || !this.#isFresh(this.#seen)) {
          this.#seen = await this.#read()
          continue
        }
        const room = this.#counters.judge(this.#seen.rows, now)
        if (this.#account.underWay >= room.account) {
          // Other accounts at the address do not wait for this one.
          endAddressTurn?.()
          endAddressTurn = undefined
          await this.#account.nextSettled()
          continue
        }
        // Of all that wait at an address, the first alone reads the counters after each decided attempt.
        endAddressTurn ??= await this.#registry.queue(this.#address.key)
        if (this.#address.underWay >= room.address) await this.#address.nextSettled()
        else if (this.#isFresh(this.#seen)) return this.#take(this.#seen)
      }
    } finally {
      endAddressTurn?.()
      endTurn()
    }
  }

  /** Counts a wrong password. */
  async fail(): Promise<void> {
    try {
      await this.#counters.fail(this.#failures)
    } finally {
      this.release()
    }
  }

  /** Resets the account's counter after the right password. */
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
