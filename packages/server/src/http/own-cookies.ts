/** The lobby session's cookie. Over http no `__Host-`, which needs Secure: browsers accept that only partly on http loopback. */
export const lobbyCookieNames = { https: '__Host-lobby', http: 'lobby' } as const
/** The same when a merchant's site frames the lobby; browsers keep both side by side. */
export const framedLobbyCookieNames = { https: '__Host-lobby-framed', http: 'lobby-framed' } as const
/** Tests whether a browser keeps cookies at all. */
export const probeCookieNames = { https: '__Host-lobby-probe', http: 'lobby-probe' } as const
export const framedProbeCookieNames = { https: '__Host-lobby-framed-probe', http: 'lobby-framed-probe' } as const
/** The cookie of an operator's console session. Browsers send it to every port of its host. */
export const consoleCookieNames = { https: '__Host-console', http: 'console' } as const
/** What a browser keeps while its operator is at the provider of single sign-on. Lax, since the way back is another site's. */
export const ssoCookieNames = { https: '__Host-console-sso', http: 'console-sso' } as const

const names: ReadonlySet<string> = new Set(
  [lobbyCookieNames, framedLobbyCookieNames, probeCookieNames, framedProbeCookieNames, consoleCookieNames, ssoCookieNames]
    .flatMap((one) => Object.values(one))
    .map((name) => name.toLowerCase()),
)

/** Whether a cookie is one of ours, which no service behind may see or set. Names are case-sensitive, but not every server follows that. */
function isOwn(name: string): boolean {
  return names.has(name.trim().toLowerCase())
}

/** A Cookie header without our own cookies, and without nameless ones, which could be taken for any. Undefined when nothing is left. */
export function withoutOwnCookies(header: string): string | undefined {
  const others = header.split(';').filter((pair) => {
    const [name = '', value] = pair.split('=', 2)
    return value !== undefined && name.trim() !== '' && !isOwn(name)
  })
  return others.length === 0 ? undefined : others.join(';').trim()
}

/** The Set-Cookie headers that set no cookie of ours. A browser sends a nameless one as its value, which may be `lobby=…`. */
export function withoutOwnSetCookies(headers: readonly string[]): string[] {
  return headers.filter((header) => {
    const [name = '', value] = (header.split(';', 1)[0] ?? '').split('=', 2)
    return value !== undefined && name.trim() !== '' && !isOwn(name)
  })
}
