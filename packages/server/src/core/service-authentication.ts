import { GatewayError } from '@lobbykey/contract'
import type { Clock } from './clock.ts'
import { addressKey } from './network-address.ts'
import type { RateLimiter } from './rate-limiter.ts'
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
  readonly #limiter: RateLimiter
  readonly #clock: Clock

  constructor(options: { registry: ServiceRegistry; limiter: RateLimiter; clock: Clock }) {
    this.#registry = options.registry
    this.#limiter = options.limiter
    this.#clock = options.clock
  }

  /** @throws GatewayError service_credentials_invalid, throttled */
  verify({ id, secret }: ServiceCredentials, address: string | null): Service {
    // Counted for each service that there is, so that one with a stale secret does not keep its neighbours out; names that do not
    // exist share one count, so that making them up opens no new one.
    const key = `service-guess|${addressKey(address ?? 'unknown')}|${this.#registry.has(id) ? id : ''}`
    const now = this.#clock.now()
    const waitMs = this.#limiter.waitMs(key, wrongPerSecond, now)
    if (waitMs > 0) throw new GatewayError('throttled', { retryAfterMs: waitMs })
    const service = this.#registry.authenticate(id, secret)
    if (service !== null) return service
    this.#limiter.take(key, wrongPerSecond, now)
    throw new GatewayError('service_credentials_invalid')
  }

  /** Whether a service that was let in before would still be. */
  isWelcome({ id }: Service): boolean {
    return this.#registry.has(id)
  }
}
