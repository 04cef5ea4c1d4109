/** What the server put into the page, and the nonce for the style elements that the page makes. Null under `vite dev`, where nobody has filled it in. */
export function readPageMeta<Settings>(): (Settings & { readonly nonce: string }) | null {
  const content = document.querySelector<HTMLMetaElement>('meta[name=lobbykey]')?.content ?? ''
  return content.startsWith('{') ? (JSON.parse(content) as Settings & { readonly nonce: string }) : null
}
