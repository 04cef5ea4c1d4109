import { GatewayError } from '@lobbykey/contract'
import { within } from '../core/base/within.ts'

/** Every caller gets an answer within five seconds, whatever the store does. */
const answerMsMax = 4_700
const lookMs = 100

/**
 * The result of `work`. If it takes longer, it continues in the background and its caller gets `store_unavailable`: nothing but the store takes that
 * long.
 * @param since when the caller's time began, by `performance.now`
 */
export function inTime<T>(work: Promise<T>, since = performance.now()): Promise<T> {
  return within(since + answerMsMax - performance.now(), work, lateError)
}

/** A waiting caller. `end` returns true to the first who asks, and only that one may answer. */
export interface Waiting {
  end(): boolean
}

/** The same for the hot path, without a promise or a timer per call. `onLate` answers in place of the work. */
export function answerInTime(onLate: (error: GatewayError) => void): Waiting {
  const caller = new Caller(onLate)
  callers.push(caller)
  watch ??= setInterval(look, lookMs).unref()
  return caller
}

class Caller implements Waiting {
  readonly since = performance.now()
  /** Null once answered: it holds the whole request, which would otherwise live until the next look. */
  #onLate: ((error: GatewayError) => void) | null

  constructor(onLate: (error: GatewayError) => void) {
    this.#onLate = onLate
  }

  get isOver(): boolean {
    return this.#onLate === null
  }

  end(): boolean {
    if (this.#onLate === null) return false
    this.#onLate = null
    return true
  }

  beLate(error: GatewayError): void {
    const onLate = this.#onLate
    this.#onLate = null
    onLate?.(error)
  }
}

let callers: Caller[] = []
let watch: NodeJS.Timeout | null = null

function look(): void {
  const before = performance.now() - answerMsMax
  callers = callers.filter((caller) => {
    if (caller.isOver) return false
    if (caller.since > before) return true
    // One more turn: an answer that has arrived counts, even if this process was too busy to read it.
    setImmediate(() => {
      if (!caller.isOver) caller.beLate(lateError(new Error(`no answer within ${answerMsMax} ms`)))
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
