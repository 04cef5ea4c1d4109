import { setImmediate as nextTurn } from 'node:timers/promises'
import { wrongSignaturesMax } from '@lobbykey/contract/admin'
import type { ConductMark, Habit, MerchantConductStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { DecidedCall, RefusedCall } from './decided-call.ts'

const flushIntervalMs = 10_000
const batchMax = 500
/** How often a mark in constant use is written. One that turns right or wrong is written at the next flush, and the last of each soon after it. */
const coarseMs = 300_000
/** What was not seen for so long is in no constant use. */
const quietMs = 10_000
/** Requests of a merchant that were told to wait and are remembered; the oldest are forgotten. */
const waitingMax = 64
/** Timers are not exact. */
const earlyMs = 100
/** Wrong signatures with no longer pause between them belong together. */
const loopPauseMs = 30_000
/** How long a member is watched until it logs in again. */
const watchedMsMax = 86_400_000

interface Mark {
  readonly agentId: string
  readonly topic: string
  rightAt: number
  wrongAt: number
  /** Of what is written. */
  writtenAt: number
  wasRight: boolean
  isDue: boolean
}

/** A member whose next login shows whether it comes with a fresh token. */
interface Watched {
  userId: string
  tokenHash: Uint8Array
  at: number
}

/** One merchant's program. */
interface Conduct {
  readonly agentId: string
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
  #due: Mark[] = []
  /** Those seen again and not written yet, since they are in constant use. */
  readonly #held = new Set<Mark>()
  /** Those with wrong signatures whose end is awaited. */
  readonly #wrong = new Set<Conduct>()
  #flushing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(options: ConductLogOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  accepted({ at, agentId, call, keyId, sign }: DecidedCall): void {
    if (agentId === undefined || keyId === undefined) return
    const conduct = this.#of(agentId)
    this.#mark(conduct, call, at, true)
    if (call === 'logout') this.#mark(conduct, 'logged-out' satisfies Habit, at, true)
    if (conduct.waiting.size > 0 && sign !== undefined) this.#endWait(conduct, sign, at)
  }

  refused(refused: RefusedCall): void {
    const { at, surface, agentId, isKnown, call, keyId, sign, error } = refused
    if (surface !== 'member-api' || agentId === undefined || !isKnown) return
    const conduct = this.#of(agentId)
    if (keyId !== undefined) this.#mark(conduct, call, at, true)
    if (error.key === 'bad_signature') this.#noteWrongSignature(conduct, call, at)
    if (call === 'login' && error.key === 'login_refused') this.#mark(conduct, 'fresh-token' satisfies Habit, at, false)
    if (error.details.field === 'callback') this.#mark(conduct, 'callback' satisfies Habit, at, false)
    if (sign === undefined) return
    this.#endWait(conduct, sign, at)
    if (error.details.retryAfterMs !== undefined) noteWait(conduct, sign, at, error.details.retryAfterMs)
  }

  /** A login of a member or a guest had a callback on a listed origin. */
  usedCallback(agentId: string, at: number): void {
    this.#mark(this.#of(agentId), 'callback' satisfies Habit, at, true)
  }

  loggedIn({ agentId, userId, tokenHash, at, isRepeated }: NotedLogin): void {
    const conduct = this.#of(agentId)
    if (isRepeated) {
      this.#mark(conduct, 'repeat' satisfies Habit, at, true)
      return
    }
    const { last, awaited } = conduct
    const before = last.userId === userId ? last : awaited.userId === userId ? awaited : null
    if (before !== null) this.#mark(conduct, 'fresh-token' satisfies Habit, at, Buffer.compare(before.tokenHash, tokenHash) !== 0)
    watch(last, userId, tokenHash, at)
    if (before === awaited || at - awaited.at > watchedMsMax) watch(awaited, userId, tokenHash, at)
  }

  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write()).catch(this.#options.onError)
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#flushing
    this.#dueHeld(Number.POSITIVE_INFINITY)
    await this.flush()
  }

  #of(agentId: string): Conduct {
    const known = this.#merchants.get(agentId)
    if (known !== undefined) return known
    const nobody = () => ({ userId: '', tokenHash: new Uint8Array(0), at: Number.NEGATIVE_INFINITY })
    const conduct = { agentId, marks: new Map(), last: nobody(), awaited: nobody(), waiting: new Map(), wrong: null }
    this.#merchants.set(agentId, conduct)
    return conduct
  }

  #mark({ agentId, marks }: Conduct, topic: string, at: number, isRight: boolean): void {
    let mark = marks.get(topic)
    if (mark === undefined) {
      mark = { agentId, topic, rightAt: 0, wrongAt: 0, writtenAt: 0, wasRight: false, isDue: false }
      marks.set(topic, mark)
    }
    if (isRight) mark.rightAt = at
    else mark.wrongAt = at
    if (!mark.isDue) this.#place(mark)
  }

  #place(mark: Mark): void {
    if (isWorthWriting(mark)) this.#makeDue(mark)
    else if (latestOf(mark) > mark.writtenAt) this.#held.add(mark)
  }

  #makeDue(mark: Mark): void {
    mark.isDue = true
    this.#due.push(mark)
    this.#held.delete(mark)
  }

  /** Another process may have seen the opposite in between, so what was seen last may not stay unwritten. */
  #dueHeld(before: number): void {
    for (const mark of this.#held) if (latestOf(mark) < before) this.#makeDue(mark)
  }

  /** The same request again. Being refused once more after waiting is no fault. */
  #endWait(conduct: Conduct, sign: string, at: number): void {
    const until = conduct.waiting.get(sign)
    if (until === undefined) return
    conduct.waiting.delete(sign)
    this.#mark(conduct, 'retry-after' satisfies Habit, at, at >= until - earlyMs)
  }

  #noteWrongSignature(conduct: Conduct, call: string, at: number): void {
    this.#mark(conduct, call, at, false)
    this.#settleWrongSignatures(conduct, at)
    conduct.wrong ??= { at, count: 0 }
    conduct.wrong.at = at
    this.#wrong.add(conduct)
    if (++conduct.wrong.count > wrongSignaturesMax) this.#mark(conduct, 'wrong-signature' satisfies Habit, at, false)
  }

  /** Once no more have followed, it is known whether they were few. */
  #settleWrongSignatures(conduct: Conduct, now: number): void {
    const { wrong } = conduct
    if (wrong === null || now - wrong.at <= loopPauseMs) return
    conduct.wrong = null
    this.#wrong.delete(conduct)
    if (wrong.count <= wrongSignaturesMax) this.#mark(conduct, 'wrong-signature' satisfies Habit, wrong.at, true)
  }

  async #write(): Promise<void> {
    const now = this.#options.clock.now()
    for (const conduct of this.#wrong) this.#settleWrongSignatures(conduct, now)
    this.#dueHeld(now - quietMs)
    for (let left = this.#due.length; left > 0; left -= batchMax) {
      await this.#writeBatch(this.#due.slice(0, Math.min(left, batchMax)))
      // SQLite writes in this thread.
      await nextTurn()
    }
  }

  async #writeBatch(batch: readonly Mark[]): Promise<void> {
    const written = batch.map(({ agentId, topic, rightAt, wrongAt }): ConductMark => ({ agentId, topic, rightAt, wrongAt }))
    await this.#options.store.note(written)
    this.#due = this.#due.slice(batch.length)
    for (const [index, { rightAt, wrongAt }] of written.entries()) {
      const mark = batch[index]
      if (mark === undefined) continue
      mark.writtenAt = Math.max(rightAt, wrongAt)
      mark.wasRight = rightAt >= wrongAt
      // It may have turned meanwhile.
      mark.isDue = false
      this.#place(mark)
    }
  }
}

function latestOf({ rightAt, wrongAt }: Mark): number {
  return Math.max(rightAt, wrongAt)
}

function isWorthWriting(mark: Mark): boolean {
  const { rightAt, wrongAt, writtenAt, wasRight } = mark
  const at = latestOf(mark)
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
