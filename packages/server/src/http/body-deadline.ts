import type { FastifyInstance } from 'fastify'
import { sendBareAnswer } from './connections/bare-answer.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is passed on as it arrives, and may take any time while data keeps coming. */
    isStreaming?: boolean
  }
}

/**
 * Replaces Node's limit for a whole request (`requestTimeout`) where some requests may take longer: all others keep that limit (check 43). As in
 * Node, a late body ends its connection.
 */
export function limitBodies(app: FastifyInstance, options: { readonly wholeMsMax: number; readonly idleMsMax: number }): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    const hasBody = encoding !== undefined || (length !== undefined && length !== '0')
    const cut = () => {
      if (raw.complete) return
      // An answer has begun, so no other can be sent.
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
