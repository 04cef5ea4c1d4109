import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { randomId } from '../../core/base/random.ts'

/** How long a connection stays open for the peer to read the last answer, ms: closing with unread input would discard the answer. */
const lingerMs = 500

/**
 * Answers malformed input, for which no request exists, and closes the connection. Includes what every answer has: the headers of check 55 and a
 * request ID.
 *
 * @param securityHeaders names and values alternating
 * @returns the request ID
 */
export function sendBareAnswer(socket: Socket, status: number, securityHeaders: readonly string[]): string {
  const requestId = randomId()
  const text = `${STATUS_CODES[status] ?? ''}\n`
  const common = ['x-request-id', requestId, 'cache-control', 'no-store', 'content-type', 'text/plain; charset=utf-8']
  const headers = [...securityHeaders, ...common, 'content-length', String(text.length), 'connection', 'close']
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  socket.end(`${head}\r\n${text}`)
  setTimeout(() => socket.destroy(), lingerMs).unref()
  return requestId
}
