import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import { LineShare } from '../core/base/line-share.ts'
import { toGatewayError } from './to-gateway-error.ts'

/** Counts and refusals name every call; a few lines a second tell why. */
const notServed = new LineShare(10)

/** Logs an error that reached an error handler, if it is our fault and the answer's log line does not show it. */
export function reportError(error: unknown, { log, id: requestId, raw, routeOptions }: FastifyRequest): GatewayError {
  const known = toGatewayError(error, raw)
  if (known.key === 'internal') log.error({ requestId, err: known.cause ?? known }, 'internal error')
  else if (catalogue[known.key].http >= 500 && routeOptions.config.isQuiet === true) {
    const leftOut = notServed.take()
    if (leftOut !== null) log.warn({ requestId, key: known.key, err: known.cause, leftOut: leftOut || undefined }, 'not served')
  }
  return known
}
