import { LobbykeyError } from './lobbykey-error.ts'

export interface Patience {
  /** How long a call may take in all, with its repeats; default 15 s. */
  readonly deadlineMs?: number
  /** How long to wait for one answer; default 6 s. */
  readonly attemptMs?: number
  /** The first pause before a repeat; pauses double, with jitter. Default 200 ms. */
  readonly firstPauseMs?: number
}

const pauseMsMax = 3_000

/** When a call has to be over, by the clock that is never set. Counted once a call, whatever it takes. */
export function endOf({ deadlineMs = 15_000 }: Patience): number {
  return performance.now() + deadlineMs
}

/**
 * Does the work again while its error says that a repeat can help, until the end.
 * @param giveUp makes of the last error what the call comes to; default: throws it
 * @throws LobbykeyError
 */
export async function repeat<T>(
  patience: Patience,
  end: number,
  work: (signal: AbortSignal) => Promise<T>,
  giveUp: (error: unknown) => T | Promise<T> = raise,
): Promise<T> {
  const { attemptMs = 6_000 } = patience
  for (let attempt = 0; ; attempt++) {
    const limit = limitOf(Math.min(end - performance.now(), attemptMs))
    let pauseMs: number
    try {
      return await work(limit.signal)
    } catch (error) {
      pauseMs = pauseAfter(error, attempt, patience)
      if (performance.now() + pauseMs >= end) return giveUp(error)
    } finally {
      limit.lift()
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** Does the work once; its signal comes at the end. */
export async function attemptUntil<T>(end: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = limitOf(end - performance.now())
  try {
    return await work(limit.signal)
  } finally {
    limit.lift()
  }
}

/** Infinite where no repeat can help. */
function pauseAfter(error: unknown, attempt: number, { firstPauseMs = 200 }: Patience): number {
  if (!(error instanceof LobbykeyError) || !error.mayRepeat) return Number.POSITIVE_INFINITY
  const most = Math.min(firstPauseMs * 2 ** attempt, pauseMsMax)
  return (error.retryAfterMs ?? most / 2) + (Math.random() * most) / 2
}

/**
 * In place of AbortSignal.timeout, whose timers live on when the answer has come: under load they cost more than the request. Each call has its own
 * timer, as edge workers end a timer together with the request that made it.
 */
function limitOf(ms: number): { readonly signal: AbortSignal; readonly lift: () => void } {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(outOfTime()), Math.ceil(Math.max(1, ms)))
  return { signal: controller.signal, lift: () => clearTimeout(timer) }
}

function raise(error: unknown): never {
  throw error
}

function outOfTime(): DOMException {
  return new DOMException('no answer in time', 'TimeoutError')
}
