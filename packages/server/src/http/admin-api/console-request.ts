import { GatewayError } from '@lobbykey/contract'
import { consoleHeader } from '@lobbykey/contract/admin'
import type { FastifyRequest } from 'fastify'
import type { AdminSite } from '../../core/operators/admin-site.ts'

/**
 * Holds a call that a browser makes by itself believed to pages of the console (check 61): it has the console's header, which no other origin may send; where
 * it changes anything it names our origin; and it does not say that it comes from elsewhere. Ports are same-site, so SameSite alone would let the
 * partners' port, and whatever else runs on this host, pass.
 *
 * @throws GatewayError foreign_origin
 */
export function verifyConsoleRequest({ method, headers }: FastifyRequest, site: AdminSite): void {
  const { origin, 'sec-fetch-site': fetchSite } = headers
  if (headers[consoleHeader] !== '1') throw new GatewayError('foreign_origin', { message: `send ${consoleHeader}: 1` })
  const isOurs = origin === site.url || (origin === undefined && method === 'GET')
  if (!isOurs || (fetchSite !== undefined && fetchSite !== 'same-origin')) {
    throw new GatewayError('foreign_origin', { message: `the console is at ${site.url}; this call came from another origin` })
  }
}
