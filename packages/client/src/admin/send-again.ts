import { retryAfterOf } from '../shared/bounded-answer.ts'
import type { AdminError } from './admin-error.ts'

const attemptsMax = 4
const firstPauseMs = 200
/** A server that asks for more is told to the caller instead. */
const pauseMsMax = 10_000

/** An answer, read whole. */
export interface Exchange {
  readonly response: Response
  readonly body: unknown
}

export interface SendAgainOptions {
  /** Whether the request does nothing twice. If not, only what was refused before it was looked at (429) is sent again. */
  readonly isRepeatable: boolean
  readonly end: number
  readonly signal: AbortSignal
  readonly onWait?: ((pauseMs: number) => void) | undefined
}

/** Asks until there is an answer that another attempt would not better: pauses double, or are what the server asks for. @throws AdminError */
export async function sendAgain(ask: () => Promise<Exchange>, { isRepeatable, end, signal, onWait }: SendAgainOptions): Promise<Exchange> {
  for (let attempt = 1; ; attempt++) {
    const result = await ask().catch((error: unknown) => error as AdminError)
    const pauseMs = pauseAfter(result, attempt, isRepeatable)
    if (pauseMs === null || signal.aborted || performance.now() + pauseMs >= end) {
      if (result instanceof Error) throw result
      return result
    }
    if (isRefused(result)) onWait?.(pauseMs)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** Null where this is the end. */
function pauseAfter(result: Exchange | AdminError, attempt: number, isRepeatable: boolean): number | null {
  const isUnanswered = result instanceof Error ? result.key === 'not_reached' : result.response.status === 503
  const isAgain = isRefused(result) || (isRepeatable && isUnanswered)
  if (!isAgain || attempt === attemptsMax) return null
  const asked = result instanceof Error ? 0 : (retryAfterOf(result.response.headers) ?? 0)
  if (asked > pauseMsMax) return null
  return Math.max(asked, firstPauseMs * 2 ** (attempt - 1))
}

function isRefused(result: Exchange | AdminError): boolean {
  return !(result instanceof Error) && result.response.status === 429
}
