/**
 * Guess limits for logins (checks 8, 39), applied before hashing and alike for e-mails without an account. It decides when a login may be
 * attempted and what a wrong password costs; it knows neither passwords nor accounts.
 *
 * Two counters, both in the store, so that they apply on every node and survive a restart:
 * - by account: back-off from a few wrong passwords in a row, a hard lock at many.
 * - by network address: so many wrong passwords a minute, whatever the account (GCRA: that many at once, refilled evenly). Guesses for
 *   which the lane had no room count here too, each process its own.
 * A login from an address where the account has logged in before uses separate counters: one for that account and address, and one for the
 * known accounts of that address. So strangers cannot lock the owner out there.
 *
 * Undecided attempts are known to their own process only: of simultaneous guesses, each process admits as many as the counters allow. All
 * are counted, so back-off and lock apply with any number of processes, without Redis.
 */
import { createHmac } from 'node:crypto'
import timers from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import type { EventInput, Store, Throttle, ThrottleStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { addressKey } from '../base/network-address.ts'
import { randomShare } from '../base/random.ts'
import type { Sealer } from '../base/sealer.ts'
import { findServerSecret } from '../base/server-secret.ts'
import { AddressDebts } from './address-debts.ts'
import { InFlightCounters } from './in-flight.ts'
import { type Counters, LoginTry, type Room } from './login-try.ts'
import type { Patience } from './password-lane.ts'

export interface LoginThrottleOptions {
  readonly store: ThrottleStore
  readonly clock: Clock
  /** Key of the counters' hashes, so that a dump of the store reveals neither accounts nor addresses. */
  readonly secret: Uint8Array
  readonly loginBackoffAfter: number
  readonly loginLockAfter: number
  readonly loginFailuresPerAddressMinute: number
}

export type ThrottleSettings = Omit<LoginThrottleOptions, 'store' | 'clock' | 'secret'>

/** What a counter counts, see above. */
export type ThrottleKind = 'account' | 'account-at-address' | 'address' | 'known-at-address'

/** A counter's current effect. */
export interface ThrottleState {
  /** `waiting`: no attempt before `retryAt`; `locked`: until an operator lifts it. */
  readonly state: 'counting' | 'waiting' | 'locked'
  readonly retryAt: number | null
}

export interface LoginAttempt {
  /** Normal form. */
  readonly email: string
  readonly address: string
  /** Whether the account has logged in from this address before. */
  readonly isKnownAddress: boolean
}

const backoffMsMin = 1_000
const backoffMsMax = 60_000
const minuteMs = 60_000
const dayMs = 86_400_000

/** How long a counter outlives its last failure: shortest for a few slips, longest for a lock. */
const keptMs = { slips: dayMs, backoff: 7 * dayMs, lock: 3_650 * dayMs, address: 3_600_000 }

/** Refusals that are answered at once, of one address and of all strangers: so many, then one per so many ms. */
const prompt = { address: { count: 10, stepMs: 1_000 }, all: { count: 50, stepMs: 20 } }
/** None is answered later than this after its arrival, ms: every caller has an answer within five seconds. */
const heldMsMax = 4_000
/** Those that would be answered then come back spread over so many ms: in one wave they would keep the event loop from everybody else. */
const heldSpreadMs = 1_000
const heldDebtMs = ({ count, stepMs }: typeof prompt.all) => count * stepMs + heldMsMax

export class LoginThrottle {
  readonly #options: LoginThrottleOptions
  readonly #inFlight = new InFlightCounters()
  readonly #turnedAway = new AddressDebts({ debtMsMax: minuteMs })
  readonly #refused = new AddressDebts({ debtMsMax: heldDebtMs(prompt.address) })
  readonly #refusedInAll = new AddressDebts({ debtMsMax: heldDebtMs(prompt.all) })

  constructor(options: LoginThrottleOptions) {
    this.#options = options
  }

  /** With the secret that all processes on the store share. */
  static async open(options: {
    readonly store: Pick<Store, 'meta' | 'throttles'>
    readonly sealer: Sealer
    readonly clock: Clock
    readonly settings: ThrottleSettings
  }): Promise<LoginThrottle> {
    const { store, sealer, clock, settings } = options
    const secret = await findServerSecret(store.meta, sealer, 'login-throttle')
    return new LoginThrottle({ ...settings, store: store.throttles, clock, secret })
  }

  /** Counters of undecided logins in memory. */
  get undecidedSize(): number {
    return this.#inFlight.size
  }

  /** The stored key of a known address: hashed, IPv6 by /64. */
  addressKey(address: string): string {
    return this.#hash('address', addressKey(address))
  }

  /**
   * Refuses at once, with one read of the counters, logins that must wait. `LoginTry.admit` admits the others.
   *
   * @throws GatewayError throttled
   */
  async begin(attempt: LoginAttempt): Promise<LoginTry> {
    const loginTry = new LoginTry(this.#counters(attempt), this.#inFlight)
    try {
      await loginTry.look()
    } catch (error) {
      loginTry.release()
      throw error
    }
    return loginTry
  }

  /** Counts a guess that found no place against its address, never the account, and not where the account is known. */
  countTurnedAway({ address, isKnownAddress }: LoginAttempt): void {
    const key = this.#addressCounterKey(address, false)
    if (!isKnownAddress) this.#turnedAway.note(key, this.#addressStepMs(), this.#options.clock.now())
  }

  /**
   * Resolves when a refusal may be answered: at once, or, where one address or all strangers together are refused again and again, in its
   * turn, a second after the one before of its address, but within four seconds of its arrival. Programs that guess as fast as they are
   * answered then leave the processor to others.
   */
  async holdRefusal({ address, isKnownAddress }: LoginAttempt, { since, signal }: Patience): Promise<void> {
    if (isKnownAddress) return
    const now = this.#options.clock.now()
    const turnMs = Math.max(
      takeTurn(this.#refused, this.#addressCounterKey(address, false), prompt.address, now),
      takeTurn(this.#refusedInAll, 'all', prompt.all, now),
    )
    const heldMs = Math.min(turnMs, since + heldMsMax - heldSpreadMs * randomShare() - now)
    // Stop waiting when the caller hangs up.
    if (heldMs > 0) await timers.setTimeout(heldMs, undefined, { signal }).catch(() => {})
  }

  /** Clears the failures of an account, also at the given known addresses, with the operator's event. */
  async unlock(email: string, addresses: readonly string[], event?: EventInput): Promise<void> {
    const known = addresses.map((address) => this.#accountKey({ email, address, isKnownAddress: true }))
    const keys = new Set([this.#accountKey({ email, address: '', isKnownAddress: false }), ...known])
    await this.#options.store.clear([...keys], event)
  }

  /** Locks an account as that many wrong passwords would have, without back-off. */
  async lock(email: string, event: EventInput): Promise<void> {
    const { store, clock, loginLockAfter } = this.#options
    const now = clock.now()
    const key = this.#accountKey({ email, address: '', isKnownAddress: false })
    await store.fail([key], { now: now - backoffMsMax, tatStepMs: 0, expiresAt: now + keptMs.lock, count: loginLockAfter }, event)
  }

  /** The counters of an account, of an address, or of both. */
  keysOf({ email, address }: { readonly email?: string | undefined; readonly address?: string | undefined }): Map<string, ThrottleKind> {
    const keys = new Map<string, ThrottleKind>()
    if (email !== undefined) keys.set(this.#accountKey({ email, address: '', isKnownAddress: false }), 'account')
    if (address !== undefined) {
      if (email !== undefined) keys.set(this.#accountKey({ email, address, isKnownAddress: true }), 'account-at-address')
      keys.set(this.#addressCounterKey(address, false), 'address')
      keys.set(this.#addressCounterKey(address, true), 'known-at-address')
    }
    return keys
  }

  /** A counter's current effect, as far as the store knows. */
  stateOf(counter: Throttle, kind: ThrottleKind): ThrottleState {
    const now = this.#options.clock.now()
    const isAccount = kind === 'account' || kind === 'account-at-address'
    if (isAccount && counter.failures >= this.#options.loginLockAfter) return { state: 'locked', retryAt: null }
    const retryAt = isAccount ? counter.lastFailedAt + this.#backoffMs(counter.failures) : counter.tat - (minuteMs - this.#addressStepMs())
    return retryAt > now ? { state: 'waiting', retryAt } : { state: 'counting', retryAt: null }
  }

  #counters(attempt: LoginAttempt): Counters {
    const { store, clock, loginLockAfter } = this.#options
    const account = this.#accountKey(attempt)
    const address = this.#addressCounterKey(attempt.address, attempt.isKnownAddress)
    return {
      account,
      address,
      clock,
      read: async () => {
        const rows = await store.read([account, address])
        return { account: rows.find(({ key }) => key === account), address: rows.find(({ key }) => key === address) }
      },
      judge: (rows, now) => this.#judge(rows.account, addressDebtMs(rows.address, now) + this.#turnedAway.debtMs(address, now), now),
      isLocked: (failures) => failures >= loginLockAfter,
      fail: async (failures) => {
        const now = clock.now()
        await store.fail([account], { now, tatStepMs: this.#addressStepMs(), expiresAt: now + this.#keptMs(failures + 1) })
        await store.fail([address], { now, tatStepMs: this.#addressStepMs(), expiresAt: now + keptMs.address })
      },
      // Not a lock set while the password was being hashed: only an operator lifts it.
      clear: () => store.clearBelow(account, loginLockAfter),
    }
  }

  /** How many attempts may be undecided at once, for the account and for the address. @throws GatewayError throttled */
  #judge(account: Throttle | undefined, aheadMs: number, now: number): Room {
    const failures = account?.failures ?? 0
    const backoffMs = this.#backoffMs(failures)
    // No longer than it lasts, should the failure bear the time of a clock that had run ahead.
    const backoffLeftMs = account === undefined ? 0 : Math.min(account.lastFailedAt + backoffMs - now, backoffMs)
    const stepMs = this.#addressStepMs()
    const addressRoom = Math.floor((minuteMs - aheadMs) / stepMs)
    const waitMs = Math.max(backoffLeftMs, addressRoom < 1 ? aheadMs - (minuteMs - stepMs) : 0)
    if (waitMs > 0) throw new GatewayError('throttled', { retryAfterMs: waitMs })
    return { account: Math.max(1, this.#options.loginBackoffAfter - failures), address: addressRoom }
  }

  #backoffMs(failures: number): number {
    const beyond = failures - this.#options.loginBackoffAfter
    return beyond < 0 ? 0 : Math.min(backoffMsMax, backoffMsMin * 2 ** beyond)
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

  #addressCounterKey(address: string, isKnown: boolean): string {
    return isKnown ? this.#hash('known-at-address', addressKey(address)) : this.addressKey(address)
  }

  #hash(kind: string, value: string): string {
    return createHmac('sha256', this.#options.secret).update(`${kind}\n${value}`).digest('base64url')
  }
}

function addressDebtMs(counter: Throttle | undefined, now: number): number {
  return Math.max(0, (counter?.tat ?? 0) - now)
}

/** @returns how long until a refusal is answered in its turn */
function takeTurn(debts: AddressDebts, key: string, { count, stepMs }: typeof prompt.all, now: number): number {
  const turnMs = debts.debtMs(key, now) - (count - 1) * stepMs
  debts.note(key, stepMs, now)
  return turnMs
}
