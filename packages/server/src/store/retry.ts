import { setTimeout as wait } from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import { randomSecret } from '../core/base/random.ts'

/**
 * What a failed statement means: `contention` passes by itself, `unavailable` is the store's trouble, `fault` is ours. `overtaken`: another transaction has
 * written what this one looked for and did not find; looking again finds it.
 */
export type Trouble = 'contention' | 'overtaken' | 'unavailable' | 'fault'

// Longer than any write of ours, shorter than anyone waits for an answer.
const attemptsMax = 120
/** Whoever is overtaken so often has not looked: that is our mistake. */
const overtakenMax = 3
const usualMsMax = 3_000
const waitMsMax = 50

/**
 * Runs `work`, again after contention, with growing random pauses.
 * @param msMax after which it is not begun again
 * @throws GatewayError store_unavailable
 */
export async function withRetries<T>(judge: (error: unknown) => Trouble, work: () => Promise<T>, msMax = usualMsMax): Promise<T> {
  const endAt = performance.now() + msMax
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const trouble = judge(error)
      if (trouble === 'fault' || (trouble === 'overtaken' && attempt >= overtakenMax)) throw error
      if (trouble === 'unavailable' || attempt === attemptsMax || performance.now() > endAt) throw storeUnavailable(error)
      await wait(pauseMs(attempt))
    }
  }
}

export function storeUnavailable(cause: unknown): GatewayError {
  return new GatewayError('store_unavailable', { retryAfterMs: 1000 }, cause)
}

/** Full jitter: two that collided do not meet again. */
function pauseMs(attempt: number): number {
  const [byte = 0] = randomSecret(1)
  return (Math.min(waitMsMax, 2 ** attempt) * byte) / 256
}
