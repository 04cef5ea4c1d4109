import { GatewayError } from '@lobbykey/contract'
import type { Clock } from '../base/clock.ts'
import { Buckets, durationBoundsMs } from '../base/histogram.ts'
import { inSpan } from '../base/spans.ts'
import { FairQueue } from './fair-queue.ts'

export interface PasswordLaneOptions {
  readonly clock: Clock
  /** Hashes computed at once. */
  readonly passwordLaneWidth: number
  /** Jobs that may wait. */
  readonly passwordQueueMax: number
  /** How long one may wait, ms. */
  readonly passwordQueueMsMax: number
}

/** How long a caller waits: until it hangs up or its time is over. Times are ms since 1970. */
export interface Patience {
  /** When it came. */
  readonly since: number
  readonly until: number
  readonly signal: AbortSignal
}

export interface Entrant {
  readonly patience: Patience
  /** The network address that places are counted by. */
  readonly source: string
  /** Precedes strangers: known at that source, or authenticated otherwise. */
  readonly isKnown: boolean
}

/** A place in the lane. */
export interface Place {
  /** The holder's; it also ends when the place is given to another. */
  readonly patience: Patience
  /** Computes a hash when its turn comes. @throws GatewayError login_busy; the signal's reason; whatever `job` throws */
  run<T>(job: () => Promise<T>): Promise<T>
  /** Marks the holder as authenticated. */
  prove(): void
  /** Releases it; always call it. */
  leave(): void
}

/** Largest share of all places per source while others wait. */
const sourceShare = 1 / 4
/** After this many known callers in a row comes a stranger, so that logins from new addresses get a turn. */
const knownInRowMax = 3

/**
 * Bounded admission for password hashing, the only costly thing that a stranger can request (check 40): limits for running jobs, waiting
 * jobs and waiting time. Beyond them the answer is `login_busy`. A waiting job whose caller is gone is dropped.
 *
 * Places are shared fairly: sources take turns; known callers precede strangers and take a stranger's place if none is free; among
 * strangers, the one with the most places gives way. However many addresses strangers use, known callers get their turn.
 *
 * Deadlines are checked whenever a job ends, which is every few milliseconds while anything waits.
 */
export class PasswordLane {
  /** How long hashes take, ms. */
  readonly durations = new Buckets(durationBoundsMs)
  readonly #options: PasswordLaneOptions
  readonly #placesMax: number
  readonly #sourceMax: number
  /** Mean duration of jobs, ms; the last ten weigh two thirds. Zero before the first. */
  #jobMs = 0
  /** In order of arrival. */
  readonly #places = new Set<LanePlace>()
  readonly #bySource = new Map<string, number>()
  #running = 0
  #refusedCount = 0
  readonly #known = new FairQueue<LanePlace>()
  readonly #strangers = new FairQueue<LanePlace>()
  #knownInRow = 0

  constructor(options: PasswordLaneOptions) {
    this.#options = options
    this.#placesMax = options.passwordLaneWidth + options.passwordQueueMax
    this.#sourceMax = Math.max(1, Math.floor(this.#placesMax * sourceShare))
  }

  /** Hashes being computed. */
  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#known.size + this.#strangers.size
  }

  /** Addresses that have places. */
  get sources(): number {
    return this.#bySource.size
  }

  /** Refusals since this process started. */
  get refusedCount(): number {
    return this.#refusedCount
  }

  /** The patience of a login that starts now. */
  patience(signal: AbortSignal): Patience {
    const since = this.#options.clock.now()
    return { since, until: since + this.#options.passwordQueueMsMax, signal }
  }

  /** Whether somebody could still get a place: one is free, or a stranger would give way. While none is, refuse before anything is read. */
  get hasRoom(): boolean {
    this.#dropExpired()
    if (this.#places.size < this.#placesMax) return true
    for (const place of this.#places) if (!place.hasRun && !place.isKnown) return true
    return false
  }

  /**
   * Takes a place for a job to come. Refuse for other reasons before. The time of who is known begins here: what it has lost on the way,
   * behind a flood of strangers, does not count.
   *
   * @throws GatewayError login_busy; the signal's reason when the caller is gone
   */
  enter(entrant: Entrant): Place {
    const now = this.#options.clock.now()
    const { since, until, signal } = entrant.patience
    const patience = { since, until: entrant.isKnown ? now + this.#options.passwordQueueMsMax : until, signal }
    verifyPatience(patience, now)
    this.#dropExpired()
    const own = this.#bySource.get(entrant.source) ?? 0
    if (own >= this.#sourceMax && this.#waitsAnyBut(entrant.source)) throw this.refusal()
    if (this.#places.size >= this.#placesMax && !this.#makeRoom(entrant, own)) throw this.refusal()
    const place = new LanePlace({ ...entrant, patience }, { run: (one, job) => this.#run(one, job), leave: (one) => this.#leave(one) })
    this.#places.add(place)
    this.#bySource.set(place.source, own + 1)
    this.#holdToShares()
    return place
  }

  async #run<T>(place: LanePlace, job: () => Promise<T>): Promise<T> {
    await inSpan('password lane wait', {}, () => this.#admit(place))
    const { clock } = this.#options
    const begun = clock.now()
    const steadyBegun = performance.now()
    try {
      return await inSpan('password hash', {}, job)
    } finally {
      const tookMs = clock.now() - begun
      this.#jobMs += this.#jobMs === 0 ? tookMs : (tookMs - this.#jobMs) / 10
      this.durations.observe(performance.now() - steadyBegun)
      this.#running--
      this.#next()
    }
  }

  /**
   * Resolves when the place's turn has come. A stranger is refused at once if, at the mean duration of recent jobs, it would come too late; who is
   * known waits: jobs that take long in the first moments of a flood say little of the next.
   */
  async #admit(place: LanePlace): Promise<void> {
    const { clock, passwordLaneWidth } = this.#options
    const now = clock.now()
    verifyPatience(place.patience, now)
    if (this.#running < passwordLaneWidth) {
      this.#running++
      place.hasRun = true
      return
    }
    this.#dropExpired()
    const queue = place.isKnown ? this.#known : this.#strangers
    if (!place.hasRun && !place.isKnown) {
      const before = queue.countBefore(place.source) + this.#known.size
      if (now + ((before + 1) * this.#jobMs) / passwordLaneWidth > place.patience.until) throw this.refusal()
    }
    queue.add(place.source, place)
    try {
      await place.turn()
    } finally {
      queue.delete(place.source, place)
    }
  }

  #next(): void {
    this.#dropExpired()
    const isStrangersTurn = this.#known.size === 0 || (this.#strangers.size > 0 && this.#knownInRow >= knownInRowMax)
    const queue = isStrangersTurn ? this.#strangers : this.#known
    let place = queue.shift()
    // A place that has just been given up may still be queued.
    while (place?.patience.signal.aborted) place = queue.shift()
    this.#knownInRow = isStrangersTurn ? 0 : this.#knownInRow + 1
    if (place === undefined) return
    this.#running++
    place.start()
  }

  #leave(place: LanePlace): void {
    if (!this.#places.delete(place)) return
    const left = (this.#bySource.get(place.source) ?? 0) - 1
    if (left > 0) this.#bySource.set(place.source, left)
    else this.#bySource.delete(place.source)
  }

  #waitsAnyBut(source: string): boolean {
    for (const place of this.#places) if (!place.hasRun && place.source !== source) return true
    return false
  }

  /** Takes the newest waiting place from the stranger with the most places, if that is more than the entrant would have. */
  #makeRoom(entrant: Entrant, own: number): boolean {
    const held = new Map<string, { count: number; newest: LanePlace }>()
    for (const place of this.#places) {
      if (place.hasRun || place.isKnown) continue
      held.set(place.source, { count: (held.get(place.source)?.count ?? 0) + 1, newest: place })
    }
    let most: { count: number; newest: LanePlace } | undefined
    for (const one of held.values()) if (most === undefined || one.count > most.count) most = one
    if (most === undefined || (!entrant.isKnown && most.count <= own + 1)) return false
    most.newest.giveUp(this.refusal())
    return true
  }

  /** Takes back, newest first, a source's places beyond its share. */
  #holdToShares(): void {
    for (const [source, count] of this.#bySource) {
      if (count <= this.#sourceMax || !this.#waitsAnyBut(source)) continue
      const held = [...this.#places].filter((place) => place.source === source && !place.hasRun)
      const strangersLast = [...held.filter(({ isKnown }) => isKnown), ...held.filter(({ isKnown }) => !isKnown)]
      for (const place of strangersLast.reverse().slice(0, count - this.#sourceMax)) place.giveUp(this.refusal())
    }
  }

  #dropExpired(): void {
    const now = this.#options.clock.now()
    for (const place of this.#places) {
      const isComputing = place.hasRun && !place.isWaiting
      if (now > place.patience.until && !isComputing) place.giveUp(this.refusal())
    }
  }

  /** The answer for who gets no place. */
  refusal(): GatewayError {
    this.#refusedCount++
    return loginBusy()
  }
}

interface Lane {
  run<T>(place: LanePlace, job: () => Promise<T>): Promise<T>
  leave(place: LanePlace): void
}

class LanePlace implements Place {
  readonly source: string
  readonly patience: Patience
  isKnown: boolean
  /** It has had its turn and is not taken back. */
  hasRun = false
  readonly #lane: Lane
  readonly #end = new AbortController()
  readonly #caller: AbortSignal
  readonly #abandon = () => this.#end.abort(this.#caller.reason)
  #turn: PromiseWithResolvers<void> | null = null

  /** It is queued. */
  get isWaiting(): boolean {
    return this.#turn !== null
  }

  constructor({ patience, source, isKnown }: Entrant, lane: Lane) {
    this.source = source
    this.isKnown = isKnown
    this.#lane = lane
    this.#caller = patience.signal
    this.patience = { ...patience, signal: this.#end.signal }
    this.#caller.addEventListener('abort', this.#abandon, { once: true })
    this.#end.signal.addEventListener('abort', () => this.#turn?.reject(this.#end.signal.reason), { once: true })
  }

  run<T>(job: () => Promise<T>): Promise<T> {
    return this.#lane.run(this, job)
  }

  prove(): void {
    this.isKnown = true
  }

  leave(): void {
    this.#caller.removeEventListener('abort', this.#abandon)
    this.#lane.leave(this)
  }

  /** Resolves when the lane starts it. */
  turn(): Promise<void> {
    this.#turn = Promise.withResolvers()
    return this.#turn.promise
  }

  start(): void {
    this.hasRun = true
    this.#turn?.resolve()
    this.#turn = null
  }

  giveUp(error: GatewayError): void {
    this.leave()
    this.#end.abort(error)
  }
}

function loginBusy(): GatewayError {
  return new GatewayError('login_busy', { retryAfterMs: 1_000 })
}

/** @throws GatewayError login_busy when the time is over or the place was given to another; the signal's reason when the caller is gone */
export function verifyPatience(patience: Patience, now: number): void {
  patience.signal.throwIfAborted()
  if (now > patience.until) throw loginBusy()
}
