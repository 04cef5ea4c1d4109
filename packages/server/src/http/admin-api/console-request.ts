import { GatewayError } from '@lobbykey/contract'
import { consoleHeader } from '@lobbykey/contract/admin'
import type { FastifyRequest } from 'fastify'
import type { AdminSite } from '../../core/operators/admin-site.ts'

/**
 * Accepts a browser's call only from the console's own pages (check 61): it must carry the console's header, which no other origin may send; a change
 * must name our origin; and it must not declare another site as its source. SameSite alone is not enough: ports are same-site, so the partners' port
 * and anything else on this host would pass.
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
