import { mayBet } from '@lobbykey/contract'
import type { MemberSession } from '../../store/store.ts'
import type { CatalogueDirectory, ChosenLimits, GameTarget } from '../catalogue/catalogue-directory.ts'

/** A live session with all that follows from it at this moment: what a game server is told, and what the lobby shows. */
export interface SessionFacts {
  readonly session: MemberSession
  /** Display name; a guest has its user ID. */
  readonly userName: string
  /** The member may play but not bet. */
  readonly isBetLocked: boolean
  readonly target: GameTarget
  readonly limits: readonly ChosenLimits[]
}

export function sessionFacts(
  session: MemberSession,
  member: { readonly userName: string; readonly status: string } | null,
  catalogue: CatalogueDirectory,
): SessionFacts {
  return {
    session,
    userName: member?.userName ?? session.userId,
    isBetLocked: member !== null && !mayBet(member.status),
    target: catalogue.resolveGame(session.gameCode),
    limits: catalogue.resolveLimits(session.opaque.limits ?? {}),
  }
}

/**
 * Names a session for good and opens nothing: services match what the feed tells with what they were told before. It is made of a keyed
 * hash, so it says nothing of the token.
 */
export function sessionIdOf({ tokenHash, createdAt }: Pick<MemberSession, 'tokenHash' | 'createdAt'>): string {
  return `${Buffer.from(tokenHash).toString('base64url')}.${createdAt.toString(36)}`
}
