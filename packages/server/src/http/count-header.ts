import type { FastifyRequest } from 'fastify'

/** How often a header was sent; Node keeps only the first of some that must stand once. @param name in lower case */
export function countHeader(request: FastifyRequest, name: string): number {
  return request.raw.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length
}
