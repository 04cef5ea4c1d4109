import Type from 'typebox'
import { agentId } from './merchants.ts'
import { fields, operation, page, pageFields, time, timeFilter } from './operation.ts'

const some = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 256, description, rule: '1 to 256 characters' }))

export const eventFilter = {
  kind: some('Of this kind, such as merchant.updated'),
  agentId: Type.Optional(agentId),
  subject: some('About this member, seller, key …'),
  since: timeFilter('From this time'),
  until: timeFilter('Before this time'),
}

const common = {
  at: time,
  kind: Type.String(),
  surface: Type.String({ description: 'admin-api, cli, member-api …' }),
  agentId: Type.Optional(Type.String()),
  subject: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  requestId: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  count: Type.Integer({ description: 'Number of identical ones merged into it' }),
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
}

/** Changes, and refused calls. */
export const eventOperations = {
  'event.list': operation({
    summary: 'Lists who did what, newest first. A page may be short and not the last.',
    method: 'GET',
    path: '/events',
    input: fields({
      ...pageFields,
      ...eventFilter,
      actor: some('Done by: operator:ID, token:ID, cli:USER@HOST, server, merchant:ID, seller:ID'),
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
          description: 'Only greater numbers',
          rule: 'the number of an event',
        }),
      ),
    }),
    output: page(fields({ number: Type.Integer(), ...common, actor: Type.Optional(Type.String()) })),
    right: 'events.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
  'refusal.list': operation({
    summary: 'Lists refused calls, newest first, with identical ones of a minute merged. A page may be short and not the last.',
    method: 'GET',
    path: '/refusals',
    input: fields({ ...pageFields, ...eventFilter }),
    output: page(fields({ ...common, lastAt: time })),
    right: 'calls.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
} as const
