import { buildOpenApi, type OpenApiOptions } from '@lobbykey/contract'
import fastify, { type FastifyInstance } from 'fastify'
import { StaticAsset, sendAsset } from './static-assets.ts'

/** `/openapi.json`, and `/docs`, where Scalar renders it. Everything comes from this server: no script, font or request goes elsewhere. */
export async function referencePages(app: FastifyInstance, options: OpenApiOptions): Promise<void> {
  // Made when first wanted: a start of the server should not wait for them.
  let openApi: StaticAsset | null = null
  let scalar: Promise<StaticAsset> | null = null
  const start = new StaticAsset('start.js', startScript, { isImmutable: false })

  app.get('/openapi.json', (request, reply) => {
    openApi ??= openApiAsset(options)
    return sendAsset(request, reply, openApi)
  })
  app.get('/docs', (_request, reply) => {
    reply
      .header('content-security-policy', policy)
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(page)
  })
  app.get('/docs/start.js', (request, reply) => sendAsset(request, reply, start))
  app.get('/docs/scalar.js', async (request, reply) => {
    scalar ??= loadScalar()
    return sendAsset(request, reply, await scalar)
  })
}

function openApiAsset(options: OpenApiOptions): StaticAsset {
  const document = buildOpenApi(options)
  return new StaticAsset('openapi.json', JSON.stringify(document), { isImmutable: false })
}

/** Scalar writes its themes into style elements and attributes, so inline styles must pass; scripts and requests are this server's only. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Lobbykey reference</title><link rel="icon" href="data:,"></head>
<body><div id="reference"></div><noscript>This page needs JavaScript. The same as data: <a href="/openapi.json">/openapi.json</a></noscript>
<script src="/docs/scalar.js"></script><script src="/docs/start.js"></script></body></html>`

/** Scalar's own greys and accents are too pale to read (WCAG 2.2, 1.4.3), and its tables break words on a phone. */
const style = `
.light-mode{--scalar-color-2:#56616f;--scalar-color-3:#5f6a78;--scalar-color-green:#00683f;--scalar-color-orange:#a33f00;--scalar-color-blue:#00619c;--scalar-color-red:#b3000f;--scalar-color-accent:#0b5cad;--scalar-link-color:#0b5cad}
.dark-mode{--scalar-color-3:#a0a9b4;--scalar-color-red:#ff8a80}
.markdown td,.markdown th{padding:8px 10px!important;word-break:normal!important;overflow-wrap:anywhere}`

const configuration = {
  url: '/openapi.json',
  // Signed calls need a signature that Scalar cannot make: the playground can.
  hideTestRequestButton: true,
  hiddenClients: true,
  hideClientButton: true,
  withDefaultFonts: false,
  customCss: style,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  orderSchemaPropertiesBy: 'preserve',
  orderRequiredPropertiesFirst: false,
}

/** Scalar's copy buttons, drawn as one scrolls, have no name for who cannot see them (WCAG 2.2, 4.1.2): they are given one. */
const startScript = `Scalar.createApiReference('#reference', ${JSON.stringify(configuration)})
new MutationObserver(() => {
  for (const button of document.querySelectorAll('button[class*=copy-button]:not([aria-label])')) button.setAttribute('aria-label', 'Copy')
}).observe(document.body, { childList: true, subtree: true })
`

/** Scalar's stand-alone script is published inside its plugin for fastify, from which it is taken once, when it is first wanted. */
async function loadScalar(): Promise<StaticAsset> {
  const { default: plugin } = await import('@scalar/fastify-api-reference')
  const carrier = fastify()
  await carrier.register(plugin, { routePrefix: '/', configuration: { url: '/openapi.json' } })
  const { rawPayload } = await carrier.inject('/js/scalar.js')
  await carrier.close()
  return new StaticAsset('scalar.js', rawPayload, { isImmutable: false })
}
