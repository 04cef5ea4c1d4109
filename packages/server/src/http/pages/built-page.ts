import { readdirSync, readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { randomText } from '../../core/base/random.ts'
import { html, sendPage, siteHeader } from './page.ts'
import { StaticAsset, sendAsset } from './static-assets.ts'

/** Where `npm ci` builds packages/console, one folder per page. */
const builtFolder = new URL('../../../../console/dist/', import.meta.url)

export interface BuiltPageOptions {
  /** Its folder in packages/console/dist, and its path here. */
  readonly name: 'playground' | 'console'
  readonly title: string
  /** Embedded in the page as JSON, together with a nonce; nothing secret. */
  readonly settings: object
  /** Whether the page also serves every path below it, because it has its own router. */
  readonly hasPaths?: boolean
  /** The built page's folder, with a trailing slash. */
  readonly folder?: URL | undefined
}

/** A page built by packages/console, held in memory. When it has not been built, it says how to. */
export function servePage(app: FastifyInstance, options: BuiltPageOptions): void {
  const { name, title, settings } = options
  const built = readBuilt(options.folder ?? new URL(`${name}/`, builtFolder))
  if (built === null) {
    app.log.warn(
      { page: `/${name}` },
      `${title}: this page is not built; run \`npm run build\` in the repository, installed with its development packages`,
    )
  }
  const paths = options.hasPaths ? [`/${name}`, `/${name}/*`] : [`/${name}`]
  const send = (reply: FastifyReply) => {
    if (built === null) {
      return sendPage(reply, {
        status: 503,
        title,
        header: siteHeader(null),
        body: html`<h1>${title}</h1><p>This page is not built: run <code>npm run build</code> in the repository, installed with its development packages, and start the server again.</p>`,
      })
    }
    const nonce = randomText(16)
    reply
      .header('content-security-policy', policy(nonce))
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(built.page.replace('content="page-settings"', () => `content="${html`${JSON.stringify({ nonce, ...settings })}`.text}"`))
  }
  for (const path of paths) app.get(path, (_request, reply) => send(reply))
  app.get(`/${name}/assets/:name`, (request, reply) => {
    const asset = built?.assets.get((request.params as { name: string }).name)
    if (asset === undefined) return reply.callNotFound()
    return sendAsset(request, reply, asset)
  })
}

/** Mantine puts its variables into style elements, which carry the nonce. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

interface Built {
  readonly page: string
  readonly assets: ReadonlyMap<string, StaticAsset>
}

function readBuilt(folder: URL): Built | null {
  let page: string
  try {
    page = readFileSync(new URL('index.html', folder), 'utf8')
  } catch {
    return null
  }
  const assetFolder = new URL('assets/', folder)
  const assets = new Map<string, StaticAsset>()
  for (const name of readdirSync(assetFolder)) {
    assets.set(name, new StaticAsset(name, readFileSync(new URL(name, assetFolder)), { isImmutable: true }))
  }
  return { page, assets }
}
