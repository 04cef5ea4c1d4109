import type { FastifyReply } from 'fastify'

/** Sets when to retry; nothing when that is unknown. */
export function setRetryAfter(reply: FastifyReply, waitMs: number | undefined): void {
  if (waitMs !== undefined) reply.header('retry-after', secondsOf(waitMs))
}

/** The same as names and values alternating. */
export function retryAfterHeader(waitMs: number | undefined): readonly string[] {
  return waitMs === undefined ? [] : ['retry-after', String(secondsOf(waitMs))]
}

function secondsOf(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1_000))
}
