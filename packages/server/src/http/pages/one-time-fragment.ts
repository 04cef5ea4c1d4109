/**
 * For scripts of pages that a one-time link opens: `takeFragment()` gives what stands after # and takes it out of the address bar and the history. A link
 * that is pasted while the page is open changes the fragment alone, and nothing loads: the page is loaded again with it. What is no URL encoding is
 * given as it stands, to be refused as an unknown link.
 */
export const oneTimeFragment = `
const takeFragment = () => {
  const text = location.hash.slice(1)
  history.replaceState(null, '', location.pathname + location.search)
  addEventListener('hashchange', () => { if (location.hash !== '') location.reload() })
  try { return decodeURIComponent(text) } catch { return text }
}
`
