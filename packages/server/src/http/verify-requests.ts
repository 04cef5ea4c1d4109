import { GatewayError, printable } from '@lobbykey/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { countHeader } from './count-header.ts'
import type { HostNames } from './host-names.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Accepts any host name: for proxies and load balancers, which use whatever name reaches it. */
    isForAnyHost?: boolean
  }
}

/**
 * Refuses requests that two servers could read differently, and those for another host (checks 51 to 53), before anything else. Node's parser alone
 * accepts some. The connection is closed, since what follows may be part of an attack.
 *
 * The answer is the surface's own.
 */
export function verifyRequests(app: FastifyInstance, hosts: HostNames): void {
  app.addHook('onRequest', (request, reply, done) => {
    const problem = findFramingProblem(request) ?? findHostProblem(request, hosts)
    if (problem === null) return done()
    reply.header('connection', 'close')
    done(problem)
  })
}

/** The path of an absolute-form target (RFC 9112, section 3.2.2); any other target unchanged. */
export function originForm(target: string): string {
  const path = absoluteForm.exec(target)?.[2]
  if (path === undefined) return target
  return path.startsWith('/') ? path : `/${path}`
}

/**
 * The path used for routing. An undecodable path names nothing, nor does one that begins with two slashes, as from a base URL with a trailing slash:
 * it is replaced by an unknown path of its surface, and answered there.
 */
export function routablePath(url: string): string {
  if (url.startsWith('//')) return nothingNear(url.replace(/^\/+/, '/'))
  if (!url.includes('%')) return url
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '')
    return url
  } catch {
    return nothingNear(url)
  }
}

function nothingNear(url: string): string {
  return `${/^(?:\/[a-z-]+(?=\/))*/.exec(url)?.[0] ?? ''}/no-such-path`
}

/** The error for a path that names nothing. */
export function pathNotFound({ originalUrl }: FastifyRequest): GatewayError {
  return originalUrl.startsWith('//')
    ? new GatewayError('path_not_found', { message: 'it begins with two slashes; end the base URL without one' })
    : new GatewayError('path_not_found')
}

const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/is

function findFramingProblem({ headers, raw }: FastifyRequest): GatewayError | null {
  if (raw.httpVersion !== '1.1' && raw.httpVersion !== '1.0') return ambiguous('this version of HTTP is not spoken here')
  const encoding = headers['transfer-encoding']
  if (encoding === undefined) return null
  if (raw.httpVersion === '1.0') return ambiguous('HTTP/1.0 has no Transfer-Encoding')
  return encoding.toLowerCase() === 'chunked' ? null : ambiguous('Transfer-Encoding may be chunked only')
}

function findHostProblem(request: FastifyRequest, hosts: HostNames): GatewayError | null {
  const { headers, raw, originalUrl, routeOptions } = request
  const isForAnyHost = routeOptions.config.isForAnyHost === true
  const { host } = headers
  if (host === undefined) return raw.httpVersion === '1.0' && isForAnyHost ? null : ambiguous('there is no Host')
  if (countHeader(request, 'host') > 1) return ambiguous('Host appears twice')
  if (!originalUrl.startsWith('/')) {
    const authority = absoluteForm.exec(originalUrl)?.[1]
    if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase()) return ambiguous('the URL and Host name two hosts')
  }
  const isOurs = hosts.has(host)
  if (isOurs === null) return ambiguous('Host is not of the form name:port')
  if (isOurs || isForAnyHost) return null
  return new GatewayError('host_not_served', { message: `Host ${printable(host)} is not served here` })
}

function ambiguous(message: string): GatewayError {
  return new GatewayError('ambiguous_request', { message })
}
