import type { Enablement } from './enablement.ts'
import type { EventInput } from './event-store.ts'
import type { Labels } from './labels.ts'

/** Programs that may ask about tokens. */
export interface ServiceStore {
  /** All services, or the given ones, by id. */
  load(ids?: readonly string[]): Promise<ServiceRecord[]>
  add(service: ServiceRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Replaces the labels if the record was last changed at `expectedUpdatedAt`. */
  setLabels(
    service: Pick<ServiceRecord, 'id' | 'labels' | 'updatedAt'>,
    expectedUpdatedAt: number,
    event: EventInput,
  ): Promise<'updated' | 'changed' | 'not-found'>
  /** False when the service does not exist. */
  setStatus(id: string, status: Enablement, now: number, event: EventInput): Promise<boolean>
  /** Rewrites what a store that went back has lost: missing services, and newer states, but nothing that was removed since; returns how many. */
  restore(services: readonly ServiceRecord[], now: number): Promise<number>
  /** The current secret becomes the previous one, and the one before is forgotten. False when the service does not exist. */
  rotateSecret(
    id: string,
    rotation: { secretHash: Uint8Array; now: number; previousGoodUntil: number },
    event: EventInput,
  ): Promise<boolean>
  /**
   * False when the service does not exist.
   *
   * @param againSince it was removed then already, and the store went back: removes it unless it was changed after that, and has `restore` of all processes
   * know of the removal in any case
   */
  remove(id: string, event: EventInput, againSince?: number): Promise<boolean>
}

export interface ServiceRecord {
  readonly id: string
  readonly status: Enablement
  readonly labels: Labels
  /** SHA-256 of the current secret. */
  readonly secretHash: Uint8Array
  readonly secretCreatedAt: number
  /** SHA-256 of the previous secret, valid until `previousGoodUntil`. */
  readonly previousSecretHash: Uint8Array | null
  readonly previousGoodUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}
