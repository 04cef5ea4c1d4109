import { isGatewayError } from '@lobbykey/contract'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Drain } from '../drain.ts'

/** Also HEAD, which some load balancers use. */
const asked: Pick<RouteOptions, 'method' | 'config'> = { method: ['GET', 'HEAD'], config: { isQuiet: true, isForAnyHost: true } }

export interface HealthOptions {
  /** Rejects while this process should not get requests. */
  readonly assertReady: () => Promise<void>
  readonly drain: Drain
}

/**
 * `/livez`: the process runs. `/readyz`: it can serve, which means that the store is writable, this node's clock is close to the store's, and the
 * process is not shutting down; otherwise 503.
 */
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
