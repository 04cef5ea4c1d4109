import type { FastifyRequest } from 'fastify'

/** How often a header was sent; Node keeps only the first of some duplicates. @param name in lower case */
export function countHeader(request: FastifyRequest, name: string): number {
  const { rawHeaders } = request.raw
  let count = 0
  // Runs for every call: comparing lengths first avoids most lowercasing.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const text = rawHeaders[index] ?? ''
    if (text.length === name.length && text.toLowerCase() === name) count++
  }
  return count
}
