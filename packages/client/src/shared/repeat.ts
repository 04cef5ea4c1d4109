import { LobbykeyError, notReached } from './lobbykey-error.ts'

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

/** Does the work again while its error says that a repeat can help, until the end. @throws LobbykeyError */
export async function repeat<T>(patience: Patience, end: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { attemptMs = 6_000, firstPauseMs = 200 } = patience
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptUntil(Math.min(end, performance.now() + attemptMs), work)
    } catch (error) {
      if (!(error instanceof LobbykeyError) || !error.mayRepeat) throw error
      const most = Math.min(firstPauseMs * 2 ** attempt, pauseMsMax)
      const pauseMs = (error.retryAfterMs ?? most / 2) + (Math.random() * most) / 2
      if (performance.now() + pauseMs >= end) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** Does the work once; its signal comes at the end. */
export async function attemptUntil<T>(end: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // In place of AbortSignal.timeout, whose timers live on when the answer has come: under load they cost more than the request.
  const attempt = new AbortController()
  const timer = setTimeout(() => attempt.abort(outOfTime()), Math.ceil(Math.max(1, end - performance.now())))
  try {
    return await work(attempt.signal)
  } finally {
    clearTimeout(timer)
  }
}

function outOfTime(): DOMException {
  return new DOMException('no answer in time', 'TimeoutError')
}

/** @throws LobbykeyError not_reached */
export async function reach<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw error instanceof LobbykeyError ? error : notReached(error)
  }
}
