import type { FastifyRequest } from 'fastify'

/**
 * Whether a page of this server made the request, by `Sec-Fetch-Site`, by `Origin`, and by both if both are present. Every browser sends one of them
 * with a POST.
 */
export function isFromOwnPage({ headers }: FastifyRequest, publicOrigin: string): boolean {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  if (origin === undefined) return site !== undefined
  return origin === publicOrigin || (host !== undefined && URL.parse(origin)?.host === host.toLowerCase())
}
