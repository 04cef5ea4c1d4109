import { HandOvers } from '../core/operators/hand-overs.ts'
import type { EventOrigin } from '../store/store.ts'
import type { OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

/** A link to the secret, in place of it. */
export async function handedOver(
  { store, clock, sealer, publicUrl }: OperationParts,
  secret: string,
  about: { readonly what: string; readonly agentId?: string },
  origin: EventOrigin,
) {
  const handOvers = new HandOvers({ store, sealer: await sealer(), clock })
  const { url, expiresAt } = await handOvers.make(secret, about, { origin, publicUrl: await publicUrl() })
  return { handOver: { url, expiresAt: timeValue(expiresAt) } }
}
