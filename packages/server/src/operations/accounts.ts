import { GatewayError } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { ConsoleSessions, confirmedUntil, sessionEnd } from '../core/operators/console-sessions.ts'
import { Invitations, invitationState, type MadeInvitation } from '../core/operators/invitations.ts'
import { OperatorAddresses } from '../core/operators/operator-addresses.ts'
import { makeRecoveryCodes } from '../core/operators/recovery-codes.ts'
import type { ConsoleSessionRecord, InvitationRecord, PasskeyRecord } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<
  keyof Handlers,
  `account.${string}` | `passkey.${string}` | `console-session.${string}` | `invitation.${string}` | 'operator.reset'
>

export function accountHandlers({ store, clock, settings, sso = null }: OperationParts): Handlers<Names> {
  const invitationsOf = ({ origin }: Caller) => new Invitations({ store, clock, origin, adminUrl: settings.adminUrl })
  // None is opened here.
  const sessions = new ConsoleSessions({
    store: store.consoleSessions,
    clock,
    addresses: new OperatorAddresses([]),
    addressKey: (address) => address,
  })

  return {
    'account.show': async (_input, caller) => {
      const { operator, operatorId } = await accountOf(caller)
      const credentials = await store.operatorAccounts.findCredentials(operatorId)
      return {
        operatorId,
        email: operator.email,
        name: operator.name,
        role: operator.role,
        agentIds: caller.agentIds === null ? null : [...caller.agentIds],
        rights: [...caller.rights],
        sessionId: caller.sessionId,
        method: caller.signInMethod,
        confirmedUntil: timeValue(caller.confirmedUntil),
        hasPassword: credentials.passwordHash !== null,
        sso:
          sso === null
            ? null
            : { label: sso.label, isLinked: operator.sso !== null, canConfirm: operator.sso !== null && sso.confirmsByProvider },
        recoveryCodesLeft: credentials.recoveryCodesLeft,
      }
    },

    'account.renew-recovery-codes': async (_input, caller) => {
      const { operatorId } = await accountOf(caller)
      const { passwordHash } = await store.operatorAccounts.findCredentials(operatorId)
      if (passwordHash === null)
        throw new GatewayError('conflict', { message: 'recovery codes stand in for an app, and go with a password' })
      const { codes, hashes } = makeRecoveryCodes()
      const event = { at: clock.now(), kind: 'operator.recovery_codes_renewed', ...caller.origin, subject: operatorId }
      await store.operatorAccounts.setRecoveryCodes(operatorId, hashes, event)
      return { recoveryCodes: codes }
    },

    'passkey.list': async (page, caller) => {
      const { operatorId } = await accountOf(caller)
      const passkeys = await store.operatorAccounts.listPasskeys(operatorId)
      const keyOf = ({ createdAt, id }: PasskeyRecord) => `${createdAt} ${id}`
      return readPage(
        page,
        async ({ limit, after }) =>
          passkeys.slice(after === undefined ? 0 : passkeys.findIndex((one) => keyOf(one) === after) + 1).slice(0, limit),
        keyOf,
        ({ id, name, createdAt, lastUsedAt }) => ({
          passkeyId: id,
          name,
          createdAt: timeValue(createdAt),
          lastUsedAt: timeValue(lastUsedAt),
        }),
      )
    },

    'passkey.remove': async ({ passkeyId }, caller) => {
      const { operatorId } = await accountOf(caller)
      const event = { at: clock.now(), kind: 'operator.passkey_removed', ...caller.origin, subject: operatorId, details: { passkeyId } }
      const outcome = await store.operatorAccounts.removePasskey(operatorId, passkeyId, event)
      if (outcome === 'not-found') throw new GatewayError('not_found', { message: 'you have no such passkey' })
      if (outcome === 'last')
        throw new GatewayError('conflict', { message: 'it is all that this account signs in with; add another first' })
      return { passkeyId, removed: true }
    },

    'console-session.list': async ({ operatorId: wanted, ...page }, caller) => {
      const operatorId = caller.rights.has('operators.read') && caller.agentIds === null ? (wanted ?? caller.operatorId) : caller.operatorId
      if (operatorId === null) throw new GatewayError('invalid_parameter', { message: 'name the operator whose sessions they are' })
      const now = clock.now()
      return readPage(
        page,
        ({ limit, after: afterId }) => sessions.list({ operatorId, limit, afterId }),
        ({ id }) => id,
        (session) => sessionView(session, caller, now),
      )
    },

    'console-session.end': async ({ sessionId }, caller) => {
      const isForAll = caller.rights.has('operators.write') && caller.agentIds === null
      await sessions.end(sessionId, isForAll ? null : caller.operatorId, caller.origin)
      return { sessionId, ended: true }
    },

    'console-session.end-others': async (_input, caller) => {
      const { operatorId } = await accountOf(caller)
      return { ended: await sessions.endOthers(operatorId, caller.sessionId, caller.origin) }
    },

    'invitation.list': (page, caller) => {
      const now = clock.now()
      return readPage(
        page,
        ({ limit, after: afterId }) => invitationsOf(caller).list({ limit, afterId }),
        ({ id }) => id,
        (invitation) => invitationView(invitation, now),
      )
    },

    'invitation.add': async ({ agentIds = null, ...wanted }, caller) =>
      made(await invitationsOf(caller).add({ ...wanted, agentIds }, caller.rights)),

    'invitation.revoke': async ({ invitationId }, caller) => {
      await invitationsOf(caller).revoke(invitationId)
      return { invitationId, revoked: true }
    },

    'operator.reset': async ({ operatorId }, caller) => made(await invitationsOf(caller).reset(operatorId, caller.rights)),
  }

  /** @throws GatewayError conflict for a local caller, who has no account */
  async function accountOf({ operatorId }: Caller) {
    const operator = operatorId === null ? null : await store.operators.find(operatorId)
    if (operator === null) throw new GatewayError('conflict', { message: 'whoever sits at the store has no account' })
    return { operator, operatorId: operator.id }
  }
}

function made({ record, link }: MadeInvitation): AdminOutput<'invitation.add'> {
  return { invitationId: record.id, link, expiresAt: timeValue(record.expiresAt) }
}

function sessionView(
  session: ConsoleSessionRecord,
  { sessionId }: Caller,
  now: number,
): AdminOutput<'console-session.list'>['items'][number] {
  const end = sessionEnd(session)
  return {
    sessionId: session.id,
    operatorId: session.operatorId,
    method: session.method,
    isCurrent: session.id === sessionId,
    createdAt: timeValue(session.createdAt),
    lastSeenAt: timeValue(session.seenAt),
    expiresAt: timeValue(session.expiresAt),
    confirmedUntil: timeValue(confirmedUntil(session, now)),
    endedAt: end <= now ? timeValue(end) : null,
    address: session.address,
    userAgent: session.userAgent,
  }
}

function invitationView(invitation: InvitationRecord, now: number): AdminOutput<'invitation.list'>['items'][number] {
  const { id, email, name, role, agentIds, isReset, invitedBy, createdAt, expiresAt } = invitation
  return {
    invitationId: id,
    email,
    name,
    role,
    agentIds: agentIds === null ? null : [...agentIds],
    isReset,
    state: invitationState(invitation, now),
    invitedBy,
    createdAt: timeValue(createdAt),
    expiresAt: timeValue(expiresAt),
  }
}
