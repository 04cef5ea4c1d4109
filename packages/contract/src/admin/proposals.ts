/**
 * Changes that wait for another person: proposed by someone who may not make them, or by anyone if the policy requires two people. An approved
 * change is made at once, in the approver's name.
 */
import Type from 'typebox'
import { shownNamePattern } from '../escape-hidden.ts'
import { agentId } from './merchants.ts'
import { fields, operation, page, pageFields, time, timeOrNull } from './operation.ts'

const proposalId = Type.String({ minLength: 1, maxLength: 64, description: 'The proposal', rule: 'the ID of a proposal' })
const word = (description: string) =>
  Type.String({ minLength: 1, maxLength: 500, pattern: shownNamePattern, description, rule: '1 to 500 characters on one line' })

export const proposalStates = ['open', 'approved', 'done', 'failed', 'declined', 'withdrawn', 'expired'] as const
export type ProposalState = (typeof proposalStates)[number]
const state = Type.Enum(proposalStates as unknown as ProposalState[], {
  description: 'approved: it is being made; failed: it was approved but could not be made',
  rule: `one of ${proposalStates.join(', ')}`,
})

/** What operators may propose without the right to do it, and with which fields. */
export const openProposals: Readonly<Record<string, readonly string[]>> = { 'merchant.update': ['agentId', 'allow', 'callbackOrigins'] }

const operationName = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'The operation, such as merchant.update',
  rule: 'an operation',
})
const textOrNull = Type.Union([Type.String(), Type.Null()])

const proposal = fields({
  proposalId,
  operation: operationName,
  input: Type.Record(Type.String(), Type.Unknown(), { description: 'The input of the operation' }),
  agentId: Type.Union([agentId, Type.Null()]),
  reason: Type.String(),
  state,
  proposedBy: Type.String({ description: 'The proposer, as events name them' }),
  createdAt: time,
  expiresAt: time,
  decidedBy: textOrNull,
  decidedAt: timeOrNull,
  word: textOrNull,
  problem: Type.Union([Type.String(), Type.Null()], { description: 'Why it could not be made' }),
})

const policyFields = {
  operations: Type.Array(operationName, {
    maxItems: 100,
    description: "Operations that need another person's approval; an empty list: none",
    rule: 'a list of operations',
  }),
  agentIds: Type.Union([Type.Array(agentId, { minItems: 1, maxItems: 1000 }), Type.Null()], {
    description: 'The merchants it applies to; null for all',
    rule: 'a list of merchant IDs, or null',
  }),
}
const policy = fields({ ...policyFields, updatedAt: time })

export const proposalOperations = {
  'proposal.list': operation({
    summary: 'Lists proposed changes, newest first.',
    method: 'GET',
    path: '/proposals',
    input: fields({
      ...pageFields,
      open: Type.Optional(Type.Boolean({ description: 'Only those that wait for a decision', rule: 'true or false' })),
    }),
    output: page(proposal),
    right: 'proposals.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
  'proposal.show': operation({
    summary: 'Shows a proposed change.',
    method: 'GET',
    path: '/proposals/{proposalId}',
    input: fields({ proposalId }),
    output: proposal,
    right: 'proposals.read',
    reach: 'own',
    event: null,
    kind: 'read',
  }),
  'proposal.add': operation({
    summary: 'Proposes a change, which waits seven days for another person to approve it.',
    method: 'POST',
    path: '/proposals',
    input: fields({
      operation: operationName,
      input: Type.Record(Type.String(), Type.Unknown(), { description: 'The input of the operation', rule: 'an object' }),
      reason: word('Why'),
    }),
    output: proposal,
    right: 'proposals.write',
    reach: 'own',
    event: 'proposal.added',
    kind: 'create',
  }),
  'proposal.withdraw': operation({
    summary: 'Withdraws a change that the caller proposed.',
    method: 'POST',
    path: '/proposals/{proposalId}/withdraw',
    input: fields({ proposalId }),
    output: proposal,
    right: 'proposals.write',
    reach: 'own',
    event: 'proposal.withdrawn',
    kind: 'act',
  }),
  'proposal.approve': operation({
    summary: 'Approves a change and makes it; requires a signed-in person other than the proposer, with the right to make it.',
    method: 'POST',
    path: '/proposals/{proposalId}/approve',
    input: fields({ proposalId, word: Type.Optional(word('A message to the proposer')) }),
    output: proposal,
    right: 'proposals.decide',
    reach: 'own',
    isConfirmed: true,
    event: 'proposal.approved',
    kind: 'act',
  }),
  'proposal.decline': operation({
    summary: 'Declines a change; requires a signed-in person other than the proposer, with the right to make it.',
    method: 'POST',
    path: '/proposals/{proposalId}/decline',
    input: fields({ proposalId, word: word('The reason') }),
    output: proposal,
    right: 'proposals.decide',
    reach: 'own',
    event: 'proposal.declined',
    kind: 'act',
  }),
  'approval-policy.show': operation({
    summary: "Shows which changes need another person's approval.",
    method: 'GET',
    path: '/approval-policy',
    input: fields({}),
    output: policy,
    right: 'proposals.read',
    reach: 'platform',
    event: null,
    kind: 'read',
  }),
  'approval-policy.update': operation({
    summary: "Sets which changes need another person's approval; while any do, so does this operation.",
    method: 'PATCH',
    path: '/approval-policy',
    input: fields({ operations: policyFields.operations, agentIds: Type.Optional(policyFields.agentIds) }),
    output: policy,
    right: 'operators.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'approval-policy.updated',
    kind: 'change',
  }),
} as const
