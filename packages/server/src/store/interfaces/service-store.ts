import type { Enablement } from './enablement.ts'
import type { EventInput } from './event-store.ts'
import type { Labels } from './labels.ts'

/** Programs that may ask about tokens. */
export interface ServiceStore {
  /** All services, or those named. Ordered by id. */
  load(ids?: readonly string[]): Promise<ServiceRecord[]>
  add(service: ServiceRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Replaces the labels of a service that was changed last at `expectedUpdatedAt`, at `updatedAt`. */
  setLabels(
    service: Pick<ServiceRecord, 'id' | 'labels' | 'updatedAt'>,
    expectedUpdatedAt: number,
    event: EventInput,
  ): Promise<'updated' | 'changed' | 'not-found'>
  /** False when there is no such service. */
  setStatus(id: string, status: Enablement, now: number, event: EventInput): Promise<boolean>
  /** Writes again what a store that went back has lost: services that are missing, and newer ones; says how many. */
  restore(services: readonly ServiceRecord[], now: number): Promise<number>
  /** The secret in use becomes the previous one; the one before that is forgotten. False when there is no such service. */
  rotateSecret(
    id: string,
    rotation: { secretHash: Uint8Array; now: number; previousGoodUntil: number },
    event: EventInput,
  ): Promise<boolean>
  /** False when there is no such service. */
  remove(id: string, event: EventInput): Promise<boolean>
}

export interface ServiceRecord {
  readonly id: string
  readonly status: Enablement
  readonly labels: Labels
  /** SHA-256 of the secret in use. */
  readonly secretHash: Uint8Array
  readonly secretCreatedAt: number
  /** SHA-256 of the secret before it, good until `previousGoodUntil`. */
  readonly previousSecretHash: Uint8Array | null
  readonly previousGoodUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}
