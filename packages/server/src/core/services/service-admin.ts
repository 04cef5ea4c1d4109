import { GatewayError, parameterError, printable, verifyNewId } from '@lobbykey/contract'
import type { Enablement, EventInput, EventOrigin, ServiceRecord, ServiceStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { difference } from '../base/difference.ts'
import { randomText } from '../base/random.ts'
import { hashServiceSecret } from './service-registry.ts'

const idForm = /^[A-Za-z0-9_-]{1,64}$/
/** Lets people and secret scanners recognise a leaked secret. */
const secretPrefix = 'lks_'
/** How long a replaced secret works by default, seconds. */
export const overlapSecondsDefault = 86_400
export const overlapSecondsMax = 30 * 86_400

export interface ServiceAdminOptions {
  readonly store: ServiceStore
  readonly clock: Clock
  readonly origin: EventOrigin
}

/** Operators' changes to registered services. They reach every process within a second. */
export class ServiceAdmin {
  readonly #options: ServiceAdminOptions

  constructor(options: ServiceAdminOptions) {
    this.#options = options
  }

  list(): Promise<ServiceRecord[]> {
    return this.#options.store.load()
  }

  /** @throws GatewayError not_found */
  async get(id: string): Promise<ServiceRecord> {
    const [service] = await this.#options.store.load([id])
    if (service === undefined) throw notFound(id)
    return service
  }

  /** @returns the secret, at the only moment when it is shown. @throws GatewayError invalid_parameter, already_exists */
  async add(id: string, labels: ServiceRecord['labels'] = {}): Promise<string> {
    if (!idForm.test(id)) throw parameterError('the service ID', 'must be 1 to 64 characters of A-Z a-z 0-9 _ -')
    verifyNewId('the service ID', id)
    const { store, clock } = this.#options
    const now = clock.now()
    const secret = newSecret()
    const outcome = await store.add(
      {
        id,
        status: 'enabled',
        labels,
        secretHash: hashServiceSecret(secret),
        secretCreatedAt: now,
        previousSecretHash: null,
        previousGoodUntil: null,
        createdAt: now,
        updatedAt: now,
      },
      this.#event('service.added', id, Object.keys(labels).length === 0 ? undefined : { labels }),
    )
    if (outcome === 'exists') throw new GatewayError('already_exists', { message: `there is a service ${id} already` })
    return secret
  }

  /**
   * Replaces the labels.
   * @param expectedUpdatedAt when it was changed last by what the caller has read; null: whatever it is now
   * @throws GatewayError not_found, changed_meanwhile
   */
  async setLabels(id: string, labels: ServiceRecord['labels'], expectedUpdatedAt: number | null = null): Promise<void> {
    const { store, clock } = this.#options
    const held = await this.get(id)
    const expected = expectedUpdatedAt ?? held.updatedAt
    const updatedAt = Math.max(clock.now(), held.updatedAt + 1)
    const event = this.#event('service.updated', id, difference({ labels: held.labels }, { labels }))
    const outcome = await store.setLabels({ id, labels, updatedAt }, expected, event)
    if (outcome === 'not-found') throw notFound(id)
    if (outcome === 'changed') throw new GatewayError('changed_meanwhile', { message: `service ${id} was changed meanwhile` })
  }

  /**
   * Creates a new secret. The current one works for `overlapSeconds`; an older one ends now.
   * @returns the secret, at the only moment when it is shown. @throws GatewayError not_found
   */
  async rotateSecret(id: string, overlapSeconds: number): Promise<string> {
    const { store, clock } = this.#options
    const now = clock.now()
    const secret = newSecret()
    const rotation = { secretHash: hashServiceSecret(secret), now, previousGoodUntil: now + overlapSeconds * 1_000 }
    const event = this.#event('service.secret_rotated', id, { overlapSeconds })
    if (!(await store.rotateSecret(id, rotation, event))) throw notFound(id)
    return secret
  }

  /** A disabled service is refused as if it were unknown. @throws GatewayError not_found */
  async setStatus(id: string, status: Enablement): Promise<void> {
    const { store, clock } = this.#options
    if (!(await store.setStatus(id, status, clock.now(), this.#event(`service.${status}`, id)))) throw notFound(id)
  }

  /** Its secrets stop working within a second. @throws GatewayError not_found */
  async remove(id: string): Promise<void> {
    if (!(await this.#options.store.remove(id, this.#event('service.deleted', id)))) throw notFound(id)
  }

  #event(kind: string, id: string, details?: Record<string, unknown>): EventInput {
    return { at: this.#options.clock.now(), kind, ...this.#options.origin, subject: id, details }
  }
}

function newSecret(): string {
  return secretPrefix + randomText(32)
}

function notFound(id: string): GatewayError {
  return new GatewayError('not_found', { message: `there is no service ${printable(id)}` })
}
