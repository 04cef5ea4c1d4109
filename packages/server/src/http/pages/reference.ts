import { designColors, designSizes, logoUrl } from '@lobbykey/contract/design'
import fastify, { type FastifyInstance } from 'fastify'
import { StaticAsset, sendAsset } from './static-assets.ts'

/** An OpenAPI document and the page that shows it. */
export interface Reference {
  /** The page's path, from the root. */
  readonly path: string
  readonly documentPath: string
  readonly title: string
  readonly document: () => object
  /** Our pages around it, as a way back. */
  readonly links: readonly (readonly [title: string, path: string])[]
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

const page = ({ path, documentPath, title, links }: Reference) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><link rel="icon" href="${logoUrl}"></head>
<body><header class="way-back"><a href="${links[0]?.[1] ?? path}"><img src="${logoUrl}" width="24" height="24" alt="">${title}</a>
<nav aria-label="Other pages">${links.map(([name, target]) => `<a href="${target}">${name}</a>`).join('')}</nav></header>
<div id="reference"></div><noscript>This page needs JavaScript. The same as data: <a href="${documentPath}">${documentPath}</a></noscript>
<script src="${path}/scalar.js"></script><script src="${path}/start.js"></script></body></html>`

/** Our colours under Scalar's names. Its own greys and accents have too little contrast (WCAG 2.2, 1.4.3). */
function scheme(index: 0 | 1): string {
  const { ink, soft, paper, ground, line, accent, glow, good, bad, warn } = designColors
  const colors = {
    'color-1': ink,
    'color-2': soft,
    'color-3': soft,
    'color-accent': accent,
    'link-color': accent,
    'background-1': paper,
    'background-2': ground,
    'background-3': line,
    'background-accent': glow,
    'border-color': line,
    'color-green': good,
    'color-red': bad,
    'color-orange': warn,
    'color-yellow': warn,
    'color-blue': accent,
    'sidebar-background-1': ground,
    'sidebar-color-1': ink,
    'sidebar-color-2': soft,
    'sidebar-color-active': accent,
    'sidebar-item-active-background': glow,
    'sidebar-border-color': line,
  }
  return Object.entries(colors)
    .map(([name, pair]) => `--scalar-${name}:${pair[index]}`)
    .join(';')
}

/** Its tables break words on phones. */
const style = `
.light-mode{${scheme(0)}}.dark-mode{${scheme(1)}}
:root{--scalar-custom-header-height:3.25rem;--scalar-font:${designSizes.sans};--scalar-font-code:${designSizes.mono};--scalar-radius:${designSizes.radius}}
.way-back{position:sticky;top:0;z-index:20;box-sizing:border-box;height:3.25rem;display:flex;gap:.5rem 1.5rem;align-items:center;justify-content:space-between;padding:0 1.25rem;font:16px/1.5 ${designSizes.sans};color:var(--scalar-color-1);background:var(--scalar-background-1);border-bottom:1px solid var(--scalar-border-color)}
.way-back a{display:inline-flex;gap:.5rem;align-items:center;color:var(--scalar-color-accent)}.way-back>a{color:inherit;font-weight:700;text-decoration:none;white-space:nowrap;overflow:hidden}.way-back nav{display:flex;gap:1rem;white-space:nowrap}
@media(max-width:30rem){.way-back{padding:0 .75rem;gap:.75rem;font-size:.875rem}.way-back nav{gap:.75rem;font-size:.875rem}}
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
