import { GatewayError } from '@lobbykey/contract'
import { within } from '../core/base/within.ts'

/** Whatever the store does, a caller has its answer within five seconds. */
const answerMsMax = 4_700

/**
 * What `work` gives. What takes longer goes on by itself, and its caller hears `store_unavailable`: nothing else here takes so long.
 * @param since when the caller's time began, by `performance.now`
 */
export function inTime<T>(work: Promise<T>, since = performance.now()): Promise<T> {
  return within(
    since + answerMsMax - performance.now(),
    work,
    (error) => new GatewayError('store_unavailable', { retryAfterMs: 1_000 }, error),
  )
}
