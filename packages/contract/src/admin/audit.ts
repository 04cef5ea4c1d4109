import Type from 'typebox'
import { fields, operation } from './operation.ts'

const seal = fields({ number: Type.Integer({ minimum: 1 }), digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) })

/** Verifies that the audit trail is unchanged. */
export const auditOperations = {
  'audit.verify': operation({
    summary: 'Verifies events against their seals and names the first event that does not match.',
    method: 'POST',
    path: '/audit/verify',
    input: fields({
      seals: Type.Optional(
        Type.Array(seal, {
          maxItems: 1_000,
          description: 'Seals stored elsewhere, to compare with',
          rule: 'a list of seals, each its number and digest',
        }),
      ),
    }),
    output: fields({
      seals: Type.Integer(),
      events: Type.Integer({ description: 'Sealed events that are unchanged' }),
      unsealed: Type.Integer({ description: 'Events after the last seal, not yet protected' }),
      fault: Type.Union([
        fields({ seal: Type.Integer(), event: Type.Union([Type.Integer(), Type.Null()]), message: Type.String() }),
        Type.Null(),
      ]),
      last: Type.Union([seal, Type.Null()], { description: 'The last seal, to store elsewhere' }),
    }),
    right: 'events.read',
    reach: 'platform',
    event: null,
    kind: 'act',
  }),
} as const
