import { facts } from '../generated/contract.ts'

/** `baseUrl` without a slash at its end. @throws TypeError: an option that was left out shows at once, not as a gateway that does not answer */
export function givenBaseUrl(baseUrl: unknown): string {
  if (typeof baseUrl !== 'string' || !new RegExp(facts.baseUrl).test(baseUrl))
    throw new TypeError("baseUrl must be the gateway's URL in ASCII, without user name and query, such as https://login.example.com")
  return baseUrl.replace(/\/+$/, '')
}

/** Whether an option is there: a variable of the environment that is empty is as good as none. */
export function isGiven(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
