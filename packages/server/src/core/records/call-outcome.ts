import { catalogue, type ErrorKey } from '@lobbykey/contract'

/** `limited`: the caller asks too often. `failed`: we could not, whatever it asked. `refused`: everything else that was not accepted. */
export type CallOutcome = 'accepted' | 'refused' | 'limited' | 'failed'

export function outcomeOfRefusal(key: ErrorKey): CallOutcome {
  const { http } = catalogue[key]
  return http >= 500 ? 'failed' : http === 429 ? 'limited' : 'refused'
}
