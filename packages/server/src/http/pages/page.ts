import { hash } from 'node:crypto'
import { designStyleByMedia, logoUrl } from '@lobbykey/contract/design'
import type { FastifyReply } from 'fastify'
import { framedBy, pagePolicy } from '../response-headers.ts'

const style = `
${designStyleByMedia()}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 var(--sans)}
main{max-width:46rem;margin:2rem auto;padding:1.5rem;background:var(--paper);border:1px solid var(--line);border-radius:var(--radius-large)}
@media(max-width:48rem){main{margin:0;border:0;border-radius:0;min-height:100vh}}
h1{margin:0 0 .5rem;font-size:1.5rem}h2{margin:2rem 0 .5rem;font-size:1.1rem}p{margin:.5rem 0;text-wrap:pretty}:lang(ko){word-break:keep-all;overflow-wrap:anywhere}:lang(ja){word-break:auto-phrase}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;margin:1rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}}
pre{padding:.75rem;background:var(--ground);border:1px solid var(--line);border-radius:var(--radius);white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}
[hidden]{display:none!important}a{color:var(--accent)}.button{display:inline-block;padding:.5rem 1rem;border:1px solid var(--accent);border-radius:var(--radius);text-decoration:none}
.soft{color:var(--soft)}label{display:block}.choice{display:inline}.actions{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0}.actions .button:first-child{background:var(--accent);color:var(--paper);font-weight:600}
button.button{background:none;color:var(--accent);font:inherit;cursor:pointer}
.button.primary{background:var(--button,var(--accent));border-color:var(--button,var(--accent));color:var(--button-ink,var(--paper));font-weight:600;padding:.7rem 1.75rem}
header.site{max-width:46rem;margin:0 auto;padding:1.25rem 1.5rem 0;display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center}header.site+main{margin-top:1rem}
@media(max-width:48rem){header.site{padding:.75rem 1.5rem;background:var(--paper);border-bottom:1px solid var(--line)}header.site+main{margin-top:0;min-height:0;background:none}}
.home{display:inline-flex;gap:.5rem;align-items:center;color:var(--ink);font-weight:700;text-decoration:none}.home img{display:block}
code,pre{font-family:var(--mono)}.error{color:var(--bad);font-weight:600}[aria-invalid=true]{border-color:var(--bad)!important}
input:not([type=checkbox]){width:100%;padding:.5rem;border:1px solid var(--soft);border-radius:var(--radius);background:var(--paper);color:var(--ink);font:inherit}`

/** A page's styles and script. */
export interface PageStyles {
  readonly style: string
  readonly script: string | null
  readonly policy: string
}

/** Adds a style sheet after the common one, and a script; both are inlined and listed by hash in the page's policy. `canPost`: it has a form. */
export function makePageStyles(more: { style?: string; script?: string; canPost?: boolean; hasImages?: boolean } = {}): PageStyles {
  const whole = style + (more.style ?? '')
  const script = more.script === undefined ? undefined : sourceOf(more.script)
  return {
    style: whole,
    script: more.script ?? null,
    policy: pagePolicy({ style: sourceOf(whole), script, canPost: more.canPost ?? false, hasImages: more.hasImages ?? false }),
  }
}

const plain = makePageStyles()

/** HTML known to be safe, made by `html` only. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Html | readonly Html[]

/** Template tag that escapes every value, unless it is Html itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? ''
  parts.forEach((part, index) => {
    text += render(part) + (strings[index + 1] ?? '')
  })
  return new Html(text)
}

function render(part: Part): string {
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map((item) => item.text).join('\n')
  return String(part).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

/** The logo above a page, as a link to where its reader begins. @param home null where that is unknown */
export function siteHeader(home: string | null): Html {
  const name = html`<img src="${logoUrl}" width="24" height="24" alt="">Lobbykey`
  return html`<header class="site">${home === null ? html`<span class="home">${name}</span>` : html`<a class="home" href="${home}">${name}</a>`}</header>`
}

/** Sends a whole page, never cached. By default it has one style sheet, no script, and is in English. */
export function sendPage(
  reply: FastifyReply,
  page: {
    status?: number
    title: string
    body: Html
    language?: string
    direction?: 'ltr' | 'rtl'
    styles?: PageStyles
    frameAncestors?: readonly string[]
    /** Above all else. */
    header?: Html
    /** Its address; the logo by default. */
    icon?: string | undefined
  },
): void {
  const { styles = plain, frameAncestors = [], header, icon = logoUrl } = page
  const document = `<!doctype html>
<html lang="${html`${page.language ?? 'en'}`.text}"${page.direction === 'rtl' ? ' dir="rtl"' : ''}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${html`${page.title}`.text}</title><link rel="icon" href="${icon}"><style>${styles.style}</style></head>
<body>${header?.text ?? ''}<main>${page.body.text}</main>${styles.script === null ? '' : `<script>${styles.script}</script>`}</body></html>`
  reply
    .code(page.status ?? 200)
    .header('content-security-policy', framedBy(styles.policy, frameAncestors))
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(document)
}

/** An inline text as a content security policy refers to it. */
function sourceOf(text: string): string {
  return `'sha256-${hash('sha256', text, 'base64')}'`
}
