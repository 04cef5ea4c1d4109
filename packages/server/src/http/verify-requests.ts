import { GatewayError, printable } from '@lobbykey/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { countHeader } from './count-header.ts'
import type { HostNames } from './host-names.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked under whatever name: by proxies and load balancers, who name it as they reach it. */
    isForAnyHost?: boolean
  }
}

/**
 * Refuses requests that two servers could read in two ways, and those that are meant for another host (checks 51 to 53), before anything
 * else is looked at. What Node's parser takes is not always one thing alone. The connection ends: what follows may be part of a trick.
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

/** What a request's target names when it is of absolute form (RFC 9112 section 3.2.2); any other as it is. */
export function originForm(target: string): string {
  const path = absoluteForm.exec(target)?.[2]
  if (path === undefined) return target
  return path.startsWith('/') ? path : `/${path}`
}

/**
 * The path that a request is routed by. One that cannot be decoded names nothing, and neither does one that begins with two slashes, as of a base
 * URL that ends with one: it is moved to a path of its surface that names nothing either, and answered there.
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

/** What a path that names nothing is refused with. */
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
