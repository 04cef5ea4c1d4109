import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import type { Drain } from '../drain.ts'
import { sendBareAnswer } from './bare-answer.ts'
import type { Connections } from './connections.ts'
import { Turns } from './turns.ts'

export interface ServerParts {
  readonly connections: Connections
  readonly drain: Drain
  readonly logger: FastifyBaseLogger
  /** Maximum time for a whole request, ms; 0 where something else limits it. */
  readonly requestMsMax: number
  /** Timeout of an idle connection; longer than a proxy in front keeps it, which could otherwise send a request just as it closes. */
  readonly keepAliveMs: number
  /** Names and values alternating. */
  readonly securityHeaders: readonly string[]
}

/** Headers within five seconds (check 43). */
const limits: ServerOptions = {
  headersTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
  // `verifyRequests` refuses these, with the headers that every answer has.
  requireHostHeader: false,
}

/** The HTTP server under the application: it limits connections, starts requests in turn, and sends our answers where Node would send its own. */
export function makeServer(handle: RequestListener, parts: ServerParts): Server {
  const { connections, drain, requestMsMax, keepAliveMs } = parts
  const turns = new Turns(handle, () => connections.note('ahead'))
  drain.onBegin(() => turns.drain())
  const server = createServer({ ...limits, requestTimeout: requestMsMax, keepAliveTimeout: keepAliveMs }, turns.take)
  connections.watch(server)
  // RFC 9110, section 10.1.1: an unknown expectation may be ignored. Node would answer 417 by itself.
  server.on('checkExpectation', turns.take)
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(error, socket, turns, parts))
  return server
}

/**
 * Handles input that is malformed or late. Sends the answer in its turn: after the answers to earlier requests, and not at all when one of those is
 * incomplete.
 */
function refuse(error: NodeJS.ErrnoException, socket: Socket, turns: Turns, { logger, securityHeaders }: ServerParts): void {
  const left = turns.end(socket)
  if (left === undefined) return
  const answer = () => {
    if (!socket.writable || socket.writableEnded || error.code === 'ECONNRESET') return void socket.destroy()
    const status = statusOf(error.code)
    const requestId = sendBareAnswer(socket, status, securityHeaders)
    logger.info({ requestId, status, reason: error.code, address: socket.remoteAddress }, 'not a request')
  }
  const { last, isFirst } = left
  if (last === null) answer()
  else if (last.req.complete) last.once('close', answer)
  else if (isFirst && !last.headersSent) answer()
  else socket.destroy()
}

function statusOf(code: string | undefined): number {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408
    default:
      return 400
  }
}
