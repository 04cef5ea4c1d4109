import { GatewayError } from '@lobbykey/contract'
import { within } from '../core/base/within.ts'

/** Whatever the store does, a caller has its answer within five seconds. */
const answerMsMax = 4_700
const lookMs = 100

/**
 * What `work` gives. What takes longer goes on by itself, and its caller hears `store_unavailable`: nothing else here takes so long.
 * @param since when the caller's time began, by `performance.now`
 */
export function inTime<T>(work: Promise<T>, since = performance.now()): Promise<T> {
  return within(since + answerMsMax - performance.now(), work, lateError)
}

/** A caller that waits. `end` is true for who may answer: the first to ask. */
export interface Waiting {
  end(): boolean
}

/** The same for the hot path: no promise and no timer of its own. `onLate` answers in place of the work. */
export function answerInTime(onLate: (error: GatewayError) => void): Waiting {
  const caller = new Caller(onLate)
  callers.push(caller)
  watch ??= setInterval(look, lookMs).unref()
  return caller
}

class Caller implements Waiting {
  readonly since = performance.now()
  readonly onLate: (error: GatewayError) => void
  isOver = false

  constructor(onLate: (error: GatewayError) => void) {
    this.onLate = onLate
  }

  end(): boolean {
    if (this.isOver) return false
    this.isOver = true
    return true
  }
}

let callers: Caller[] = []
let watch: NodeJS.Timeout | null = null

function look(): void {
  const before = performance.now() - answerMsMax
  callers = callers.filter((caller) => {
    if (caller.isOver) return false
    if (caller.since > before) return true
    // One more turn: an answer that is there, although this process was too busy to read it, counts.
    setImmediate(() => {
      if (caller.end()) caller.onLate(lateError(new Error(`no answer within ${answerMsMax} ms`)))
    })
    return false
  })
  if (callers.length > 0 || watch === null) return
  clearInterval(watch)
  watch = null
}

function lateError(error: Error): GatewayError {
  return new GatewayError('store_unavailable', { retryAfterMs: 1_000 }, error)
}
