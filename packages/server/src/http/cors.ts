import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Headers that tell browsers and caches whose pages may read the answer, names and values alternating; null when none may. */
    corsHeaders: readonly string[] | null
  }
}

/** Origins of pages that may call a surface, as browsers send them (`https://app.example.com`), or any. */
export type BrowserOrigins = ReadonlySet<string> | 'any'

const exposed = 'Retry-After, X-Request-Id, X-Token-Advice, WWW-Authenticate, ETag'
const preflightSeconds = '600'
const methodName = /^[A-Z]{1,16}$/
const headerNames = /^[A-Za-z0-9-]{1,64}(?:, ?[A-Za-z0-9-]{1,64}){0,31}$/

/**
 * Lets pages of these origins call a surface and read its answers (Fetch Standard, section 3.2), and answers preflights before authentication. Never
 * with credentials: these surfaces identify callers by `Authorization`, which pages set themselves.
 *
 * Hooks run in the order of registration: call this before authentication.
 */
export function allowOrigins(app: FastifyInstance, origins: BrowserOrigins): void {
  if (origins !== 'any' && origins.size === 0) return
  // Otherwise a cache could give one origin's answer to another.
  const vary = origins === 'any' ? [] : ['vary', 'Origin']
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    const allowed = origin === undefined ? undefined : origins === 'any' ? '*' : origins.has(origin) ? origin : undefined
    const corsHeaders =
      allowed === undefined ? vary : [...vary, 'access-control-allow-origin', allowed, 'access-control-expose-headers', exposed]
    request.corsHeaders = corsHeaders
    for (let index = 0; index < corsHeaders.length; index += 2) reply.header(corsHeaders[index] ?? '', corsHeaders[index + 1])
    const { 'access-control-request-method': method, 'access-control-request-headers': names = '' } = request.headers
    if (allowed === undefined || request.method !== 'OPTIONS' || method === undefined) return done()
    // A listed origin may use any method; the call itself decides.
    if (methodName.test(method)) reply.header('access-control-allow-methods', method)
    if (headerNames.test(names)) reply.header('access-control-allow-headers', names)
    reply.header('access-control-max-age', preflightSeconds).code(204).send()
  })
}
