/**
 * Guess limits for seller logins (checks 8, 39), judged before anything is hashed and alike for e-mails that have no account.
 * It owns when a login may be tried and what a wrong password costs; it does not own passwords, nor who has an account.
 *
 * Two counters, both in the store, so that they hold on every node and survive a restart:
 * - by account: back-off from a few wrong passwords in a row, a hard lock at many. A login from an address that the account has
 *   logged in from before uses a counter of that account and address alone, so that failures elsewhere do not hold its owner there.
 * - by network address: so many wrong passwords a minute, whatever the account (GCRA: that many at once, refilled evenly).
 *
 * Tries under way are known to their own process only: of guesses that come at once, each process lets in as many as the counters leave
 * room for. Every one of them is counted, so back-off and lock hold whatever the number of processes, and Redis has nothing to add.
 */
import { createHmac } from 'node:crypto'
import { GatewayError } from '@lobbykey/contract'
import type { EventInput, Throttle, ThrottleStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { addressKey } from '../base/network-address.ts'
import { type Patience, verifyPatience } from './password-lane.ts'

export interface LoginThrottleOptions {
  readonly store: ThrottleStore
  readonly clock: Clock
  /** Keys the hashes under which counters are kept: a dump of the store names neither accounts nor addresses. */
  readonly secret: Uint8Array
  readonly loginBackoffAfter: number
  readonly loginLockAfter: number
  readonly loginFailuresPerAddressMinute: number
}

export interface LoginAttempt {
  /** Normal form. */
  readonly email: string
  readonly address: string
  /** Whether the account has logged in from this address before. */
  readonly isKnownAddress: boolean
}

/** A login that may be tried now. Exactly one of the three ends it. */
export interface Admission {
  /** The account is hard-locked: the password must be hashed all the same, and the answer be that of a wrong one. */
  readonly isLocked: boolean
  /** A wrong password: counts it. */
  fail(): Promise<void>
  /** The right password: the account's counter starts anew. */
  succeed(): Promise<void>
  /** Undecided: nothing was learnt and nothing is counted. Safe after the other two. */
  release(): void
}

const backoffMsMin = 1_000
const backoffMsMax = 60_000
const minuteMs = 60_000
const dayMs = 86_400_000

/** How long a counter outlives its last failure: a lock stays until it is lifted; what may be one person's slip goes first. */
const keptMs = { slips: dayMs, backoff: 7 * dayMs, lock: 3_650 * dayMs, address: 3_600_000 }

export class LoginThrottle {
  readonly #options: LoginThrottleOptions
  readonly #flights = new Flights()
  /** By account counter: settled when the last login in line has been judged. */
  readonly #lines = new Map<string, Promise<void>>()

  constructor(options: LoginThrottleOptions) {
    this.#options = options
  }

  /** Under which an address is kept as known, and counted: hashed, IPv6 by /64. */
  addressKey(address: string): string {
    return this.#hash('address', addressKey(address))
  }

  /**
   * Waits, within the caller's patience, while as many tries are undecided as the counters leave room for. However many
   * guesses come at once, each is judged by counters in which all decided ones are counted, and right passwords are only delayed. How many
   * may wait is the lane's to say, in which each has taken a place.
   *
   * @throws GatewayError throttled, login_busy; the signal's reason
   */
  async admit(attempt: LoginAttempt, patience: Patience): Promise<Admission> {
    const accountKey = this.#accountKey(attempt)
    const leave = await this.#standInLine(accountKey)
    try {
      return await this.#admitFirst(accountKey, this.addressKey(attempt.address), patience)
    } finally {
      leave()
    }
  }

  /** Forgets the failures of an account, those at the given known addresses too. The event is the operator's who does it. */
  async unlock(email: string, addresses: readonly string[], event?: EventInput): Promise<void> {
    const known = addresses.map((address) => this.#accountKey({ email, address, isKnownAddress: true }))
    const keys = new Set([this.#accountKey({ email, address: '', isKnownAddress: false }), ...known])
    await this.#options.store.clear([...keys], event)
  }

  /** Locks an account as so many wrong passwords would have, long enough ago that no back-off is left. */
  async lock(email: string, event: EventInput): Promise<void> {
    const { store, clock, loginLockAfter } = this.#options
    const now = clock.now()
    const key = this.#accountKey({ email, address: '', isKnownAddress: false })
    await store.fail([key], { now: now - backoffMsMax, tatStepMs: 0, expiresAt: now + keptMs.lock, count: loginLockAfter }, event)
  }

  /** One login an account counter is judged at a time, in order of arrival. */
  async #standInLine(key: string): Promise<() => void> {
    const before = this.#lines.get(key)
    const turn = Promise.withResolvers<void>()
    this.#lines.set(key, turn.promise)
    await before
    return () => {
      if (this.#lines.get(key) === turn.promise) this.#lines.delete(key)
      turn.resolve()
    }
  }

  async #admitFirst(accountKey: string, addressKey: string, patience: Patience): Promise<Admission> {
    const { store, clock } = this.#options
    const account = this.#flights.open(accountKey)
    const address = this.#flights.open(addressKey)
    try {
      for (;;) {
        verifyPatience(patience, clock.now())
        const settledCounts = [account.settledCount, address.settledCount]
        const rows = await store.read([accountKey, addressKey])
        // What was decided while the store was read may be missing from what it said.
        if (settledCounts[0] !== account.settledCount || settledCounts[1] !== address.settledCount) continue
        const counter = rows.find((row) => row.key === accountKey)
        const room = this.#judge(
          counter,
          rows.find((row) => row.key === addressKey),
          clock.now(),
        )
        if (account.underWay >= room.account) await account.nextSettled()
        else if (address.underWay >= room.address) await address.nextSettled()
        else return this.#take(account, address, counter?.failures ?? 0)
      }
    } catch (error) {
      this.#flights.close(account)
      this.#flights.close(address)
      throw error
    }
  }

  /** How many tries may be undecided at once, for the account and for the address. @throws GatewayError throttled */
  #judge(account: Throttle | undefined, address: Throttle | undefined, now: number): { account: number; address: number } {
    const failures = account?.failures ?? 0
    const backoffEndsAt = account === undefined ? 0 : account.lastFailedAt + this.#backoffMs(failures)
    const stepMs = this.#addressStepMs()
    const aheadMs = Math.max(0, (address?.tat ?? 0) - now)
    const addressRoom = Math.floor((minuteMs - aheadMs) / stepMs)
    const waitMs = Math.max(backoffEndsAt - now, addressRoom < 1 ? aheadMs - (minuteMs - stepMs) : 0)
    if (waitMs > 0) throw new GatewayError('throttled', { retryAfterMs: waitMs })
    return { account: Math.max(1, this.#options.loginBackoffAfter - failures), address: addressRoom }
  }

  #backoffMs(failures: number): number {
    const beyond = failures - this.#options.loginBackoffAfter
    return beyond < 0 ? 0 : Math.min(backoffMsMax, backoffMsMin * 2 ** beyond)
  }

  #take(account: Flight, address: Flight, failures: number): Admission {
    const { store, clock, loginLockAfter } = this.#options
    account.underWay++
    address.underWay++
    let isOver = false
    const release = () => {
      if (isOver) return
      isOver = true
      for (const flight of [account, address]) {
        flight.settle()
        this.#flights.close(flight)
      }
    }
    return {
      isLocked: failures >= loginLockAfter,
      release,
      fail: async () => {
        try {
          const now = clock.now()
          const failure = { now, tatStepMs: this.#addressStepMs() }
          await store.fail([account.key], { ...failure, expiresAt: now + this.#keptMs(failures + 1) })
          await store.fail([address.key], { ...failure, expiresAt: now + keptMs.address })
        } finally {
          release()
        }
      },
      succeed: async () => {
        try {
          if (failures > 0) await store.clear([account.key])
        } finally {
          release()
        }
      },
    }
  }

  #keptMs(failures: number): number {
    if (failures >= this.#options.loginLockAfter) return keptMs.lock
    return failures >= this.#options.loginBackoffAfter ? keptMs.backoff : keptMs.slips
  }

  #addressStepMs(): number {
    return Math.floor(minuteMs / this.#options.loginFailuresPerAddressMinute)
  }

  #accountKey(attempt: LoginAttempt): string {
    if (!attempt.isKnownAddress) return this.#hash('account', attempt.email)
    return this.#hash('account-at-address', `${attempt.email}\n${addressKey(attempt.address)}`)
  }

  #hash(kind: string, value: string): string {
    return createHmac('sha256', this.#options.secret).update(`${kind}\n${value}`).digest('base64url')
  }
}

/** The tries of one counter that are under way in this process. */
class Flight {
  readonly key: string
  underWay = 0
  /** How many have been decided while anyone looked on. */
  settledCount = 0
  #wake: (() => void)[] = []

  constructor(key: string) {
    this.key = key
  }

  settle(): void {
    this.underWay--
    this.settledCount++
    for (const wake of this.#wake.splice(0)) wake()
  }

  nextSettled(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }
}

/** Flights that someone has open. */
class Flights {
  readonly #open = new Map<string, { flight: Flight; users: number }>()

  open(key: string): Flight {
    const entry = this.#open.get(key) ?? { flight: new Flight(key), users: 0 }
    entry.users++
    this.#open.set(key, entry)
    return entry.flight
  }

  close(flight: Flight): void {
    const entry = this.#open.get(flight.key)
    if (entry !== undefined && --entry.users === 0) this.#open.delete(flight.key)
  }
}
