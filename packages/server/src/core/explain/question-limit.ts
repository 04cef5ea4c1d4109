import { RateLimiter, verifyAdmitted } from '../limits/rate-limiter.ts'

/** Questions per minute from one asker about one merchant. */
export const questionsPerAskerMinute = 20
/** Questions per minute about one merchant, from all askers. */
export const questionsPerMerchantMinute = 60

const minuteMs = 60_000
const keysMax = 10_000

/**
 * Counts questions per minute: people ask several times and then think, so a minute's worth may come at once. Each process counts for
 * itself, as each answers in its own thread.
 */
export class QuestionLimit {
  readonly #limiter = new RateLimiter(keysMax, minuteMs)

  /** @param asker a network address that is on the merchant's list. @throws GatewayError rate_limited */
  take(agentId: string, asker: string, now: number): void {
    verifyAdmitted(this.#limiter.take(`${agentId}:${asker}`, questionsPerAskerMinute / 60, now), 'rate_limited')
    verifyAdmitted(this.#limiter.take(agentId, questionsPerMerchantMinute / 60, now), 'rate_limited')
  }
}
