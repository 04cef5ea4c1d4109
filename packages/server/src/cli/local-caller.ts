import { hostname, userInfo } from 'node:os'
import { type Caller, rightsOf } from '../operations/caller.ts'

/** Whoever has the store and the master key may do everything (SECURITY.md). */
export function localCaller(): Caller {
  return {
    origin: { surface: 'cli', actor: `cli:${userName()}@${hostname()}` },
    rights: rightsOf('owner'),
    agentIds: null,
    isConfirmed: true,
    operatorId: null,
    sessionId: null,
    signInMethod: null,
    confirmedUntil: null,
  }
}

/** Of the machine's user, who in a container may have no name. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
