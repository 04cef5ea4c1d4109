import type { FastifyInstance } from 'fastify'
import { sendBareAnswer } from './connections/bare-answer.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is passed on as it comes, and may take as long as something comes. */
    isStreaming?: boolean
  }
}

/**
 * Where some requests may take their time, Node's own limit for a whole request (`requestTimeout`) is off, and this holds the others to
 * it (check 43): a body that is not there in time ends its connection, as Node would.
 */
export function limitBodies(app: FastifyInstance, options: { readonly wholeMsMax: number; readonly idleMsMax: number }): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    const hasBody = encoding !== undefined || (length !== undefined && length !== '0')
    const cut = () => {
      if (raw.complete) return
      // An answer that has begun cannot be followed by another.
      if (reply.raw.headersSent) raw.socket.destroy()
      else sendBareAnswer(raw.socket, 408, app.securityHeaders)
    }
    if (hasBody && request.routeOptions.config.isStreaming === true) {
      raw.setTimeout(options.idleMsMax, cut)
    } else if (hasBody) {
      const timer = setTimeout(cut, options.wholeMsMax).unref()
      for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer))
    }
    done()
  })
}
