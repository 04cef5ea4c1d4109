import { catalogue, type GatewayError, memberFailure, memberSuccess } from '@lobbykey/contract'
import type { FastifyReply } from 'fastify'
import { answerAtOnce, jsonHeaders } from '../quick-answer.ts'
import { sendJson } from '../response-headers.ts'
import { setRetryAfter } from '../retry-after.ts'

export type MemberHttpStatus = 'contract' | 'standard'

/** The only writer of the member envelope. */
export function sendMemberSuccess(reply: FastifyReply, data: object): void {
  answerAtOnce(reply, jsonHeaders, JSON.stringify(memberSuccess(data)))
}

/** @param mode `contract`: HTTP 200 for the contract's codes, which only `code` distinguishes; `standard`: their HTTP status */
export function sendMemberFailure(reply: FastifyReply, error: GatewayError, mode: MemberHttpStatus): void {
  const entry = catalogue[error.key]
  const isReal = mode === 'standard' || entry.memberStatusIsReal === true || entry.memberCode === undefined
  setRetryAfter(reply, error.details.retryAfterMs)
  if (error.details.allow !== undefined) reply.header('allow', error.details.allow)
  sendJson(reply, isReal ? entry.http : 200, memberFailure(error))
}
