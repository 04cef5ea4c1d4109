import { parseLabel } from '@lobbykey/contract/admin'
import type { Label } from '../store/store.ts'

/** The label that a list is filtered by, already validated. */
export function labelOf(text: string | undefined): Label | undefined {
  return text === undefined ? undefined : (parseLabel(text) ?? undefined)
}
