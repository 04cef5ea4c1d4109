/** How a change would have affected the last day's calls, as far as counted (`core/records/call-counts`: all but the last minute). */
import type { CallCountStore, CallOrigin } from '../../store/store.ts'
import { AddressList } from '../base/address-list.ts'
import { normalizeAddress } from '../base/network-address.ts'

const dayMs = 86_400_000

export class LastDay {
  readonly #origins: readonly CallOrigin[]

  private constructor(origins: readonly CallOrigin[]) {
    this.#origins = origins
  }

  static async of(store: Pick<CallCountStore, 'listOrigins'>, agentId: string, now: number): Promise<LastDay> {
    return new LastDay(await store.listOrigins({ agentId, since: now - dayMs, until: now + 1 }))
  }

  /** Effects of another address list. */
  effectsOfAllowing(before: readonly string[], after: readonly string[]): string[] {
    const [old, next] = [new AddressList(before), new AddressList(after)]
    const isIn = (list: AddressList, { address }: CallOrigin) => address !== null && normalizeAddress(address) !== null && list.has(address)
    const shutOut = this.#origins.filter(
      (origin) => origin.accepted > 0 && origin.address !== null && isIn(old, origin) && !isIn(next, origin),
    )
    const letIn = this.#origins.filter((origin) => origin.isStranger && !isIn(old, origin) && isIn(next, origin))
    return [
      ...sentence(
        shutOut,
        ({ accepted }) => accepted,
        (calls, addresses) => `${calls} of the last day from ${addresses} would have been refused.`,
      ),
      ...sentence(
        letIn,
        ({ refused }) => refused,
        (calls, addresses) => `${calls} of the last day from ${addresses} would not have been refused by the list.`,
      ),
    ]
  }

  /** Effects of retiring a key. */
  effectsOfRetiring(keyId: string): string[] {
    const signed = this.#origins.filter((origin) => origin.keyId === keyId && origin.accepted > 0)
    return sentence(
      signed,
      ({ accepted }) => accepted,
      (calls, addresses) => `${calls} of the last day from ${addresses} were signed with it.`,
    )
  }

  /** Effects of disabling the merchant. */
  effectsOfDisabling(): string[] {
    const accepted = this.#origins.filter((origin) => origin.accepted > 0)
    return sentence(
      accepted,
      (origin) => origin.accepted,
      (calls, addresses) => `${calls} of the last day from ${addresses} would have been refused.`,
    )
  }
}

/** Empty if there were no calls. */
function sentence(
  origins: readonly CallOrigin[],
  callsOf: (origin: CallOrigin) => number,
  write: (calls: string, addresses: string) => string,
): string[] {
  const calls = origins.reduce((sum, origin) => sum + callsOf(origin), 0)
  if (calls === 0) return []
  const addresses = new Set(origins.map(({ address }) => address))
  // Those beyond the limit are merged without an address.
  const count = addresses.has(null) ? `more than ${addresses.size - 1} addresses` : plural(addresses.size, 'address', 'addresses')
  return [write(plural(calls, 'call', 'calls'), count)]
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
