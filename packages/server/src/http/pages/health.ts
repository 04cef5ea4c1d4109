import { isGatewayError } from '@lobbykey/contract'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Drain } from '../drain.ts'

/** HEAD too: some load balancers ask by it. */
const asked: Pick<RouteOptions, 'method' | 'config'> = { method: ['GET', 'HEAD'], config: { isQuiet: true, isForAnyHost: true } }

export interface HealthOptions {
  /** Rejects while this process should get no requests. */
  readonly assertReady: () => Promise<void>
  readonly drain: Drain
}

/** `/livez`: the process runs. `/readyz`: it can serve, that is, the store can be written, this node's clock is close to its, and the process stays; 503 when not. */
export async function healthRoutes(app: FastifyInstance, { assertReady, drain }: HealthOptions): Promise<void> {
  app.route({
    ...asked,
    url: '/livez',
    handler: (_request, reply) => {
      reply.header('cache-control', 'no-store').send({ status: 'ok' })
    },
  })
  app.route({
    ...asked,
    url: '/readyz',
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      if (drain.hasBegun) return reply.code(503).header('retry-after', 1).send({ status: 'stopping' })
      try {
        await assertReady()
        return { status: 'ok' }
      } catch (error) {
        request.log.warn({ requestId: request.id, err: error }, 'not ready')
        return reply
          .code(503)
          .header('retry-after', 1)
          .send({ status: isGatewayError(error) ? 'store unavailable' : 'clock off' })
      }
    },
  })
}
