import { retryAfterOf } from '../shared/bounded-answer.ts'
import { AdminError } from './admin-error.ts'

const attemptsMax = 4
const firstPauseMs = 200
/** A server that asks for more is told to the caller instead. */
const pauseMsMax = 10_000

/** Sends until there is an answer that another attempt would not better: pauses double, or are what the server asks for. @throws AdminError */
export async function sendAgain(request: () => Promise<Response>, signal?: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const result = await request().catch((error: unknown) => AdminError.notReached(error))
    const pauseMs = pauseAfter(result, attempt)
    if (pauseMs === null || signal?.aborted) {
      if (result instanceof AdminError) throw result
      return result
    }
    if (result instanceof Response) await result.body?.cancel()
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** Null where this is the end. */
function pauseAfter(result: Response | AdminError, attempt: number): number | null {
  const isAgain = result instanceof AdminError || result.status === 429 || result.status === 503
  if (!isAgain || attempt === attemptsMax) return null
  const asked = result instanceof Response ? (retryAfterOf(result.headers) ?? 0) : 0
  if (asked > pauseMsMax) return null
  return Math.max(asked, firstPauseMs * 2 ** (attempt - 1))
}
