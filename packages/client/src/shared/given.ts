import { facts } from '../generated/contract.ts'

/** A base URL without a slash at its end. @throws TypeError: an option that was left out shows at once, not as a gateway that does not answer */
export function givenBaseUrl(baseUrl: unknown, name = 'baseUrl'): string {
  if (typeof baseUrl !== 'string' || !new RegExp(facts.baseUrl).test(baseUrl))
    throw new TypeError(`${name} must be the gateway's URL in ASCII, without user name and query, such as https://login.example.com`)
  return baseUrl.replace(/\/+$/, '')
}

/** @throws TypeError for the first option that is not there */
export function demandTexts(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options))
    if (!isGiven(value)) throw new TypeError(`${name} must be a string that is not empty`)
}

/** Whether an option is there: a variable of the environment that is empty is as good as none. */
export function isGiven(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
