import { GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { ApiTokens } from '../../core/operators/api-tokens.ts'
import type { Caller } from '../../operations/caller.ts'
import { countHeader } from '../count-header.ts'

/** Who asks for an operation over HTTP. */
export class CallerAuthentication {
  readonly #tokens: ApiTokens

  constructor(options: { readonly tokens: ApiTokens }) {
    this.#tokens = options.tokens
  }

  /** @throws GatewayError not_signed_in, store_unavailable */
  async identify(request: FastifyRequest): Promise<Caller> {
    if (countHeader(request, 'authorization') > 1) throw new GatewayError('not_signed_in')
    const token = /^Bearer ([^\s]{1,128})$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) throw new GatewayError('not_signed_in')
    const { operator, token: record, rights, agentIds } = await this.#tokens.authenticate(token, request.clientAddress)
    return {
      origin: {
        surface: 'admin-api',
        actor: `token:${record.id}`,
        address: request.clientAddress ?? undefined,
        requestId: request.id,
      },
      rights,
      agentIds,
      isConfirmed: record.allowConfirmed,
      operatorId: operator.id,
    }
  }
}
