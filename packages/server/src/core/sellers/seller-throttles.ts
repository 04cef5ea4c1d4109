import { parameterError } from '@lobbykey/contract'
import type { EventOrigin, Store, Throttle } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { normalizeEmail } from '../base/email-address.ts'
import { normalizeAddress } from '../base/network-address.ts'
import type { LoginThrottle, ThrottleKind, ThrottleState } from '../passwords/login-throttle.ts'
import { knownAddresses } from './seller-unlock.ts'

export interface Whose {
  readonly email?: string | undefined
  readonly address?: string | undefined
}

export interface FoundThrottle extends Throttle {
  /** Null unless filtered by name, since a key does not reveal whose it is. */
  readonly kind: ThrottleKind | null
  readonly state: ThrottleState | null
}

export interface SellerThrottlesOptions {
  readonly store: Pick<Store, 'throttles' | 'sellers' | 'sellerSessions'>
  readonly throttle: LoginThrottle
  readonly clock: Clock
  readonly origin: EventOrigin
}

/** Operators' view of the counters of wrong passwords. */
export class SellerThrottles {
  readonly #options: SellerThrottlesOptions

  constructor(options: SellerThrottlesOptions) {
    this.#options = options
  }

  /** Ordered by key; a single page when filtered by account or address. @throws GatewayError invalid_parameter */
  async list(whose: Whose, page: { readonly limit: number; readonly after?: string | undefined }): Promise<FoundThrottle[]> {
    const { store, throttle, clock } = this.#options
    if (whose.email === undefined && whose.address === undefined) {
      const counters = await store.throttles.list({ now: clock.now(), ...page })
      return counters.map((counter) => ({ ...counter, kind: null, state: null }))
    }
    const kinds = await this.#kindsOf(whose)
    const counters = await store.throttles.read([...kinds.keys()])
    return counters
      .filter(({ key }) => key > (page.after ?? ''))
      .slice(0, page.limit)
      .map((counter) => {
        const kind = kinds.get(counter.key) ?? null
        return { ...counter, kind, state: kind === null ? null : throttle.stateOf(counter, kind) }
      })
  }

  /** @returns how many were cleared. @throws GatewayError invalid_parameter */
  async clear({ key, ...whose }: Whose & { readonly key?: string | undefined }): Promise<number> {
    const { store, clock, origin } = this.#options
    const by = Object.entries({ ...whose, throttleId: key }).flatMap(([name, value]) => (value === undefined ? [] : [name]))
    if (by.length === 0) throw parameterError('throttleId', 'is required, or email, or address')
    const named = await this.#kindsOf(whose)
    const counters = await store.throttles.read([...named.keys(), ...(key === undefined ? [] : [key])])
    if (counters.length === 0) return 0
    const seller = whose.email === undefined ? null : await store.sellers.findByEmail(normalizeEmail(whose.email) ?? '')
    await store.throttles.clear(
      counters.map((counter) => counter.key),
      {
        at: clock.now(),
        kind: 'throttle.cleared',
        ...origin,
        subject: seller?.id ?? key,
        count: counters.length,
        details: { by, ...(whose.address === undefined ? {} : { address: whose.address }) },
      },
    )
    return counters.length
  }

  /** Including those of an account at its known addresses. */
  async #kindsOf({ email, address }: Whose): Promise<Map<string, ThrottleKind>> {
    const { store, throttle } = this.#options
    if (email === undefined && address === undefined) return new Map()
    const account = email === undefined ? undefined : normalizeEmail(email)
    if (account === null) throw parameterError('email', 'must be one e-mail address')
    const place = address === undefined ? undefined : normalizeAddress(address)
    if (place === null) throw parameterError('address', 'must be an IP address, v4 or v6, without zone')
    const keys = throttle.keysOf({ email: account, address: place })
    if (account === undefined || place !== undefined) return keys
    const seller = await store.sellers.findByEmail(account)
    for (const known of seller === null ? [] : await knownAddresses(store.sellerSessions, seller.id)) {
      for (const [key, kind] of throttle.keysOf({ email: account, address: known })) if (kind === 'account-at-address') keys.set(key, kind)
    }
    return keys
  }
}
