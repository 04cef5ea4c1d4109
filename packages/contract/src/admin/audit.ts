import Type from 'typebox'
import { fields, operation } from './operation.ts'

const seal = fields({ number: Type.Integer({ minimum: 1 }), digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) })

/** Whether the record of who did what still is what it was. */
export const auditOperations = {
  'audit.verify': operation({
    summary: 'Recomputes the seals over events and names the first event that does not fit.',
    method: 'POST',
    path: '/audit/verify',
    input: fields({
      seals: Type.Optional(
        Type.Array(seal, {
          maxItems: 1_000,
          description: 'Seals that are held elsewhere',
          rule: 'a list of seals, each its number and digest',
        }),
      ),
    }),
    output: fields({
      seals: Type.Integer(),
      events: Type.Integer({ description: 'How many are sealed and as they were' }),
      unsealed: Type.Integer({ description: 'How many numbers are after the last seal: nothing vouches for those yet' }),
      fault: Type.Union([
        fields({ seal: Type.Integer(), event: Type.Union([Type.Integer(), Type.Null()]), message: Type.String() }),
        Type.Null(),
      ]),
      last: Type.Union([seal, Type.Null()], { description: 'To be held elsewhere' }),
    }),
    right: 'events.read',
    reach: 'platform',
    event: null,
    kind: 'act',
  }),
} as const
