/** What the fake gateway's script says, sent. */
import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { catalogue } from '@lobbykey/contract'
import type { ScriptedAnswer } from './conformance-case.ts'

/** Between the bytes of an answer that drips. */
const dripMs = 50
const depth = 200_000

export async function sendScripted(
  response: ServerResponse,
  scripted: ScriptedAnswer,
  success: object,
  api: 'member' | 'seller',
): Promise<unknown> {
  if (typeof scripted === 'string') return sendNamed(response, scripted, success)
  const { code, text, redirect, afterMs, requestId, advice, retryAfter, retryAt } = scripted
  if (requestId !== undefined) response.setHeader('x-request-id', requestId)
  if (advice !== undefined) response.setHeader('x-token-advice', advice)
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter))
  if (retryAt !== undefined) response.setHeader('retry-after', new Date(Date.now() + retryAt * 1_000).toUTCString())
  if (text !== undefined) return response.writeHead(200).end(text)
  if (redirect !== undefined) {
    const elsewhere = `http://localhost:${response.socket?.localPort}${response.req.url}`
    return response.writeHead(redirect, { location: elsewhere }).end()
  }
  if (afterMs !== undefined) {
    await delay(afterMs)
    return sendJson(response, 200, success)
  }
  if (scripted.ok !== undefined) return sendJson(response, 200, { ...success, data: scripted.ok })
  if (code === undefined) return response.writeHead(scripted.status ?? 502, { 'content-type': 'text/html' }).end('<html>')
  const entry = Object.values(catalogue).find(({ memberCode, sellerCode }) => memberCode === code || sellerCode === code)
  const status = scripted.status ?? (api === 'member' ? 200 : (entry?.http ?? 500))
  const told =
    api === 'member' ? { message: entry?.memberText, data: {} } : { msg: entry?.sellerText, time: new Date().toISOString(), data: null }
  return sendJson(response, status, { code, ...told })
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status).end(JSON.stringify(body))
}

function sendNamed(response: ServerResponse, name: Extract<ScriptedAnswer, string>, success: object): unknown {
  switch (name) {
    case 'cut':
      return response.destroy()
    case 'half':
      response.writeHead(200, { 'content-length': '500' })
      response.write('{"code":200,')
      return setImmediate(() => response.destroy())
    case 'silent':
      return undefined
    case 'dripping head':
      response.socket?.write('HTTP/1.1 200 OK\r\nX-Drip: ')
      return drip(response, (byte) => response.socket?.write(byte))
    case 'dripping body':
      response.writeHead(200)
      return drip(response, (byte) => response.write(byte))
    case 'endless':
      response.writeHead(200)
      return pour(response, ' '.repeat(64 * 1024), (piece) => response.write(piece))
    case 'deep':
      return response.writeHead(200).end('{"code":408000,"message":'.concat('['.repeat(depth), ']'.repeat(depth), '}'))
    case 'a long number':
      return response.writeHead(200).end(JSON.stringify(success).replace(/"expiresIn":\d+/, `"expiresIn":${'9'.repeat(400)}`))
    case 'a million digits':
      return response.writeHead(200).end(`{"code":408000,"message":${'9'.repeat(1_000_000)}}`)
    case 'endless heads':
      return pour(response, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50), async (piece) => {
        // No faster than it is read: workerd looks at no timer while something is left to read, which on a busy machine may be a minute.
        await delay(1)
        return response.socket?.write(piece) ?? false
      })
    case 'negative piece':
      return response.socket?.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n')
    case 'advice':
      response.setHeader('x-token-advice', 'reuse; this account has a fresh access token')
      return sendJson(response, 200, success)
    case 'hinted':
      response.writeEarlyHints({ link: '</lobby.css>; rel=preload', 'retry-after': '3600' })
      return response.writeHead(502).end('<html>')
    case 'closing':
      response.once('finish', () => setTimeout(() => (response.req.socket as unknown as { server: Server }).server.closeIdleConnections()))
      return sendJson(response, 200, success)
    case 'ok':
      return sendJson(response, 200, success)
  }
}

async function drip(response: ServerResponse, write: (byte: string) => void): Promise<void> {
  while (!response.closed) {
    write(' ')
    await delay(dripMs)
  }
}

/** As fast as it is read. */
async function pour(response: ServerResponse, piece: string, write: (piece: string) => boolean | Promise<boolean>): Promise<void> {
  const closed = new AbortController()
  response.once('close', () => closed.abort())
  while (!closed.signal.aborted) {
    if (!(await write(piece))) await once(response.socket ?? response, 'drain', closed).catch(() => {})
  }
}
