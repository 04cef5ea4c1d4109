import { GatewayError } from '@lobbykey/contract'
import type { Clock } from '../base/clock.ts'
import { addressKey } from '../base/network-address.ts'
import { GuessLimit } from '../limits/guess-limit.ts'
import type { Limiter } from '../limits/rate-limiter.ts'
import type { Service, ServiceRegistry } from './service-registry.ts'

/** Wrong secrets a second from one address for one service; a burst is two seconds' worth. */
const wrongPerSecond = 5

export interface ServiceCredentials {
  readonly id: string
  readonly secret: string
}

/** Authenticates registered services. Wrong secrets are limited by address: beyond the limit even the right one must wait. */
export class ServiceAuthentication {
  readonly #registry: ServiceRegistry
  readonly #guesses: GuessLimit

  constructor(options: { registry: ServiceRegistry; limiter: Limiter; clock: Clock }) {
    this.#registry = options.registry
    this.#guesses = new GuessLimit({ ...options, wrongPerSecond })
  }

  /** @throws GatewayError service_credentials_invalid, throttled */
  async verify({ id, secret }: ServiceCredentials, address: string | null): Promise<Service> {
    // One count per existing service, so that one with a stale secret does not block its neighbours; unknown names share one count,
    // so that invented names open no new ones.
    const key = `service-guess|${addressKey(address ?? 'unknown')}|${this.#registry.has(id) ? id : ''}`
    // The lookup is in memory and cheaper than asking the limiter first.
    const service = this.#registry.authenticate(id, secret)
    const pending = this.#guesses.settle(key, service !== null)
    if (pending !== undefined) await pending
    if (service === null) throw new GatewayError('service_credentials_invalid')
    return service
  }

  /** Whether a service that was accepted before still would be. */
  isWelcome({ id }: Service): boolean {
    return this.#registry.has(id)
  }
}
