import Type from 'typebox'
import { fields, operation, page, pageFields, time, timeOrNull } from './operation.ts'

const whom = {
  email: Type.Optional(
    Type.String({ minLength: 3, maxLength: 254, description: 'Only those of this account', rule: 'one e-mail address' }),
  ),
  address: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Only those of this network address', rule: 'an IP address' }),
  ),
}
const kinds = ['account', 'account-at-address', 'address', 'known-at-address'] as const
const states = ['counting', 'waiting', 'locked'] as const

const throttle = fields({
  throttleId: Type.String({ description: 'A keyed hash; the store has neither account nor address' }),
  kind: Type.Union([Type.Enum(kinds), Type.Null()], { description: 'What it counts, if filtered by account or address' }),
  state: Type.Union([Type.Enum(states), Type.Null()], { description: 'Its current effect, if filtered by account or address' }),
  failures: Type.Integer({ description: 'Wrong passwords in a row' }),
  lastFailedAt: time,
  retryAt: timeOrNull,
})

/** Counters of wrong passwords. */
export const throttleOperations = {
  'throttle.list': operation({
    summary: 'Lists counters of wrong passwords; filtered by account or address, also their effect.',
    method: 'GET',
    path: '/throttles',
    input: fields({ ...pageFields, ...whom }),
    output: page(throttle),
    right: 'throttles.read',
    reach: 'platform',
    event: null,
    kind: 'list',
  }),
  'throttle.clear': operation({
    summary: 'Clears counters of wrong passwords: of an account, of an address, or one by ID.',
    method: 'POST',
    path: '/throttles/clear',
    input: fields({
      ...whom,
      throttleId: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z0-9_-]{43}$',
          description: 'The counter, as listed by throttle.list',
          rule: 'the ID of a counter',
        }),
      ),
    }),
    output: fields({ cleared: Type.Integer() }),
    right: 'throttles.clear',
    reach: 'platform',
    event: 'throttle.cleared',
    kind: 'act',
  }),
} as const
