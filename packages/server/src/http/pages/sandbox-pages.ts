import type { FastifyInstance } from 'fastify'
import { html, sendPage } from './page.ts'

/** The content of the start page, shared with the terminal banner. */
export interface SandboxGuide {
  /** Next steps for a newcomer, the most likely first. */
  readonly pages: readonly (readonly [title: string, url: string])[]
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** Made anew for each view, so that a pasted command is within its ten minutes. */
  readonly commands: () => readonly { readonly title: string; readonly command: string }[]
  readonly refreshCommand: string
  readonly fixturesTitle: string
  /** Partners named after what happens to them, with an explanation. */
  readonly fixtures: readonly (readonly [who: string, what: string])[]
}

/** The sandbox's own pages: `/` shows a newcomer what to try, and the sample merchant's members return to `/merchant-home`. */
export async function sandboxPages(app: FastifyInstance, options: { guide: SandboxGuide }): Promise<void> {
  const { guide } = options
  app.get('/', (_request, reply) => {
    const pages = guide.pages.map(([title, url]) => html`<a class="button" href="${url}">${title}</a>`)
    const facts = guide.facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)
    const fixtures = guide.fixtures.map(([who, what]) => html`<dt>${who}</dt><dd>${what}</dd>`)
    const commands = guide.commands().map(({ title, command }) => html`<h2>${title}</h2><pre tabindex="0">${command}</pre>`)
    sendPage(reply, {
      title: 'Lobbykey sandbox',
      body: html`<h1>Lobbykey sandbox</h1>
<p>A login gateway for sellers and members, with sample partners. Nothing here is secret; do not put real data in.</p>
<p class="actions">${pages}</p>
<dl>${facts}</dl>${commands}
<p class="soft">The signed command works within ten minutes. Reload this page, or run <code>${guide.refreshCommand}</code>, for a fresh one.</p>
<h2>${guide.fixturesTitle}</h2>
<dl>${fixtures}</dl>`,
    })
  })
  app.get('/merchant-home', (_request, reply) => {
    sendPage(reply, {
      title: 'Merchant home',
      body: html`<h1>Merchant home</h1><p>This page stands for the sample merchant's own site: members come back here from the lobby.</p>
<p><a href="/">About this sandbox</a></p>`,
    })
  })
}
