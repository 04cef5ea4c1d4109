import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Names and values alternating, as node:http takes them. */
    securityHeaders: readonly string[]
  }
}

const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

/** On every answer, errors included (check 55). A page relaxes the policy for itself with `pagePolicy`. */
const securityHeaders = {
  'content-security-policy': apiPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** For our own pages: links, an empty icon, own images where asked for, one inline style sheet, and a script only where one is given; both by their hashes. */
export function pagePolicy(page: {
  readonly style: string
  readonly script?: string | undefined
  readonly canPost?: boolean
  readonly hasImages?: boolean
}): string {
  const { style, script, canPost = false, hasImages = false } = page
  const scripts = script === undefined ? '' : ` script-src ${script}; connect-src 'self';`
  const forms = canPost ? "'self'" : "'none'"
  const images = hasImages ? "data: 'self'" : 'data:'
  return `default-src 'none'; style-src ${style};${scripts} img-src ${images}; base-uri 'none'; form-action ${forms}; object-src 'none'; ${unframed}`
}

const unframed = "frame-ancestors 'none'"

/** Lets these origins frame a page; without any, the policy is unchanged. @param origins as `exactOrigin` writes them */
export function framedBy(policy: string, origins: readonly string[]): string {
  return origins.length === 0 ? policy : policy.replace(unframed, `frame-ancestors ${origins.join(' ')}`)
}

/** Names and values alternating, as node:http takes them. */
export function securityHeadersOf({ isHttps }: { isHttps: boolean }): readonly string[] {
  return Object.entries(isHttps ? { ...securityHeaders, 'strict-transport-security': 'max-age=31536000' } : securityHeaders).flat()
}

/** @param headers as `securityHeadersOf` gives them */
export function addResponseHeaders(app: FastifyInstance, headers: readonly string[]): void {
  app.decorate('securityHeaders', headers)
  app.addHook('onSend', (request, reply, payload, done) => {
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] ?? ''
      if (!reply.hasHeader(name)) reply.header(name, headers[index + 1])
    }
    reply.header('x-request-id', request.id)
    done(null, payload)
  })
}

export const jsonType = 'application/json; charset=utf-8'

/** A larger answer is written as its reader takes it: otherwise all of it would wait, and `connections` closes connections with that much unread. */
const atOnceChars = 256 * 1024

/** Sends an API's answer, which must not be cached. @returns the reply, which the handler of a large answer returns as well */
export function sendJson(reply: FastifyReply, status: number, body: object): FastifyReply {
  const text = JSON.stringify(body)
  reply.code(status).header('content-type', jsonType).header('cache-control', 'no-store')
  return reply.send(text.length <= atOnceChars ? text : Readable.from(slicesOf(text)))
}

function* slicesOf(text: string): Generator<Buffer> {
  for (let from = 0; from < text.length; ) {
    // Never between the halves of a surrogate pair.
    const isSplit = (text.codePointAt(from + atOnceChars - 1) ?? 0) > 0xffff
    const to = from + atOnceChars + (isSplit ? 1 : 0)
    yield Buffer.from(text.slice(from, to))
    from = to
  }
}
