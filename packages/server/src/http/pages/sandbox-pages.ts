import { readFileSync } from 'node:fs'
import { scrollEdges } from '@lobbykey/contract/design'
import type { FastifyInstance } from 'fastify'
import { type Html, html, makePageStyles, sendPage, siteHeader } from './page.ts'

/** The content of the start page, shared with the terminal banner. */
export interface SandboxGuide {
  /** Next steps for a newcomer, the most likely first. */
  readonly pages: readonly (readonly [title: string, url: string])[]
  readonly origin: string
  /** The operators' console; null where it is off, or not for whoever reaches these pages. */
  readonly consoleUrl: () => string | null
  readonly addresses: readonly (readonly [name: string, path: string])[]
  readonly samples: readonly (readonly [name: string, value: string])[]
  /** Made anew for each view, so that a pasted command is within its ten minutes. */
  readonly commands: () => readonly { readonly title: string; readonly command: string }[]
  readonly refreshCommand: string
  readonly fixturesTitle: string
  readonly fixturesHint: string
  /** Partners named after what happens to them: a login with whom is answered how. */
  readonly fixtures: readonly (readonly [who: string, what: string])[]
  readonly faultsHint: string
}

/** The sandbox's own pages: `/` shows a newcomer what to try, and the sample merchant's members return to `/merchant-home`. */
export async function sandboxPages(app: FastifyInstance, options: { guide: SandboxGuide }): Promise<void> {
  const { guide } = options
  app.get('/', (_request, reply) => {
    const { origin } = guide
    const consoleUrl = guide.consoleUrl()
    const pages = guide.pages.map(([title, url]) => html`<a class="button" href="${url}">${title}</a>`)
    const addresses = guide.addresses.map(([name, path]) => row(name, html`<a href="${path}">${path}</a>`, origin + path))
    const samples = guide.samples.map(([name, value]) => row(name, html`<code>${value}</code>`, value))
    const fixtures = guide.fixtures.map(([who, what]) => html`<tr><td>${who}</td><td>${what}</td></tr>`)
    const commands = guide.commands().map(({ title, command }, index) => {
      const id = `command-${index}`
      return html`<div class="head"><h2>${title}</h2>${copyButton(`${title}, the command`, html`data-copy-of="${id}"`)}</div>
<pre tabindex="0" id="${id}">${command}</pre>`
    })
    sendPage(reply, {
      title: 'Lobbykey sandbox',
      header: siteHeader('/'),
      styles,
      body: html`<h1>Lobbykey sandbox</h1>
<p>A login gateway for sellers and members, with sample partners. Nothing here is secret; do not put real data in.</p>
<p class="actions">${pages}</p>
${consoleUrl === null ? '' : html`<p>Partners are set up, and their failing logins explained, in the <a href="${consoleUrl}">console</a>. The first time it opens with the link that the terminal shows.</p>`}
<div class="facts"><section><h2>Addresses</h2><p class="soft">Below ${origin}</p><table>${addresses}</table></section>
<section><h2>Sample partners</h2><p class="soft">Allowed to call from this machine</p><table>${samples}</table></section></div>
${commands}
<p class="soft">The signed command works within ten minutes. Reload this page, or run <code>${guide.refreshCommand}</code>, for a fresh one.</p>
<details id="fixtures" open><summary><h2>${guide.fixturesTitle}</h2></summary>
<p class="soft">${guide.fixturesHint}</p>
<table class="sentences"><thead><tr><th>A login with</th><th>is answered</th></tr></thead><tbody>${fixtures}</tbody></table>
<p class="soft">${guide.faultsHint}</p></details>`,
    })
  })
  app.get('/merchant-home', (_request, reply) => {
    sendPage(reply, {
      title: 'Merchant home',
      header: siteHeader('/'),
      body: html`<h1>Merchant home</h1><p>This page stands for the sample merchant's own site: members come back here from the lobby.</p>
<p><a href="/">About this sandbox</a></p>`,
    })
  })
}

function row(name: string, shown: Html, copied: string): Html {
  return html`<tr><th scope="row">${name}</th><td>${shown}</td><td>${copyButton(name, html`data-copy="${copied}"`)}</td></tr>`
}

/** @param what for those who do not see what it stands beside */
function copyButton(what: string, source: Html): Html {
  return html`<button type="button" class="copy" hidden data-copied="Copied" aria-label="Copy: ${what}" ${source}>Copy</button>`
}

const styles = makePageStyles({
  script: `(() => {${readFileSync(new URL('copy-script.js', import.meta.url), 'utf8')}
// On a phone the long table waits to be asked for.
document.getElementById('fixtures').open = matchMedia('(min-width:30rem)').matches})()`,
  style: `
.facts{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}.facts h2{margin-top:1rem}.facts p{font-size:.85rem;margin:0}
table{width:100%;border-collapse:collapse;font-size:.9rem}td,th{padding:.3rem 0;border-bottom:1px solid var(--line);text-align:left;font-weight:400;vertical-align:top;overflow-wrap:anywhere}
th[scope]{color:var(--soft);padding-right:.75rem;white-space:nowrap}td:last-child{text-align:right;width:1%}
.sentences td,.sentences th{padding-right:1rem}.sentences td:last-child,.sentences th:last-child{text-align:left;width:auto;padding-right:0}
.sentences th{color:var(--soft);font-size:.8rem;font-weight:600}.sentences td:first-child{width:38%;font-weight:600}
.head{display:flex;align-items:baseline;justify-content:space-between;gap:1rem}.head h2{margin-top:1.5rem}
.copy{padding:0 .35rem;border:0;background:none;color:var(--accent);font:inherit;font-size:.85rem;cursor:pointer;white-space:nowrap}
pre{white-space:pre;overflow-x:auto;overflow-wrap:normal;margin:.25rem 0;background:${scrollEdges};scrollbar-width:thin;scrollbar-color:var(--soft) transparent}
summary{margin-top:1.5rem;cursor:pointer}summary h2{display:inline;margin:0}
@media(max-width:30rem){.facts{grid-template-columns:1fr}h2{margin-top:1.25rem}.actions .button{padding:.4rem .65rem}td,th{padding:.2rem 0}main{padding:1rem 1.25rem}}`,
})
