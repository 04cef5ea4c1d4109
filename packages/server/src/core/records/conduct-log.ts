import { wrongSignaturesMax } from '@lobbykey/contract/admin'
import type { ConductMark, Habit, MerchantConductStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { DecidedCall, RefusedCall } from './decided-call.ts'

const flushIntervalMs = 10_000
/** How often a mark in constant use is written. One that turns right or wrong is written at the next flush. */
const coarseMs = 300_000
/** Requests of a merchant that were told to wait and are remembered; the oldest are forgotten. */
const waitingMax = 64
/** Timers are not exact. */
const earlyMs = 100
/** Wrong signatures with no longer pause between them belong together. */
const loopPauseMs = 30_000
/** How long a member is watched until it logs in again. */
const watchedMsMax = 86_400_000

interface Mark {
  rightAt: number
  wrongAt: number
  writtenAt: number
  wasRight: boolean
}

/** A member whose next login shows whether it comes with a fresh token. */
interface Watched {
  userId: string
  tokenHash: Uint8Array
  at: number
}

/** One merchant's program. */
interface Conduct {
  readonly marks: Map<string, Mark>
  /** The last member that logged in, for partners who try it, and one that is waited for, among many. */
  readonly last: Watched
  readonly awaited: Watched
  /** Requests that were told to wait, by signature, and until when. */
  readonly waiting: Map<string, number>
  wrong: { at: number; count: number } | null
}

export interface NotedLogin {
  readonly agentId: string
  readonly userId: string
  readonly tokenHash: Uint8Array
  readonly at: number
  /** It was the same request again, and got the same answer. */
  readonly isRepeated: boolean
  readonly hasCallback: boolean
}

export interface ConductLogOptions {
  readonly store: Pick<MerchantConductStore, 'note'>
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/**
 * Notes what each merchant's program does right and wrong, for its certificate. Noting sets times in memory, which are written together in the
 * background; memory is bounded by the number of merchants. A process that loses some sees them again.
 */
export class ConductLog {
  readonly #options: ConductLogOptions
  readonly #merchants = new Map<string, Conduct>()
  #flushing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(options: ConductLogOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  accepted({ at, agentId, call, keyId, sign }: DecidedCall): void {
    if (agentId === undefined || keyId === undefined) return
    const conduct = this.#of(agentId)
    mark(conduct, call, at, true)
    if (call === 'logout') mark(conduct, 'logged-out' satisfies Habit, at, true)
    if (conduct.waiting.size > 0 && sign !== undefined) endWait(conduct, sign, at)
  }

  refused(refused: RefusedCall): void {
    const { at, surface, agentId, isKnown, call, keyId, sign, error } = refused
    if (surface !== 'member-api' || agentId === undefined || !isKnown) return
    const conduct = this.#of(agentId)
    if (keyId !== undefined) mark(conduct, call, at, true)
    if (error.key === 'bad_signature') noteWrongSignature(conduct, call, at)
    if (call === 'login' && error.key === 'login_refused') mark(conduct, 'fresh-token' satisfies Habit, at, false)
    if (error.details.field === 'callback') mark(conduct, 'callback' satisfies Habit, at, false)
    if (sign === undefined) return
    endWait(conduct, sign, at)
    if (error.details.retryAfterMs !== undefined) noteWait(conduct, sign, at, error.details.retryAfterMs)
  }

  loggedIn({ agentId, userId, tokenHash, at, isRepeated, hasCallback }: NotedLogin): void {
    const conduct = this.#of(agentId)
    if (isRepeated) {
      mark(conduct, 'repeat' satisfies Habit, at, true)
      return
    }
    if (hasCallback) mark(conduct, 'callback' satisfies Habit, at, true)
    const { last, awaited } = conduct
    const before = last.userId === userId ? last : awaited.userId === userId ? awaited : null
    if (before !== null) mark(conduct, 'fresh-token' satisfies Habit, at, Buffer.compare(before.tokenHash, tokenHash) !== 0)
    watch(last, userId, tokenHash, at)
    if (before === awaited || at - awaited.at > watchedMsMax) watch(awaited, userId, tokenHash, at)
  }

  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write()).catch(this.#options.onError)
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  #of(agentId: string): Conduct {
    const known = this.#merchants.get(agentId)
    if (known !== undefined) return known
    const nobody = () => ({ userId: '', tokenHash: new Uint8Array(0), at: Number.NEGATIVE_INFINITY })
    const conduct = { marks: new Map(), last: nobody(), awaited: nobody(), waiting: new Map(), wrong: null }
    this.#merchants.set(agentId, conduct)
    return conduct
  }

  async #write(): Promise<void> {
    const now = this.#options.clock.now()
    const due: ConductMark[] = []
    const marks: Mark[] = []
    for (const [agentId, conduct] of this.#merchants) {
      settleWrongSignatures(conduct, now)
      for (const [topic, one] of conduct.marks) {
        if (!isDue(one)) continue
        due.push({ agentId, topic, rightAt: one.rightAt, wrongAt: one.wrongAt })
        marks.push(one)
      }
    }
    await this.#options.store.note(due)
    for (const [index, { rightAt, wrongAt }] of due.entries()) {
      const one = marks[index]
      if (one === undefined) continue
      one.writtenAt = Math.max(rightAt, wrongAt)
      one.wasRight = rightAt >= wrongAt
    }
  }
}

function mark({ marks }: Conduct, topic: string, at: number, isRight: boolean): void {
  let one = marks.get(topic)
  if (one === undefined) {
    one = { rightAt: 0, wrongAt: 0, writtenAt: 0, wasRight: false }
    marks.set(topic, one)
  }
  if (isRight) one.rightAt = at
  else one.wrongAt = at
}

function isDue({ rightAt, wrongAt, writtenAt, wasRight }: Mark): boolean {
  const at = Math.max(rightAt, wrongAt)
  if (at <= writtenAt) return false
  return writtenAt === 0 || at - writtenAt >= coarseMs || rightAt >= wrongAt !== wasRight
}

function watch(watched: Watched, userId: string, tokenHash: Uint8Array, at: number): void {
  watched.userId = userId
  watched.tokenHash = tokenHash
  watched.at = at
}

/** Retry-After is in whole seconds, at least one. */
function noteWait({ waiting }: Conduct, sign: string, at: number, retryAfterMs: number): void {
  const [oldest] = waiting.keys()
  if (waiting.size >= waitingMax && oldest !== undefined) waiting.delete(oldest)
  waiting.set(sign, at + Math.max(1, Math.ceil(retryAfterMs / 1_000)) * 1_000)
}

/** The same request again. Being refused once more after waiting is no fault. */
function endWait(conduct: Conduct, sign: string, at: number): void {
  const until = conduct.waiting.get(sign)
  if (until === undefined) return
  conduct.waiting.delete(sign)
  mark(conduct, 'retry-after' satisfies Habit, at, at >= until - earlyMs)
}

function noteWrongSignature(conduct: Conduct, call: string, at: number): void {
  mark(conduct, call, at, false)
  settleWrongSignatures(conduct, at)
  conduct.wrong ??= { at, count: 0 }
  conduct.wrong.at = at
  if (++conduct.wrong.count > wrongSignaturesMax) mark(conduct, 'wrong-signature' satisfies Habit, at, false)
}

/** Once no more have followed, it is known whether they were few. */
function settleWrongSignatures(conduct: Conduct, now: number): void {
  const { wrong } = conduct
  if (wrong === null || now - wrong.at <= loopPauseMs) return
  conduct.wrong = null
  if (wrong.count <= wrongSignaturesMax) mark(conduct, 'wrong-signature' satisfies Habit, wrong.at, true)
}
