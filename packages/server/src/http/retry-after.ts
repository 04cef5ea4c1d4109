import type { FastifyReply } from 'fastify'

/** Sets when to retry; nothing when that is unknown. */
export function setRetryAfter(reply: FastifyReply, waitMs: number | undefined): void {
  if (waitMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(waitMs / 1_000)))
}
