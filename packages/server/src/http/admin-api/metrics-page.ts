/**
 * `/metrics`, for connections from `METRICS_ALLOW` and for tokens that may see the installation's state. The address is the connection's own:
 * proxies' headers are ignored, and behind a proxy the token decides.
 */
import { adminOperation } from '@lobbykey/contract/admin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AddressList } from '../../core/base/address-list.ts'
import { normalizeAddress } from '../../core/base/network-address.ts'
import { verifyRight } from '../../operations/caller.ts'
import type { CallerAuthentication } from './authenticate.ts'

export interface MetricsPageDependencies {
  readonly allow: AddressList
  readonly authentication: CallerAuthentication
  readonly expose: (accept: string) => Promise<{ readonly contentType: string; readonly text: string }>
}

const metricsPath = '/metrics'

const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

export async function metricsPage(app: FastifyInstance, { allow, authentication, expose }: MetricsPageDependencies): Promise<void> {
  app.get(metricsPath, { config: { isQuiet: true } }, async (request, reply) => {
    if (!isAllowed(request, allow)) verifyRight(adminOperation('status.show'), {}, await authentication.identify(request))
    const { contentType, text } = await expose(request.headers.accept ?? '')
    return reply.header('content-type', contentType).header('cache-control', 'no-store').send(text)
  })
}

function isAllowed({ socket, headers }: FastifyRequest, allow: AddressList): boolean {
  const peer = normalizeAddress(socket.remoteAddress ?? '')
  return peer !== null && allow.has(peer) && proxyHeaders.every((name) => headers[name] === undefined)
}
