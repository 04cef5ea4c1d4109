import { catalogue, type ErrorKey } from '@lobbykey/contract'

/** `limited`: too many requests. `failed`: our fault, whatever the caller sent. `refused`: anything else that was not accepted. */
export type CallOutcome = 'accepted' | 'refused' | 'limited' | 'failed'

export function outcomeOfRefusal(key: ErrorKey): CallOutcome {
  const { http } = catalogue[key]
  return http >= 500 ? 'failed' : http === 429 ? 'limited' : 'refused'
}
