import fastify, { type FastifyInstance } from 'fastify'
import { StaticAsset, sendAsset } from './static-assets.ts'

/** An OpenAPI document and the page that shows it. */
export interface Reference {
  /** The page's path, from the root. */
  readonly path: string
  readonly documentPath: string
  readonly title: string
  readonly document: () => object
}

/** An API reference, rendered by Scalar. Everything comes from this server: it loads no script or font from elsewhere, and sends no request there. */
export async function referencePages(app: FastifyInstance, reference: Reference): Promise<void> {
  const { path, documentPath } = reference
  // Built on first use, to keep the server's start fast.
  let document: StaticAsset | null = null
  let scalar: Promise<StaticAsset> | null = null
  const start = new StaticAsset('start.js', startScript(reference), { isImmutable: false })

  app.get(documentPath, (request, reply) => {
    document ??= new StaticAsset('openapi.json', JSON.stringify(reference.document()), { isImmutable: false })
    return sendAsset(request, reply, document)
  })
  app.get(path, (_request, reply) => {
    reply
      .header('content-security-policy', policy)
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(page(reference))
  })
  app.get(`${path}/start.js`, (request, reply) => sendAsset(request, reply, start))
  app.get(`${path}/scalar.js`, async (request, reply) => {
    scalar ??= loadScalar()
    return sendAsset(request, reply, await scalar)
  })
}

/** Scalar writes its themes into style elements and attributes, so inline styles must be allowed; scripts and requests only from this server. */
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

const page = ({ path, documentPath, title }: Reference) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"></head>
<body><div id="reference"></div><noscript>This page needs JavaScript. The same as data: <a href="${documentPath}">${documentPath}</a></noscript>
<script src="${path}/scalar.js"></script><script src="${path}/start.js"></script></body></html>`

/** Scalar's own greys and accents have too little contrast (WCAG 2.2, 1.4.3), and its tables break words on phones. */
const style = `
.light-mode{--scalar-color-2:#56616f;--scalar-color-3:#5f6a78;--scalar-color-green:#00683f;--scalar-color-orange:#a33f00;--scalar-color-blue:#00619c;--scalar-color-red:#b3000f;--scalar-color-accent:#0b5cad;--scalar-link-color:#0b5cad}
.dark-mode{--scalar-color-3:#a0a9b4;--scalar-color-red:#ff8a80}
.markdown td,.markdown th{padding:8px 10px!important;word-break:normal!important;overflow-wrap:anywhere}`

const configuration = {
  // Signed calls need a signature that Scalar cannot make, and no token should be typed into a documentation page.
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

/** Scalar's copy buttons, which it creates on scroll, lack an accessible name (WCAG 2.2, 4.1.2): add one. */
const startScript = ({
  documentPath: url,
}: Reference) => `Scalar.createApiReference('#reference', ${JSON.stringify({ url, ...configuration })})
new MutationObserver(() => {
  for (const button of document.querySelectorAll('button[class*=copy-button]:not([aria-label])')) button.setAttribute('aria-label', 'Copy')
}).observe(document.body, { childList: true, subtree: true })
`

/** Scalar's stand-alone script is published inside its fastify plugin; it is read from there once, on first use. */
async function loadScalar(): Promise<StaticAsset> {
  const { default: plugin } = await import('@scalar/fastify-api-reference')
  const carrier = fastify()
  await carrier.register(plugin, { routePrefix: '/', configuration: { url: '/openapi.json' } })
  const { rawPayload } = await carrier.inject('/js/scalar.js')
  await carrier.close()
  return new StaticAsset('scalar.js', rawPayload, { isImmutable: false })
}
