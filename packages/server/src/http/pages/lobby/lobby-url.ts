import type { Translation } from './texts/translation.ts'

/**
 * URL of the lobby of this browser's session, of the page without a session, or of a page that forgot its session. It opens nothing: it names the merchant
 * whose brand the page shows and whose sites may frame it when no session is left to tell; `callback`: the way back, if known.
 */
export function lobbyUrl(
  path: 'lobby' | 'lobby/over' | 'lobby/left',
  { locale }: Translation,
  agentId?: string,
  callback: string | null = null,
): string {
  const named = { ...(agentId === undefined ? {} : { agent_id: agentId }), ...(callback === null ? {} : { callback }) }
  return `${path}?${new URLSearchParams({ language: locale, ...named })}`
}
