import { catalogue, type GatewayError, sellerFailure, sellerSuccess } from '@lobbykey/contract'
import type { FastifyReply } from 'fastify'
import { answerTogether, jsonHeaders } from './quick-answer.ts'
import { sendJson } from './response-headers.ts'
import { setRetryAfter } from './retry-after.ts'

/** When a 503 does not say otherwise. */
const retryAfterMsDefault = 1_000

/**
 * The only writer of the seller envelope.
 * @param headers names and values alternating, besides those of every answer
 */
export function sendSellerSuccess(reply: FastifyReply, data: object, now: number, headers: readonly string[] = []): void {
  answerTogether(reply, [...jsonHeaders, ...headers], JSON.stringify(sellerSuccess(data, now)))
}

/** @param instead a status that the caller understands in place of the catalogue's */
export function sendSellerFailure(reply: FastifyReply, error: GatewayError, now: number, instead?: number): void {
  const { http, sellerCode } = catalogue[error.key]
  // A key without a code in this API is answered as an internal error.
  const status = instead ?? (sellerCode === undefined ? catalogue.internal.http : http)
  const { retryAfterMs = status === 503 ? retryAfterMsDefault : undefined, allow } = error.details
  setRetryAfter(reply, retryAfterMs)
  if (allow !== undefined) reply.header('allow', allow)
  if (status === 401) reply.header('www-authenticate', challenge(error))
  sendJson(reply, status, sellerFailure(error, now))
}

/** The answered code; a key without a code in this API counts as an internal error. */
export function sellerCodeOf({ key }: GatewayError): string {
  return catalogue[key].sellerCode ?? catalogue.internal.sellerCode ?? ''
}

/** RFC 6750, section 3: what was wrong with the bearer token or its place; a bare challenge for a password or refresh token. */
function challenge(error: GatewayError): string {
  if (error.key === 'invalid_parameter') return 'Bearer error="invalid_request"'
  return error.key.startsWith('access_token_') ? 'Bearer error="invalid_token"' : 'Bearer'
}
