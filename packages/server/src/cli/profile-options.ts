import { callbackRules, signingAlgorithmIds } from '@lobbykey/contract'
import { Option } from 'commander'

/** @param note the default */
export function algorithmOption(note?: string): Option {
  return new Option('--sign <algorithm>', withNote('signature algorithm', note)).choices(signingAlgorithmIds)
}

/** @param note the default */
export function callbackOption(note?: string): Option {
  return new Option('--callback <rule>', withNote('whether callback is inside the signature', note)).choices(callbackRules)
}

function withNote(text: string, note: string | undefined): string {
  return note === undefined ? text : `${text} ${note}`
}
