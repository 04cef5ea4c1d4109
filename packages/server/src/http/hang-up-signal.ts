import type { FastifyReply } from 'fastify'

/** Fires when the connection closes before the answer is sent. */
export function hangUpSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const look = () => {
    if (hasHungUp(reply)) controller.abort()
  }
  if (reply.raw.closed) look()
  else reply.raw.once('close', look)
  return controller.signal
}

/** Whether the connection has closed before the answer was sent. */
export function hasHungUp({ raw }: FastifyReply): boolean {
  return raw.closed && !raw.writableFinished
}
