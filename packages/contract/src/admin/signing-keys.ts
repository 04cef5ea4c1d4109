import Type from 'typebox'
import { fields, operation, page, pageFields, time, timeOrNull } from './operation.ts'

const kid = Type.String({ minLength: 1, maxLength: 64, description: 'The key, as listed by keys.list', rule: 'the ID of a key' })
const state = Type.Enum(['published', 'signing', 'verifying', 'retired'], {
  description: 'published: signs later; signing: signs now; verifying: tokens it signed may still be valid',
})
const signingKey = fields({ kid, state, createdAt: time, activeAt: time, tokensEndAt: timeOrNull, retiredAt: timeOrNull })

/** The keys that sign seller tokens. */
export const signingKeyOperations = {
  'keys.list': operation({
    summary: 'Lists the keys for seller tokens in the order in which they sign.',
    method: 'GET',
    path: '/signing-keys',
    input: fields(pageFields),
    output: page(signingKey),
    right: 'signing-keys.read',
    reach: 'platform',
    event: null,
    kind: 'list',
  }),
  'keys.rotate': operation({
    summary: 'Publishes a new key, which signs once verifiers have had time to fetch it.',
    method: 'POST',
    path: '/signing-keys',
    input: fields({
      now: Type.Optional(
        Type.Boolean({
          description: 'Sign with it within seconds; verifiers that cache keys refuse its tokens until they fetch again',
          rule: 'true or false',
        }),
      ),
    }),
    output: signingKey,
    right: 'signing-keys.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'signing-key.created',
    kind: 'create',
  }),
  'keys.retire': operation({
    summary: 'Retires a key that no longer signs, within a second.',
    method: 'POST',
    path: '/signing-keys/{kid}/retire',
    input: fields({
      kid,
      force: Type.Optional(Type.Boolean({ description: 'Even if tokens that it signed are still valid; they end', rule: 'true or false' })),
    }),
    output: fields({ kid, state: Type.Enum(['retired']) }),
    right: 'signing-keys.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'signing-key.retired',
    kind: 'act',
  }),
} as const
