import type { Explain, Explanation } from '../shared/explanation-text.tsx'

/** Asks this page's server why it refused a signature. A failure is also returned in words. */
export const askServer: Explain = async ({ call, body, text }) => {
  try {
    const response = await fetch('/api/sandbox/explain', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ call, body, text }),
      credentials: 'omit',
      cache: 'no-store',
    })
    if (response.ok) return (await response.json()) as Explanation
    if (response.status === 429)
      return unexplained('The server explains twenty requests a minute, and one at a time.', 'Ask again in a moment.')
    const { message } = (await response.json()) as { readonly message: string }
    return unexplained('The server cannot explain this.', `It says: ${message}.`)
  } catch {
    return unexplained('No explanation could be had.', 'Try again in a moment.')
  }
}

function unexplained(sentence: string, cure: string): Explanation {
  return { kind: 'unexplained', sentence, cure, also: [], ruledOut: [] }
}
