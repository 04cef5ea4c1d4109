import { readPageMeta } from '../../shared/page-meta.ts'

/** Of this session, in this tab: another session, or tab, is asked again. */
const keyOf = (sessionId: string | null) => `lobbykey-purpose:${sessionId}`
let given: string | null = null

/** Whether the server wants people to say why they read members' data (`CONSOLE_PURPOSE`). */
export function asksPurpose(): boolean {
  return readPageMeta<{ readonly asksPurpose: boolean }>()?.asksPurpose === true
}

/** Why this session reads members' data; null until it was said. */
export function purposeOf(sessionId: string | null): string | null {
  given = sessionStorage.getItem(keyOf(sessionId))
  return given
}

export function setPurpose(sessionId: string | null, purpose: string): void {
  sessionStorage.setItem(keyOf(sessionId), purpose)
  given = purpose
}

export function currentPurpose(): string | null {
  return given
}
