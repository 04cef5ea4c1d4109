import type { FastifyInstance } from 'fastify'

const quiet = { config: { isQuiet: true } }

/** `/livez`: the process runs. `/readyz`: it can serve, that is, the store answers; 503 when not. */
export async function healthRoutes(app: FastifyInstance, options: { ping: () => Promise<void> }): Promise<void> {
  app.get('/livez', quiet, (_request, reply) => {
    reply.header('cache-control', 'no-store').send({ status: 'ok' })
  })
  app.get('/readyz', quiet, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    try {
      await options.ping()
      return { status: 'ok' }
    } catch (error) {
      request.log.warn({ requestId: request.id, err: error }, 'not ready')
      return reply.code(503).header('retry-after', 1).send({ status: 'store unavailable' })
    }
  })
}
