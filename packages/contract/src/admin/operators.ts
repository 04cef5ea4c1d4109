import Type from 'typebox'
import { agentId, enablement } from './merchants.ts'
import { fields, operation, page, pageFields, shownName, time, timeOrNull, versioned } from './operation.ts'
import { type Right, type Role, rights, roleNames } from './rights.ts'

export const operatorId = Type.String({ minLength: 1, maxLength: 64, description: 'The operator', rule: 'the ID of an operator' })
export const email = Type.String({ minLength: 3, maxLength: 254, description: "The operator's e-mail", rule: 'one e-mail address' })
export const operatorName = shownName("The operator's name")
export const role = Type.Enum(roleNames as [Role, ...Role[]], {
  description: 'What the operator may do',
  rule: `one of ${roleNames.join(', ')}`,
})
export const agentIds = Type.Union([Type.Array(agentId, { minItems: 1, maxItems: 1000 }), Type.Null()], {
  description: 'The only merchants it may act on; null for all',
  rule: 'a list of merchant IDs, or null',
})

/** `sso`: by single sign-on, whose provider also decides about role and merchants. */
const signsInBy = Type.Enum(['local', 'sso'], {
  description: 'With credentials kept here, or at the provider of single sign-on, which also gives the role',
})
const operator = fields({ operatorId, email, name: operatorName, role, agentIds, status: enablement, signsInBy, ...versioned })

const right = Type.Enum(Object.keys(rights) as [Right, ...Right[]], { rule: `one of ${Object.keys(rights).join(', ')}` })
export const tokenId = Type.String({ minLength: 1, maxLength: 64, description: 'The token', rule: 'the ID of a token' })
export const tokenFields = {
  name: shownName('What it is for'),
  rights: Type.Array(right, { minItems: 1, maxItems: 64, description: "A subset of its creator's rights", rule: 'a list of rights' }),
  agentIds,
  allow: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
    maxItems: 100,
    description: 'Addresses and CIDR blocks it works from; empty for any',
    rule: 'a list of IP addresses and CIDR blocks',
  }),
  allowConfirmed: Type.Boolean({ description: 'Whether it may run operations that need confirmation', rule: 'true or false' }),
}
/** How long a new token is valid. */
export const tokenDays = Type.Integer({
  minimum: 1,
  maximum: 366,
  default: 90,
  description: 'How long it is valid',
  rule: 'a whole number of days from 1 to 366',
})
const token = fields({
  tokenId,
  operatorId,
  ...tokenFields,
  createdAt: time,
  expiresAt: time,
  revokedAt: timeOrNull,
  lastUsedAt: timeOrNull,
  lastUsedAddress: Type.Union([Type.String(), Type.Null()]),
})

/** Operators and their API tokens. */
export const operatorOperations = {
  'operator.list': operation({
    summary: 'Lists the operators by e-mail.',
    method: 'GET',
    path: '/operators',
    input: fields(pageFields),
    output: page(operator),
    right: 'operators.read',
    reach: 'platform',
    event: null,
    kind: 'list',
  }),
  'operator.show': operation({
    summary: 'Shows an operator.',
    method: 'GET',
    path: '/operators/{operatorId}',
    input: fields({ operatorId }),
    output: operator,
    right: 'operators.read',
    reach: 'platform',
    event: null,
    kind: 'read',
  }),
  'operator.update': operation({
    summary: "Changes an operator's name, role or merchants, within a second.",
    method: 'PATCH',
    path: '/operators/{operatorId}',
    input: fields({ operatorId, name: Type.Optional(operatorName), role: Type.Optional(role), agentIds: Type.Optional(agentIds) }),
    output: operator,
    right: 'operators.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'operator.updated',
    kind: 'change',
  }),
  'operator.revoke-tokens': operation({
    summary: 'Ends all API tokens of an operator at once, as when their credentials were stolen.',
    method: 'POST',
    path: '/operators/{operatorId}/revoke-tokens',
    input: fields({ operatorId }),
    output: fields({ operatorId, revoked: Type.Integer({ description: 'How many' }) }),
    right: 'operators.write',
    reach: 'platform',
    event: 'token.revoked',
    kind: 'act',
  }),
  'operator.enable': operation({
    summary: 'Lets a disabled operator in again.',
    method: 'POST',
    path: '/operators/{operatorId}/enable',
    input: fields({ operatorId }),
    output: fields({ operatorId, status: enablement }),
    right: 'operators.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'operator.enabled',
    kind: 'act',
  }),
  'operator.disable': operation({
    summary: 'Bars an operator, with every session and token, within a second.',
    method: 'POST',
    path: '/operators/{operatorId}/disable',
    input: fields({ operatorId }),
    output: fields({ operatorId, status: enablement }),
    right: 'operators.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'operator.disabled',
    kind: 'act',
  }),
  'token.list': operation({
    summary: "Lists the caller's API tokens, newest first; with operators.read everyone's, unless limited to some merchants.",
    method: 'GET',
    path: '/tokens',
    input: fields({ ...pageFields, operatorId: Type.Optional(operatorId) }),
    output: page(token),
    right: 'self',
    reach: 'caller',
    event: null,
    kind: 'list',
  }),
  'token.add': operation({
    summary: 'Creates an API token and shows it, once.',
    method: 'POST',
    path: '/tokens',
    input: fields({
      name: tokenFields.name,
      rights: Type.Optional(tokenFields.rights),
      agentIds: Type.Optional(agentIds),
      allow: Type.Optional(tokenFields.allow),
      allowConfirmed: Type.Optional(tokenFields.allowConfirmed),
      days: Type.Optional(tokenDays),
      operatorEmail: Type.Optional(email),
    }),
    output: fields({ tokenId, token: Type.String({ description: 'Shown only now' }), expiresAt: time }),
    right: 'self',
    reach: 'caller',
    isConfirmed: true,
    event: 'token.added',
    kind: 'create',
    secrets: ['token'],
  }),
  'token.revoke': operation({
    summary: 'Ends an API token at once.',
    method: 'POST',
    path: '/tokens/{tokenId}/revoke',
    input: fields({ tokenId }),
    output: fields({ tokenId, revoked: Type.Boolean() }),
    right: 'self',
    reach: 'caller',
    event: 'token.revoked',
    kind: 'act',
  }),
} as const
