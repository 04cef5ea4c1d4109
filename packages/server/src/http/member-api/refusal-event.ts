import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { SignedCallState } from '../../core/members/signed-call.ts'
import type { EventInput } from '../../store/store.ts'

/** What the event table keeps of a refused signed call. Names are taken from the body only once they are within their rule. */
export function refusalEvent(error: GatewayError, request: FastifyRequest, now: number, state?: SignedCallState): EventInput {
  const fields = state?.isChecked ? (state.fields as { agent_id?: string; user_id?: string }) : undefined
  return {
    at: now,
    kind: `member.${state?.call.name ?? 'request'}_refused`,
    surface: 'member-api',
    agentId: fields?.agent_id,
    subject: fields?.user_id,
    address: request.clientAddress ?? undefined,
    requestId: request.id,
    code: String(catalogue[error.key].memberCode),
    details: { key: error.key, field: error.details.field },
  }
}
