import type { FastifyReply, FastifyRequest } from 'fastify'

/** The name of one of our cookies: `__Host-` where the public URL is https, plain elsewhere. */
export interface CookieNames {
  readonly https: string
  readonly http: string
}

/** A cookie of this server, which only ever contains a handle. No library: `cookie` takes the first of two cookies, where both must be refused. */
export class OwnCookie {
  readonly #name: string
  readonly #attributes: string

  /** @param isHttps whether browsers use https; `None` requires it, and is partitioned by framing site */
  constructor(names: CookieNames, { isHttps, sameSite }: { readonly isHttps: boolean; readonly sameSite: 'Lax' | 'Strict' | 'None' }) {
    this.#name = isHttps ? names.https : names.http
    this.#attributes = `; Path=/; HttpOnly; SameSite=${sameSite}${isHttps ? '; Secure' : ''}${sameSite === 'None' ? '; Partitioned' : ''}`
  }

  /** Null without a cookie, and with two: another path or a sibling domain may have planted the second. */
  read(request: FastifyRequest): string | null {
    const values = this.#valuesIn(request)
    return values.length === 1 ? (values[0] ?? null) : null
  }

  isSent(request: FastifyRequest): boolean {
    return this.#valuesIn(request).length > 0
  }

  #valuesIn(request: FastifyRequest): string[] {
    return (request.headers.cookie ?? '').split(';').flatMap((pair) => {
      const [name, ...value] = pair.trim().split('=')
      return name === this.#name && value.length > 0 ? [value.join('=')] : []
    })
  }

  /** @param lifeMs until what it refers to expires: the cookie never outlives it */
  write(reply: FastifyReply, value: string, lifeMs: number): void {
    reply.header('set-cookie', `${this.#name}=${value}; Max-Age=${Math.max(1, Math.ceil(lifeMs / 1_000))}${this.#attributes}`)
  }

  clear(reply: FastifyReply): void {
    reply.header('set-cookie', `${this.#name}=; Max-Age=0${this.#attributes}`)
  }
}
