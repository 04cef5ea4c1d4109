import { SealMaker } from '../core/records/event-seal.ts'
import { verifyEvents } from '../core/records/verify-events.ts'
import type { Handlers, OperationParts } from './parts.ts'

export function auditHandlers({ store, sealer }: OperationParts): Handlers<'audit.verify'> {
  return {
    'audit.verify': async ({ seals = [] }) => {
      const maker = await SealMaker.open(store.meta, await sealer())
      return verifyEvents(store.seals, maker, new Map(seals.map(({ number, digest }) => [number, digest])))
    },
  }
}
