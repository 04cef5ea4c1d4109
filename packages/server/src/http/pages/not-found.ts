import type { FastifyReply, FastifyRequest } from 'fastify'
import { html, sendPage, siteHeader } from './page.ts'

/** Where the readers of a listener's pages begin: a path and its name. Null where there is no such page. */
export type Home = { readonly path: string; readonly title: string } | null

/** For an address without anything. */
export function sendNotFound(reply: FastifyReply, home: Home): void {
  sendPage(reply, {
    status: 404,
    title: 'Not found',
    header: siteHeader(home?.path ?? null),
    body: html`<h1>Not found</h1><p>There is nothing at this address.</p>${wayHome(home)}`,
  })
}

export function wayHome(home: Home) {
  return home === null ? html`` : html`<p class="actions"><a class="button" href="${home.path}">${home.title}</a></p>`
}

/** Whether a person's browser shows the answer as a page. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html')
}
