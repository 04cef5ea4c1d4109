import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyReply } from 'fastify'
import { answerTogether, jsonHeaders } from '../quick-answer.ts'
import { sendJson } from '../response-headers.ts'
import { setRetryAfter } from '../retry-after.ts'

const retryAfterMsDefault = 1_000

/** An answer to a registered service, as in RFC 6749, section 5; a string is already JSON. */
export function sendOauthAnswer(reply: FastifyReply, body: object | string): void {
  answerTogether(reply, jsonHeaders, typeof body === 'string' ? body : JSON.stringify(body))
}

/** The `error` of the answer; a key that services cannot get counts as an internal error. */
export function oauthErrorOf({ key }: GatewayError): string {
  return catalogue[key].oauthError ?? catalogue.internal.oauthError ?? ''
}

export function sendOauthFailure(reply: FastifyReply, error: GatewayError): void {
  // A key that services cannot get is answered as an internal error.
  const { http: status, oauthError } = catalogue[error.key].oauthError === undefined ? catalogue.internal : catalogue[error.key]
  const { retryAfterMs = status === 503 ? retryAfterMsDefault : undefined, allow, message } = error.details
  setRetryAfter(reply, retryAfterMs)
  if (allow !== undefined) reply.header('allow', allow)
  if (status === 401) reply.header('www-authenticate', 'Basic realm="lobbykey", charset="UTF-8"')
  const body = { error: oauthError, ...((status === 400 || status === 421) && message !== undefined ? { error_description: message } : {}) }
  sendJson(reply, status, body)
}
