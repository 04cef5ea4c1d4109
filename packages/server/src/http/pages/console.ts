import type { FastifyInstance } from 'fastify'
import { servePage } from './built-page.ts'

export interface ConsolePageOptions {
  readonly version: string
  /** The partners' address. */
  readonly publicUrl: string
  /** Where the built page lies, with a slash at its end; default: where `npm ci` builds it. */
  readonly builtFolder?: URL
}

/** `/console` and every path below it: the operators' pages, which ask the admin API for what they show. The listener's bare address leads there. */
export async function consolePage(app: FastifyInstance, { version, publicUrl, builtFolder }: ConsolePageOptions): Promise<void> {
  app.get('/', (_request, reply) => reply.redirect('/console', 302))
  servePage(app, { name: 'console', title: 'Console', settings: { version, publicUrl }, hasPaths: true, folder: builtFolder })
}
