import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import { toGatewayError } from './to-gateway-error.ts'

/** Logs an error that reached an error handler, if it is our fault and the answer's log line does not show it. */
export function reportError(error: unknown, { log, id: requestId, raw, routeOptions }: FastifyRequest): GatewayError {
  const known = toGatewayError(error, raw)
  if (known.key === 'internal') log.error({ requestId, err: known.cause ?? known }, 'internal error')
  // A line for each of many would add to what is too much; the queue reports once a minute.
  else if (catalogue[known.key].http >= 500 && routeOptions.config.isQuiet === true && known.key !== 'queue_full')
    log.warn({ requestId, key: known.key, err: known.cause }, 'not served')
  return known
}
