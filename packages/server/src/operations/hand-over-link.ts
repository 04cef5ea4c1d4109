import { HandOvers } from '../core/operators/hand-overs.ts'
import type { EventOrigin } from '../store/store.ts'
import type { OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

/** Replaces a secret by a one-time link to it. */
export async function handOverLink(
  { store, clock, sealer, publicUrl }: OperationParts,
  secret: string,
  about: { readonly what: string; readonly agentId?: string },
  origin: EventOrigin,
) {
  const handOvers = new HandOvers({ store, sealer: await sealer(), clock })
  const { url, expiresAt } = await handOvers.make(secret, about, { origin, publicUrl: await publicUrl() })
  return { handOver: { url, expiresAt: timeValue(expiresAt) } }
}
