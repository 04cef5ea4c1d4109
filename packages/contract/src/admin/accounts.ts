import Type from 'typebox'
import { fields, operation, page, pageFields, time, timeOrNull } from './operation.ts'
import { agentIds, email, operatorId, operatorName, role } from './operators.ts'

const sessionId = Type.String({ minLength: 1, maxLength: 64, description: 'The session', rule: 'the ID of a session' })
const invitationId = Type.String({ minLength: 1, maxLength: 64, description: 'The invitation', rule: 'the ID of an invitation' })
const passkeyId = Type.String({ minLength: 1, maxLength: 1400, description: 'The passkey', rule: 'the ID of a passkey' })
const textOrNull = Type.Union([Type.String(), Type.Null()])
const link = Type.String({ description: 'Works once; shown only now' })

/** How a session was opened. */
export const signInMethods = ['password', 'recovery-code', 'passkey', 'invitation', 'sandbox', 'sso'] as const
export type SignInMethod = (typeof signInMethods)[number]
const method = Type.Enum(signInMethods as unknown as SignInMethod[])

const session = fields({
  sessionId,
  operatorId,
  method,
  isCurrent: Type.Boolean(),
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
  confirmedUntil: timeOrNull,
  endedAt: timeOrNull,
  address: textOrNull,
  userAgent: textOrNull,
})

const invitation = fields({
  invitationId,
  email,
  name: operatorName,
  role,
  agentIds,
  isReset: Type.Boolean({ description: 'Whether it resets the credentials of an existing account' }),
  state: Type.Enum(['open', 'used', 'revoked', 'expired']),
  invitedBy: Type.String({ description: 'Who issued it, as in events' }),
  createdAt: time,
  expiresAt: time,
})

/** The caller's own account and sessions, and invitations. */
export const accountOperations = {
  'account.show': operation({
    summary: "Shows the caller's account and credentials.",
    method: 'GET',
    path: '/account',
    input: fields({}),
    output: fields({
      operatorId,
      email,
      name: operatorName,
      role,
      agentIds,
      rights: Type.Array(Type.String()),
      sessionId: Type.Union([sessionId, Type.Null()]),
      method: Type.Union([method, Type.Null()], { description: 'How the calling session was opened; null for a program' }),
      confirmedUntil: timeOrNull,
      hasPassword: Type.Boolean(),
      sso: Type.Union(
        [
          fields({
            label: Type.String({ description: 'The label of the button that starts it' }),
            isLinked: Type.Boolean({ description: 'Whether this account signs in by it' }),
            canConfirm: Type.Boolean({ description: 'Whether signing in at the provider again counts as a second factor' }),
          }),
          Type.Null(),
        ],
        { description: 'Single sign-on; null where it is not set up' },
      ),
      recoveryCodesLeft: Type.Integer(),
    }),
    right: 'self',
    reach: 'caller',
    event: null,
    kind: 'read',
  }),
  'account.renew-recovery-codes': operation({
    summary: 'Creates ten new recovery codes, shown once; the old ones stop working.',
    method: 'POST',
    path: '/account/recovery-codes',
    input: fields({}),
    output: fields({ recoveryCodes: Type.Array(Type.String({ description: 'Shown only now' })) }),
    right: 'self',
    reach: 'caller',
    isConfirmed: true,
    isForPeople: true,
    event: 'operator.recovery_codes_renewed',
    kind: 'create',
    secrets: ['recoveryCodes'],
  }),
  'passkey.list': operation({
    summary: "Lists the caller's passkeys.",
    method: 'GET',
    path: '/account/passkeys',
    input: fields(pageFields),
    output: page(fields({ passkeyId, name: Type.String(), createdAt: time, lastUsedAt: timeOrNull })),
    right: 'self',
    reach: 'caller',
    event: null,
    kind: 'list',
  }),
  'passkey.remove': operation({
    summary: "Removes one of the caller's passkeys; not the last one of an account without a password.",
    method: 'DELETE',
    path: '/account/passkeys/{passkeyId}',
    input: fields({ passkeyId }),
    output: fields({ passkeyId, removed: Type.Boolean() }),
    right: 'self',
    reach: 'caller',
    isConfirmed: true,
    isForPeople: true,
    event: 'operator.passkey_removed',
    kind: 'act',
  }),
  'console-session.list': operation({
    summary: "Lists the caller's console sessions, newest first; with operators.read also another operator's.",
    method: 'GET',
    path: '/console-sessions',
    input: fields({ ...pageFields, operatorId: Type.Optional(operatorId) }),
    output: page(session),
    right: 'self',
    reach: 'caller',
    event: null,
    kind: 'list',
  }),
  'console-session.end': operation({
    summary: "Ends a console session of the caller at once; with operators.write also another operator's.",
    method: 'POST',
    path: '/console-sessions/{sessionId}/end',
    input: fields({ sessionId }),
    output: fields({ sessionId, ended: Type.Boolean() }),
    right: 'self',
    reach: 'caller',
    event: 'console-session.ended',
    kind: 'act',
  }),
  'console-session.end-others': operation({
    summary: "Ends all of the caller's other console sessions.",
    method: 'POST',
    path: '/console-sessions/end-others',
    input: fields({}),
    output: fields({ ended: Type.Integer() }),
    right: 'self',
    reach: 'caller',
    event: 'console-session.ended',
    kind: 'act',
  }),
  'invitation.list': operation({
    summary: 'Lists invitations, newest first.',
    method: 'GET',
    path: '/invitations',
    input: fields(pageFields),
    output: page(invitation),
    right: 'operators.read',
    reach: 'platform',
    event: null,
    kind: 'list',
  }),
  'invitation.add': operation({
    summary: 'Invites an operator with a link that creates the account, valid once and for an hour.',
    method: 'POST',
    path: '/invitations',
    input: fields({ email, name: operatorName, role, agentIds: Type.Optional(agentIds) }),
    output: fields({ invitationId, link: Type.Optional(link), expiresAt: time }),
    right: 'operators.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'invitation.added',
    kind: 'create',
    secrets: ['link'],
  }),
  'invitation.revoke': operation({
    summary: 'Revokes an unused invitation.',
    method: 'POST',
    path: '/invitations/{invitationId}/revoke',
    input: fields({ invitationId }),
    output: fields({ invitationId, revoked: Type.Boolean() }),
    right: 'operators.write',
    reach: 'platform',
    event: 'invitation.revoked',
    kind: 'act',
  }),
  'operator.reset': operation({
    summary: "Creates a link that resets an operator's credentials; the old ones stop working when it is used.",
    method: 'POST',
    path: '/operators/{operatorId}/reset',
    input: fields({ operatorId }),
    output: fields({ invitationId, link: Type.Optional(link), expiresAt: time }),
    right: 'operators.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'invitation.added',
    kind: 'create',
    secrets: ['link'],
  }),
} as const
