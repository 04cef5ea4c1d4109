import { type Right, type Role, roles } from '@lobbykey/contract/admin'
import { ApiTokens, type NewToken } from '../../src/core/operators/api-tokens.ts'
import { OperatorAdmin } from '../../src/core/operators/operator-admin.ts'
import type { OperatorRecord } from '../../src/store/store.ts'
import type { TestGateway } from './gateway.ts'

const origin = { surface: 'cli', actor: 'cli:test@here' } as const
let count = 0

export interface AdminAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: answers of every operation
  readonly json: any
}

/** An operator of this role, restricted to these merchants. */
export async function addOperator(
  gateway: TestGateway,
  role: Role,
  agentIds: readonly string[] | null = null,
  email = `operator${++count}@example.com`,
): Promise<OperatorRecord> {
  const admin = new OperatorAdmin({ store: gateway.store.operators, clock: gateway.clock, origin })
  return admin.add({ email, name: `The ${role}`, role, agentIds })
}

/** A token that acts for the operator. */
export async function addToken(gateway: TestGateway, operator: OperatorRecord, wanted: Partial<NewToken> = {}): Promise<string> {
  const tokens = new ApiTokens({ store: gateway.store.apiTokens, clock: gateway.clock })
  const giver = { rights: new Set<Right>(roles[operator.role].rights), agentIds: operator.agentIds }
  const { token } = await tokens.add(operator, giver, { name: 'test', allow: [], allowConfirmed: true, days: 1, ...wanted }, origin)
  return token
}

/** A call of the admin API, below its base path. */
export async function adminCall(
  gateway: TestGateway,
  token: string | null,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: { readonly body?: object; readonly headers?: Record<string, string>; readonly address?: string } = {},
): Promise<AdminAnswer> {
  const { body, headers, address = '127.0.0.1' } = options
  const answer = await gateway.admin.inject({
    method,
    url: `/admin/api/v1${path}`,
    remoteAddress: address,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, headers: answer.headers, json: answer.body === '' ? null : JSON.parse(answer.body) }
}
