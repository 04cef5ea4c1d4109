/**
 * For scripts of pages that one-time links open: `takeFragment()` returns the URL's fragment and removes it from the address bar and the history.
 * Pasting a link while the page is open changes only the fragment and loads nothing, so the page is reloaded then. An invalid encoding is returned
 * unchanged, and later refused as an unknown link.
 */
export const oneTimeFragment = `
const takeFragment = () => {
  const text = location.hash.slice(1)
  history.replaceState(null, '', location.pathname + location.search)
  addEventListener('hashchange', () => { if (location.hash !== '') location.reload() })
  try { return decodeURIComponent(text) } catch { return text }
}
`
