import { catalogue, type GatewayError, memberFailure, memberSuccess } from '@lobbykey/contract'
import type { FastifyReply } from 'fastify'
import { answerAtOnce, jsonHeaders } from '../quick-answer.ts'
import { sendJson } from '../response-headers.ts'
import { retryAfterHeader, setRetryAfter } from '../retry-after.ts'

export type MemberHttpStatus = 'contract' | 'standard'

/** The only writer of the member envelope. */
export function sendMemberSuccess(reply: FastifyReply, data: object): void {
  answerAtOnce(reply, jsonHeaders, JSON.stringify(memberSuccess(data)))
}

/**
 * @param mode `contract`: HTTP 200 for the contract's codes, which only `code` distinguishes; `standard`: their HTTP status
 * @param isRead the request's body has arrived: its refusal costs no more than a success
 */
export function sendMemberFailure(reply: FastifyReply, error: GatewayError, mode: MemberHttpStatus, isRead: boolean): void {
  const entry = catalogue[error.key]
  const isReal = mode === 'standard' || entry.memberStatusIsReal === true || entry.memberCode === undefined
  const status = isReal ? entry.http : 200
  const { retryAfterMs, allow } = error.details
  if (isRead) {
    answerAtOnce(reply, [...jsonHeaders, ...retryAfterHeader(retryAfterMs)], JSON.stringify(memberFailure(error)), status)
    return
  }
  setRetryAfter(reply, retryAfterMs)
  if (allow !== undefined) reply.header('allow', allow)
  sendJson(reply, status, memberFailure(error))
}
