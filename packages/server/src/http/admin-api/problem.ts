import { catalogue, forOperators, type GatewayError } from '@lobbykey/contract'
import type { FastifyReply } from 'fastify'
import { setRetryAfter } from '../retry-after.ts'

/** The page of every problem's cause and cure, on this listener. */
export const errorsPath = '/admin/errors'

/** A problem as RFC 9457 has it: what went wrong in `title`, what to do in `detail`. */
export function problemOf({ key, details }: GatewayError, requestId: string) {
  const { http, cause, cure } = forOperators(catalogue[key])
  return {
    // Relative, as RFC 9457 lets it be.
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
