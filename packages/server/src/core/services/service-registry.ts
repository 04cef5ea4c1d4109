import { timingSafeEqual } from 'node:crypto'
import type { ServiceRecord, ServiceStore, WrittenChange } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { removeAgain } from '../base/remove-again.ts'

/** An authenticated service. */
export interface Service {
  readonly id: string
}

/** Compared for unknown services, so that both cases do the same work. */
const nobody = { secretHash: new Uint8Array(32), previousSecretHash: null, previousGoodUntil: null }

type ServiceRegistryStore = Pick<ServiceStore, 'load' | 'restore' | 'remove'>

/** All services in memory, following the change topic `service`, so that authentication never waits for the store. */
export class ServiceRegistry {
  readonly #store: ServiceRegistryStore
  readonly #clock: Clock
  #services = new Map<string, ServiceRecord>()
  /** Including disabled ones; without removed ones, which nobody may write again. */
  #records = new Map<string, ServiceRecord>()

  constructor(options: { store: ServiceRegistryStore; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** Whether there is an enabled service of this name. */
  has(id: string): boolean {
    return this.#services.has(id)
  }

  /** The service whose secret this is, compared in constant time. Null for a wrong secret and for a service unknown or disabled. */
  authenticate(id: string, secret: string): Service | null {
    const record = this.#services.get(id)
    const { secretHash, previousSecretHash, previousGoodUntil } = record ?? nobody
    const presented = hashServiceSecret(secret)
    const isCurrent = timingSafeEqual(presented, secretHash)
    const isPrevious = timingSafeEqual(presented, previousSecretHash ?? nobody.secretHash)
    const isGood = isCurrent || (isPrevious && previousGoodUntil !== null && this.#clock.now() < previousGoodUntil)
    return record !== undefined && isGood ? { id } : null
  }

  /** Change handler: re-reads these services, or all for `*`. */
  async reload(ids: readonly string[]): Promise<void> {
    const all = ids.includes('*')
    const loaded = await this.#store.load(all ? undefined : ids)
    const next = all ? new Map<string, ServiceRecord>() : this.#services
    for (const id of ids) next.delete(id)
    for (const record of loaded) if (record.status === 'enabled') next.set(record.id, record)
    this.#services = next
    const records = all ? new Map<string, ServiceRecord>() : this.#records
    for (const id of ids) records.delete(id)
    for (const record of loaded) records.set(record.id, record)
    this.#records = records
  }

  /** Removes again what was removed, and rewrites what else a store that went back has lost. @returns how many */
  async writeAgain(removals: readonly WrittenChange[]): Promise<number> {
    const now = this.#clock.now()
    const count = await removeAgain(removals, now, 'service.deleted', (id, event, removedAt) =>
      this.#store.remove(id, { ...event, subject: id }, removedAt),
    )
    return count + (await this.#store.restore([...this.#records.values()], now))
  }
}

/** A fast hash suffices: a secret has 256 random bits. */
export function hashServiceSecret(secret: string): Uint8Array {
  return digest('sha256', secret)
}
