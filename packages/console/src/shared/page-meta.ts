/** The server's settings for the page, and the nonce for style elements that the page creates. Null under `vite dev`, which fills in none. */
export function readPageMeta<Settings>(): (Settings & { readonly nonce: string }) | null {
  const content = document.querySelector<HTMLMetaElement>('meta[name=lobbykey]')?.content ?? ''
  return content.startsWith('{') ? (JSON.parse(content) as Settings & { readonly nonce: string }) : null
}
