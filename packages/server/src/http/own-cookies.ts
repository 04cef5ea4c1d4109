/** The cookie that stands for a session in the lobby: `__Host-` needs Secure, which a browser keeps over plain http on loopback only in part. */
export const lobbyCookieNames = { https: '__Host-lobby', http: 'lobby' } as const
/** The same where a merchant's site frames the lobby: browsers keep it beside the other. */
export const framedLobbyCookieNames = { https: '__Host-lobby-framed', http: 'lobby-framed' } as const
/** Whether a browser keeps cookies at all. */
export const probeCookieNames = { https: '__Host-lobby-probe', http: 'lobby-probe' } as const
export const framedProbeCookieNames = { https: '__Host-lobby-framed-probe', http: 'lobby-framed-probe' } as const
/** The cookie of an operator's session in the console. Browsers send it to every port of its host. */
export const consoleCookieNames = { https: '__Host-console', http: 'console' } as const

const names: ReadonlySet<string> = new Set(
  [lobbyCookieNames, framedLobbyCookieNames, probeCookieNames, framedProbeCookieNames, consoleCookieNames]
    .flatMap((one) => Object.values(one))
    .map((name) => name.toLowerCase()),
)

/** Whether a cookie is one of this server's, which no service behind it may see or set. Names differ by case, but not everybody heeds that. */
function isOwn(name: string): boolean {
  return names.has(name.trim().toLowerCase())
}

/** A Cookie header without our own, and without nameless ones, which may pass for any. Undefined when nothing is left. */
export function withoutOwnCookies(header: string): string | undefined {
  const others = header.split(';').filter((pair) => {
    const [name = '', value] = pair.split('=', 2)
    return value !== undefined && name.trim() !== '' && !isOwn(name)
  })
  return others.length === 0 ? undefined : others.join(';').trim()
}

/** Of Set-Cookie headers those that set no cookie of ours. A browser sends a nameless one as its value, which may be `lobby=…`. */
export function settingNoneOfOurs(headers: readonly string[]): string[] {
  return headers.filter((header) => {
    const [name = '', value] = (header.split(';', 1)[0] ?? '').split('=', 2)
    return value !== undefined && name.trim() !== '' && !isOwn(name)
  })
}
