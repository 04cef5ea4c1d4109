import Type from 'typebox'
import { signedCalls } from '../member-fields.ts'
import { agentId } from './merchants.ts'
import { fields, operation, page, pageFields, time, timeFilter, timeOrNull } from './operation.ts'

const some = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 256, description, rule: '1 to 256 characters' }))
const requestId = Type.String({ minLength: 1, maxLength: 128, description: 'The X-Request-Id of an answer', rule: 'the ID of a request' })

const trace = fields({
  number: Type.Integer({ description: 'Counted separately for unauthenticated and other callers' }),
  at: time,
  isFailed: Type.Boolean(),
  isStranger: Type.Boolean({ description: 'The caller proved nothing: neither a listed address nor a credential' }),
  requestId: Type.String(),
  surface: Type.String(),
  call: Type.String(),
  agentId: Type.Optional(Type.String()),
  subject: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  keyId: Type.Optional(Type.String({ description: "The merchant's key that verified it" })),
  code: Type.String(),
  key: Type.Optional(Type.String({ description: 'Key of the error, see errors.md' })),
  steps: Type.Array(
    fields({
      name: Type.String(),
      passed: Type.Boolean(),
      fact: Type.Optional(Type.String()),
      facts: Type.Optional(
        Type.Array(Type.Array(Type.Unknown()), { description: 'What fact says, as data: the name of each, then its values' }),
      ),
      unlisted: Type.Optional(Type.String({ description: "The entry that the merchant's list of addresses or callbacks lacked" })),
    }),
  ),
  canExplain: Type.Boolean({ description: 'Whether trace.explain can explain it' }),
})

const cause = { kind: Type.String(), sentence: Type.String(), cure: Type.String(), field: Type.Optional(Type.String()) }
const explanation = fields({
  ...cause,
  also: Type.Array(fields(cause)),
  ruledOut: Type.Array(Type.String()),
  difference: Type.Optional(Type.Unknown({ description: 'How the hashed text differs from the right one' })),
})

const span = Type.Enum(['minute', 'hour'], { description: 'Length of a counting period', rule: 'minute or hour' })
const countFilter = {
  span: Type.Optional(span),
  since: timeFilter('From this time; default an hour ago (minute) or a day ago (hour)'),
  until: timeFilter('Before this time; default now'),
  agentId: Type.Optional(agentId),
  surface: some('member-api, seller-api or verify-api'),
  call: some('login, refresh …'),
  code: some('The code of the answer'),
  failed: Type.Optional(Type.Boolean({ description: 'Only refused calls', rule: 'true or false' })),
  by: Type.Optional(
    Type.String({
      pattern: '^(?:time|surface|call|code|merchant)(?:,(?:time|surface|call|code|merchant)){0,4}$',
      description: 'Group by any of time, surface, call, code, merchant',
      rule: 'a comma-separated list of time, surface, call, code and merchant',
    }),
  ),
}
const count = fields({
  at: Type.Optional(time),
  surface: Type.Optional(Type.String()),
  call: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  agentId: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'null: calls that named no merchant' })),
  count: Type.Integer(),
})

/** Traces and counts of decided calls. */
export const callOperations = {
  'trace.list': operation({
    summary: 'Lists how calls were decided, newest first. A page may be short and not the last.',
    method: 'GET',
    path: '/traces',
    input: fields({
      ...pageFields,
      agentId: Type.Optional(agentId),
      failed: Type.Optional(Type.Boolean({ description: 'Only refused calls', rule: 'true or false' })),
      call: some('login, refresh …'),
      code: some('The code of the answer'),
      address: some('From this address'),
      subject: some('Of this member or seller'),
      since: timeFilter('From this time'),
      until: timeFilter('Before this time'),
      after: Type.Optional(
        Type.String({
          pattern: '^[0-9]{1,15}\\.[0-9]{1,15}$',
          description: 'Only greater numbers: of others, a dot, of unauthenticated callers',
          rule: 'two numbers with a dot between them',
        }),
      ),
    }),
    output: page(trace),
    right: 'calls.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
  'trace.show': operation({
    summary: 'Shows how a call was decided, step by step.',
    method: 'GET',
    path: '/traces/{requestId}',
    input: fields({ requestId }),
    output: trace,
    right: 'calls.read',
    reach: 'own',
    event: null,
    kind: 'read',
  }),
  'trace.explain': operation({
    summary: 'Explains why a traced call was refused for its signature, and how to fix it.',
    method: 'GET',
    path: '/traces/{requestId}/explanation',
    input: fields({ requestId }),
    output: explanation,
    right: 'calls.read',
    reach: 'own',
    event: null,
    kind: 'read',
  }),
  'explain.request': operation({
    summary: 'Explains why a request was refused for its signature, and how to fix it.',
    method: 'POST',
    path: '/explanations',
    input: fields({
      request: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 32_768,
          description: 'Its JSON body, its URL with the query, or the curl command that sent it',
          rule: '1 to 32768 characters',
        }),
      ),
      requestId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 128,
          description: 'Instead of request: the X-Request-Id of a traced call, to explain it with its text',
          rule: 'the ID of a request',
        }),
      ),
      call: Type.Optional(
        Type.Enum(
          signedCalls.map(({ name }) => name),
          {
            description: 'Which call it is; default: recognised by path or fields',
            rule: `one of ${signedCalls.map(({ name }) => name).join(', ')}`,
          },
        ),
      ),
      text: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 32_768,
          description: 'The text that was hashed, with KEY in place of the key, for an exact answer',
          rule: '1 to 32768 characters',
        }),
      ),
      at: timeFilter('When the server received it; then its timestamp is checked too'),
    }),
    output: explanation,
    right: 'calls.read',
    reach: 'own',
    event: null,
    kind: 'act',
  }),
  'call-count.list': operation({
    summary: 'Counts decided calls, ordered by the grouping.',
    method: 'GET',
    path: '/call-counts',
    input: fields({ ...pageFields, ...countFilter }),
    output: page(count),
    right: 'calls.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
  'call-count.top': operation({
    summary: 'Counts decided calls, the most frequent first.',
    method: 'GET',
    path: '/call-counts/top',
    input: fields({ limit: pageFields.limit, ...countFilter }),
    output: fields({ items: Type.Array(count) }),
    right: 'calls.read',
    reach: 'own',
    event: null,
    kind: 'read',
  }),
  'call-origin.list': operation({
    summary: "Lists the addresses and keys of a merchant's calls, the most frequent first.",
    method: 'GET',
    path: '/merchants/{agentId}/call-origins',
    input: fields({
      agentId,
      limit: pageFields.limit,
      since: timeFilter('From the hour of this time; default a day ago'),
      until: timeFilter('Before this time; default now'),
    }),
    output: fields({
      items: Type.Array(
        fields({
          address: Type.Union([Type.String(), Type.Null()], { description: 'null: all beyond the first hundred of an hour' }),
          keyId: Type.Union([Type.String(), Type.Null()], { description: 'null: none verified them' }),
          isStranger: Type.Boolean({ description: "The address was not on the merchant's list" }),
          accepted: Type.Integer(),
          refused: Type.Integer(),
          lastAt: timeOrNull,
        }),
      ),
    }),
    right: 'calls.read',
    reach: 'merchant',
    event: null,
    kind: 'read',
  }),
} as const
