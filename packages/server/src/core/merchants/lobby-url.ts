import type { Platform } from '@lobbykey/contract'
import type { MerchantSettings } from '../../store/store.ts'

/** Query names that a login appends, in the contract's order. A configured lobby URL must not contain them. */
export const lobbyUrlNames = ['agent_id', 'uid', 'token', 'language', 'platform', 'currency', 'game_code', 'callback'] as const

export type LobbyUrlValues = Readonly<Record<(typeof lobbyUrlNames)[number], string | null>>

/**
 * `data.url` (member-login.md): the lobby's URL with the values as query parameters, encoded as by encodeURIComponent, without absent
 * ones, before any fragment.
 */
export function buildLobbyUrl(base: string, values: LobbyUrlValues): string {
  const hashAt = base.indexOf('#')
  let url = hashAt === -1 ? base : base.slice(0, hashAt)
  let separator = url.includes('?') ? (/[?&]$/.test(url) ? '' : '&') : '?'
  for (const name of lobbyUrlNames) {
    const value = values[name]
    if (value === null) continue
    url += `${separator}${name}=${encodeURIComponent(value)}`
    separator = '&'
  }
  return hashAt === -1 ? url : url + base.slice(hashAt)
}

/** Where a merchant sends its members of a platform; null: to the server's own lobby page. */
export function lobbyOf({ lobbyUrls, lobbyUrl }: MerchantSettings, platform: Platform): string | null {
  return lobbyUrls[platform] ?? lobbyUrl
}
