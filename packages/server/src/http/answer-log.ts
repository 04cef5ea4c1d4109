import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** One line per answer, with the path but without its query, which may contain a token. Signed calls are recorded in the store instead. */
export function logAnswers(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.isQuiet === true) return
    const log = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      logAnswer(request, reply)
      done()
    }
    route.onResponse = [log, route.onResponse ?? []].flat()
  })
}

export function logAnswer(request: FastifyRequest, reply: FastifyReply): void {
  const line = {
    requestId: request.id,
    method: request.method,
    path: request.url.split('?', 1)[0]?.slice(0, 256),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    address: request.clientAddress,
  }
  request.log[reply.statusCode >= 500 ? 'warn' : 'info'](line, 'answered')
}
