import type { FastifyReply } from 'fastify'

/** Says when to come again; nothing when that is not known. */
export function setRetryAfter(reply: FastifyReply, waitMs: number | undefined): void {
  if (waitMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(waitMs / 1_000)))
}
