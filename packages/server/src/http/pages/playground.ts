import { readdirSync, readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { randomText } from '../../core/base/random.ts'
import { html, sendPage } from './page.ts'
import { StaticAsset, sendAsset } from './static-assets.ts'

/** Secrets that the page fills in for a newcomer: the sandbox's sample partners, which are no secrets. */
export interface PlaygroundSamples {
  readonly merchantKey: string
  readonly seller: { readonly email: string; readonly password: string }
}

export interface PlaygroundOptions {
  /** Null outside the sandbox. */
  readonly samples: PlaygroundSamples | null
  /** Whether the page may ask why a signature was refused. */
  readonly canExplain: boolean
  /** Where the built page lies, with a slash at its end; default: where `npm ci` builds packages/console. */
  readonly builtFolder?: URL
}

const defaultFolder = new URL('../../../../console/dist/', import.meta.url)

/** `/playground`: the page that makes, signs and sends requests of both APIs. Keys that are typed there never reach this server. */
export async function playgroundPages(app: FastifyInstance, options: PlaygroundOptions): Promise<void> {
  const built = readBuilt(options.builtFolder ?? defaultFolder)
  if (built === null) {
    app.get('/playground', (_request, reply) => {
      sendPage(reply, {
        status: 503,
        title: 'Playground',
        body: html`<h1>Playground</h1><p>The playground is not built: run <code>npm run build</code> in the repository, installed with its development packages, and start the server again.</p>`,
      })
    })
    return
  }
  app.get('/playground', (_request, reply) => {
    const nonce = randomText(16)
    const settings = JSON.stringify({ nonce, samples: options.samples, canExplain: options.canExplain })
    reply
      .header('content-security-policy', policy(nonce))
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(built.page.replace('content="page-settings"', () => `content="${html`${settings}`.text}"`))
  })
  app.get('/playground/assets/:name', (request, reply) => {
    const asset = built.assets.get((request.params as { name: string }).name)
    if (asset === undefined) return reply.callNotFound()
    return sendAsset(request, reply, asset)
  })
}

/** Mantine puts its variables into the page in style elements, which carry the nonce. */
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

function readBuilt(builtFolder: URL): Built | null {
  let page: string
  try {
    page = readFileSync(new URL('index.html', builtFolder), 'utf8')
  } catch {
    return null
  }
  const folder = new URL('assets/', builtFolder)
  const assets = new Map<string, StaticAsset>()
  for (const name of readdirSync(folder)) {
    assets.set(name, new StaticAsset(name, readFileSync(new URL(name, folder)), { isImmutable: true }))
  }
  return { page, assets }
}
