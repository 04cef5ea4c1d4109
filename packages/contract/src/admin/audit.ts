import Type from 'typebox'
import { fields, operation, timeFilter } from './operation.ts'

const seal = fields({ number: Type.Integer({ minimum: 1 }), digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) })

/** Verifies that the audit trail is unchanged. */
export const auditOperations = {
  'audit.verify': operation({
    summary: 'Verifies events against their seals, all or those of a time, and names the first event that does not match.',
    method: 'POST',
    path: '/audit/verify',
    input: fields({
      since: timeFilter('Only seals over events from this time on'),
      until: timeFilter('Only seals over events until this time'),
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 1e15,
          description: 'Only seals after this number, instead of `since`',
          rule: 'the number of a seal, or 0',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'At most so many seals', rule: 'a whole number from 1 to 1000000' }),
      ),
      seals: Type.Optional(
        Type.Array(seal, {
          // Within the limit of bodies.
          maxItems: 500,
          description: 'Seals stored elsewhere, to compare with',
          rule: 'a list of seals, each its number and digest',
        }),
      ),
    }),
    output: fields({
      seals: Type.Integer(),
      events: Type.Integer({ description: 'Sealed events that are unchanged' }),
      unsealed: Type.Integer({ description: 'Events after the last seal, not yet protected; 0 where the range ends before it' }),
      fault: Type.Union([
        fields({ seal: Type.Integer(), event: Type.Union([Type.Integer(), Type.Null()]), message: Type.String() }),
        Type.Null(),
      ]),
      last: Type.Union([seal, Type.Null()], { description: 'The last seal that was verified, to store elsewhere' }),
    }),
    right: 'events.read',
    reach: 'platform',
    event: null,
    kind: 'act',
  }),
} as const
