import { setTimeout as wait } from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import { randomSecret } from '../core/base/random.ts'

/**
 * The meaning of a failed statement. `contention`: passes by itself. `unavailable`: the store failed. `fault`: we did. `overtaken`: another
 * transaction wrote what this one looked for and did not find; a second look finds it.
 */
export type FailureKind = 'contention' | 'overtaken' | 'unavailable' | 'fault'

// Longer than any of our writes, shorter than any caller waits for an answer.
const attemptsMax = 120
/** Being overtaken this often means that the work does not look again, which is a bug. */
const overtakenMax = 3
const defaultMsMax = 3_000
const waitMsMax = 50

/**
 * Runs `work`, and retries after contention with growing random pauses.
 * @param msMax no retry starts after this time
 * @throws GatewayError store_unavailable
 */
export async function withRetries<T>(classify: (error: unknown) => FailureKind, work: () => Promise<T>, msMax = defaultMsMax): Promise<T> {
  const endAt = performance.now() + msMax
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const kind = classify(error)
      if (kind === 'fault' || (kind === 'overtaken' && attempt >= overtakenMax)) throw error
      if (kind === 'unavailable' || attempt === attemptsMax || performance.now() > endAt) throw storeUnavailable(error)
      await wait(pauseMs(attempt))
    }
  }
}

export function storeUnavailable(cause: unknown): GatewayError {
  return new GatewayError('store_unavailable', { retryAfterMs: 1000 }, cause)
}

/** Full jitter, so that two that collided do not collide again. */
function pauseMs(attempt: number): number {
  const [byte = 0] = randomSecret(1)
  return (Math.min(waitMsMax, 2 ** attempt) * byte) / 256
}
