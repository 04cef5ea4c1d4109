import { GatewayError } from '@lobbykey/contract'
import type { Clock } from '../base/clock.ts'
import { addressKey } from '../base/network-address.ts'
import { type Limiter, verifyNoWait } from '../limits/rate-limiter.ts'
import type { Service, ServiceRegistry } from './service-registry.ts'

/** Wrong secrets a second from one address for one service; a burst is two seconds' worth. */
const wrongPerSecond = 5

export interface ServiceCredentials {
  readonly id: string
  readonly secret: string
}

/** Says which registered service calls. Wrong secrets are limited by address: past the limit even a right one has to wait. */
export class ServiceAuthentication {
  readonly #registry: ServiceRegistry
  readonly #limiter: Limiter
  readonly #clock: Clock

  constructor(options: { registry: ServiceRegistry; limiter: Limiter; clock: Clock }) {
    this.#registry = options.registry
    this.#limiter = options.limiter
    this.#clock = options.clock
  }

  /** @throws GatewayError service_credentials_invalid, throttled */
  async verify({ id, secret }: ServiceCredentials, address: string | null): Promise<Service> {
    // Counted for each service that there is, so that one with a stale secret does not keep its neighbours out; names that do not
    // exist share one count, so that making them up opens no new one.
    const key = `service-guess|${addressKey(address ?? 'unknown')}|${this.#registry.has(id) ? id : ''}`
    const now = this.#clock.now()
    const pending = verifyNoWait(this.#limiter.waitMs(key, wrongPerSecond, now), 'throttled')
    // Where nothing has to be waited for, no other guess comes between the look and the count.
    if (pending !== undefined) await pending
    const service = this.#registry.authenticate(id, secret)
    if (service !== null) return service
    await verifyNoWait(this.#limiter.take(key, wrongPerSecond, now), 'throttled')
    throw new GatewayError('service_credentials_invalid')
  }

  /** Whether a service that was let in before would still be. */
  isWelcome({ id }: Service): boolean {
    return this.#registry.has(id)
  }
}
