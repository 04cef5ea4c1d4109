import { catalogue, forOperators, type GatewayError } from '@lobbykey/contract'
import type { FastifyReply } from 'fastify'
import { setRetryAfter } from '../retry-after.ts'

/** The page that explains every problem, on this listener. */
export const errorsPath = '/admin/errors'

/** A problem as in RFC 9457: `title` says what went wrong, `detail` what to do. */
function problemOf({ key, details }: GatewayError, requestId: string) {
  const { http, cause, cure } = forOperators(catalogue[key])
  return {
    // Relative, as RFC 9457 permits.
    type: `${errorsPath}#${key}`,
    title: cause,
    status: http,
    detail: details.message ?? cure,
    key,
    ...(details.field === undefined ? {} : { field: details.field }),
    requestId,
  }
}

export function sendProblem(reply: FastifyReply, error: GatewayError, requestId: string): void {
  const problem = problemOf(error, requestId)
  const { retryAfterMs, allow } = error.details
  setRetryAfter(reply, retryAfterMs)
  if (allow !== undefined) reply.header('allow', allow)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem))
}
