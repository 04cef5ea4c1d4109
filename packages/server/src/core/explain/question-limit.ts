import { RateLimiter, verifyAdmitted } from '../limits/rate-limiter.ts'

/** Questions a minute from one asker about one merchant. */
export const questionsPerAskerMinute = 20
/** Questions a minute about one merchant, whoever asks. */
export const questionsPerMerchantMinute = 60

const minuteMs = 60_000
const keysMax = 10_000

/**
 * Counts questions by the minute: a person asks several times and then thinks, so a minute's worth may come at once. Each process counts by
 * itself, as each has a thread of its own to answer in.
 */
export class QuestionLimit {
  readonly #limiter = new RateLimiter(keysMax, minuteMs)

  /** @param asker a network address that is on the merchant's list. @throws GatewayError rate_limited */
  take(agentId: string, asker: string, now: number): void {
    verifyAdmitted(this.#limiter.take(`${agentId}:${asker}`, questionsPerAskerMinute / 60, now), 'rate_limited')
    verifyAdmitted(this.#limiter.take(agentId, questionsPerMerchantMinute / 60, now), 'rate_limited')
  }
}
