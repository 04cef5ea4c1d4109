import { isDeepStrictEqual } from 'node:util'
import { GatewayError } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { normalizeEmail } from '../core/base/email-address.ts'
import { ApiTokens } from '../core/operators/api-tokens.ts'
import { OperatorAdmin, type OperatorChanges } from '../core/operators/operator-admin.ts'
import { readActor } from '../core/operators/visitor.ts'
import type { ApiTokenRecord, OperatorRecord } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Exclude<Extract<keyof Handlers, `operator.${string}` | `token.${string}`>, 'operator.reset'>

export function operatorHandlers({ store, clock }: OperationParts): Handlers<Names> {
  const adminOf = ({ origin }: Caller) => new OperatorAdmin({ store: store.operators, clock, origin })
  const tokens = new ApiTokens({ store: store.apiTokens, clock })

  /** Whose tokens a caller may see and revoke: their own, or everybody's unless limited to some merchants. */
  const scopeOf = ({ operatorId, rights, agentIds }: Caller, right: 'operators.read' | 'operators.write') =>
    rights.has(right) && agentIds === null ? null : operatorId

  /** The token that the caller uses, if any. */
  const usedToken = async ({ origin }: Caller) => {
    const { kind, id } = readActor(origin.actor)
    return kind === 'token' ? (await store.apiTokens.find(id))?.token : undefined
  }

  return {
    'operator.list': (page, caller) =>
      readPage(
        page,
        ({ limit, after: afterEmail }) => adminOf(caller).list({ limit, afterEmail }),
        ({ email }) => email,
        view,
      ),

    'operator.show': async ({ operatorId }, caller) => view(await adminOf(caller).get(operatorId)),

    'operator.update': async ({ operatorId, ...changes }, caller, expectation) => {
      await verifyMayChange(adminOf(caller), operatorId, changes)
      return view(await adminOf(caller).change(operatorId, changes, 'operator.updated', expectation))
    },

    'operator.revoke-tokens': async ({ operatorId }, caller) => {
      const { id } = await adminOf(caller).get(operatorId)
      return { operatorId: id, revoked: await tokens.revokeAll(id, caller.origin) }
    },

    'operator.enable': async ({ operatorId }, caller) => {
      const { status } = await adminOf(caller).change(operatorId, { status: 'enabled' }, 'operator.enabled', null)
      return { operatorId, status }
    },

    'operator.disable': async ({ operatorId }, caller) => {
      const { status } = await adminOf(caller).change(operatorId, { status: 'disabled' }, 'operator.disabled', null)
      return { operatorId, status }
    },

    'token.list': ({ operatorId: wanted, ...page }, caller) => {
      const operatorId = scopeOf(caller, 'operators.read') ?? wanted
      return readPage(
        page,
        ({ limit, after: afterId }) => store.apiTokens.list({ limit, afterId, operatorId }),
        ({ id }) => id,
        tokenView,
      )
    },

    'token.add': async ({ operatorEmail, name, rights, agentIds, allow = [], allowConfirmed = false, days = 90 }, caller) => {
      const operator = await operatorOf(adminOf(caller), caller, operatorEmail)
      const made = await tokens.add(
        operator,
        { ...caller, token: await usedToken(caller) },
        { name, rights, agentIds, allow, allowConfirmed, days },
        caller.origin,
      )
      return { tokenId: made.record.id, token: made.token, expiresAt: timeValue(made.record.expiresAt) }
    },

    'token.revoke': async ({ tokenId }, caller) => {
      await tokens.revoke(tokenId, scopeOf(caller, 'operators.write'), caller.origin)
      return { tokenId, revoked: true }
    },
  }
}

/** The operator a token is made for: the caller, or for a local caller the named one. */
async function operatorOf(admin: OperatorAdmin, { operatorId }: Caller, operatorEmail: string | undefined): Promise<OperatorRecord> {
  if (operatorId === null) {
    if (operatorEmail === undefined) throw new GatewayError('invalid_parameter', { message: 'name the operator whose token it is' })
    return admin.getByEmail(operatorEmail)
  }
  const operator = await admin.get(operatorId)
  if (operatorEmail !== undefined && normalizeEmail(operatorEmail) !== operator.email) {
    throw new GatewayError('forbidden', { message: "a token is made in one's own name" })
  }
  return operator
}

/** The provider's next word would undo it. @throws GatewayError conflict */
async function verifyMayChange(admin: OperatorAdmin, operatorId: string, { role, agentIds }: OperatorChanges): Promise<void> {
  const { sso, email, ...now } = await admin.get(operatorId)
  const isSame = (role ?? now.role) === now.role && (agentIds === undefined || isDeepStrictEqual(agentIds, now.agentIds))
  if (sso === null || isSame) return
  throw new GatewayError('conflict', {
    message: `${email} has its role and merchants from the provider of single sign-on: change them there, or disable the account here`,
  })
}

function view({ id, createdAt, updatedAt, agentIds, sso, ...operator }: OperatorRecord): AdminOutput<'operator.show'> {
  return {
    operatorId: id,
    ...operator,
    signsInBy: sso === null ? 'local' : 'sso',
    agentIds: agentIds === null ? null : [...agentIds],
    createdAt: timeValue(createdAt),
    updatedAt: timeValue(updatedAt),
  }
}

function tokenView(token: ApiTokenRecord): AdminOutput<'token.list'>['items'][number] {
  const { id, tokenHash: _secret, agentIds, rights, allow, createdAt, expiresAt, revokedAt, lastUsedAt, ...rest } = token
  return {
    tokenId: id,
    ...rest,
    rights: [...rights],
    agentIds: agentIds === null ? null : [...agentIds],
    allow: [...allow],
    createdAt: timeValue(createdAt),
    expiresAt: timeValue(expiresAt),
    revokedAt: timeValue(revokedAt),
    lastUsedAt: timeValue(lastUsedAt),
  }
}
