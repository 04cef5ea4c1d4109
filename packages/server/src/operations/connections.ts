import { GatewayError } from '@lobbykey/contract'
import { ConnectionRequests } from '../core/operators/connection-requests.ts'
import type { Caller } from './caller.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `connection.${string}`>

export function connectionHandlers({ store, clock }: OperationParts): Handlers<Names> {
  const requests = new ConnectionRequests({ store, clock })

  /** @throws GatewayError conflict for programs: none lets itself in */
  const personOf = async ({ operatorId, sessionId, rights, agentIds }: Caller) => {
    const operator = operatorId === null || sessionId === null ? null : await store.operators.find(operatorId)
    if (operator === null) throw new GatewayError('conflict', { message: 'a person decides, signed in to the console; no token does' })
    return { operator, rights, agentIds }
  }

  return {
    'connection.show': async ({ userCode: typed }, caller) => {
      const { record, userCode, rights, missingRights, agentIds } = await requests.show(typed, await personOf(caller))
      const { host, user, address, name, days, allowConfirmed, createdAt, expiresAt } = record
      return {
        userCode,
        host,
        user,
        address,
        name,
        rights: [...rights],
        missingRights: [...missingRights],
        agentIds: agentIds === null ? null : [...agentIds],
        days,
        allowConfirmed,
        requestedAt: timeValue(createdAt),
        expiresAt: timeValue(expiresAt),
      }
    },

    'connection.allow': async ({ userCode }, caller) => ({
      userCode: await requests.allow(userCode, await personOf(caller), caller.origin),
      allowed: true,
    }),

    'connection.deny': async ({ userCode }, caller) => {
      const { operator } = await personOf(caller)
      return { userCode: await requests.deny(userCode, operator.id, caller.origin), denied: true }
    },
  }
}
