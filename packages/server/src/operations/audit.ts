import { SealMaker } from '../core/records/event-seal.ts'
import { verifyEvents } from '../core/records/verify-events.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeOf } from './times.ts'

export function auditHandlers({ store, sealer }: OperationParts): Handlers<'audit.verify'> {
  return {
    'audit.verify': async ({ seals = [], since, until, after, limit }) => {
      const maker = await SealMaker.open(store.meta, await sealer())
      const held = new Map(seals.map(({ number, digest }) => [number, digest]))
      return verifyEvents(store.seals, maker, { held, from: timeOf('since', since), to: timeOf('until', until), after, limit })
    },
  }
}
