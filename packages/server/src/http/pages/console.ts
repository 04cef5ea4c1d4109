import type { FastifyInstance } from 'fastify'
import { servePage } from './built-page.ts'

export interface ConsolePageOptions {
  readonly version: string
  /** The partners' address. */
  readonly publicUrl: string
  /** Whether the partners' address has a playground. */
  readonly hasPlayground: boolean
  /** Whether people say why they read members' data. */
  readonly asksPurpose: boolean
  /** The built page's folder, with a trailing slash; default: where `npm ci` builds it. */
  readonly builtFolder?: URL
}

/** `/console` and every path below it: the operators' pages, which read from the admin API. `/` redirects there. */
export async function consolePage(
  app: FastifyInstance,
  { version, publicUrl, hasPlayground, asksPurpose, builtFolder }: ConsolePageOptions,
): Promise<void> {
  app.get('/', (_request, reply) => reply.redirect('/console', 302))
  servePage(app, {
    name: 'console',
    title: 'Console',
    settings: { version, publicUrl, hasPlayground, asksPurpose },
    hasPaths: true,
    folder: builtFolder,
  })
}
