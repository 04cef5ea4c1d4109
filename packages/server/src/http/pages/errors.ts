import { type CatalogueEntry, catalogue, forOperators } from '@lobbykey/contract'
import type { FastifyInstance } from 'fastify'
import { html, makePageStyles, sendPage, siteHeader } from './page.ts'

const styles = makePageStyles({ style: 'h2{scroll-margin-top:1rem}h2:target{color:var(--accent)}h2 code{font-size:1rem}' })

/** Explains every problem that this listener's API can return and what to do. A problem's type links to its entry. */
export async function errorsPage(app: FastifyInstance, { path }: { readonly path: string }): Promise<void> {
  app.get(path, (_request, reply) => {
    sendPage(reply, { title: 'Problems', header: siteHeader('/console'), body, styles })
  })
}

const body = html`<h1>Problems</h1><p>An answer that is a problem names its key; here is what each means and what to do.</p>
${Object.entries(catalogue).map(([key, entry]) => section(key, forOperators(entry)))}`

function section(key: string, { http, cause, cure }: CatalogueEntry) {
  return html`<h2 id="${key}"><code>${key}</code> <span class="soft">${http}</span></h2><p>${cause}</p><p>${cure}</p>`
}
