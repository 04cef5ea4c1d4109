import type { FastifyReply, FastifyRequest } from 'fastify'
import { lobbyCookieNames } from '../../own-cookies.ts'

/**
 * The cookie that stands for a session in the lobby. It holds a handle, never what the URL carried. SameSite is Lax: a member comes from the
 * merchant's site, and under Strict the browser would hold the cookie back on the very redirect that follows. What changes anything is a
 * POST, for which Lax holds it back from other sites too. No library: `cookie` reads the first of two cookies, where both must be refused.
 */
export class LobbyCookie {
  readonly #name: string
  readonly #attributes: string

  /** @param isHttps whether the public URL is */
  constructor(isHttps: boolean) {
    this.#name = isHttps ? lobbyCookieNames.https : lobbyCookieNames.http
    this.#attributes = `; Path=/; HttpOnly; SameSite=Lax${isHttps ? '; Secure' : ''}`
  }

  /** Null without one, and with two: another path or a sibling domain may have planted the second. */
  read(request: FastifyRequest): string | null {
    const values = (request.headers.cookie ?? '').split(';').flatMap((pair) => {
      const [name, value] = pair.trim().split('=', 2)
      return name === this.#name && value !== undefined ? [value] : []
    })
    return values.length === 1 ? (values[0] ?? null) : null
  }

  /** @param lifeMs until the session expires: the cookie never outlives it */
  write(reply: FastifyReply, handle: string, lifeMs: number): void {
    reply.header('set-cookie', `${this.#name}=${handle}; Max-Age=${Math.max(1, Math.ceil(lifeMs / 1_000))}${this.#attributes}`)
  }
}
