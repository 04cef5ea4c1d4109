import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import { toGatewayError } from './to-gateway-error.ts'

/** What reached an error handler as one of ours, told to the operator's log when the fault is on this side and no line of the answer's tells it. */
export function reportError(error: unknown, { log, id: requestId, raw, routeOptions }: FastifyRequest): GatewayError {
  const known = toGatewayError(error, raw)
  if (known.key === 'internal') log.error({ requestId, err: known.cause ?? known }, 'internal error')
  else if (catalogue[known.key].http >= 500 && routeOptions.config.isQuiet === true)
    log.warn({ requestId, key: known.key, err: known.cause }, 'not served')
  return known
}
