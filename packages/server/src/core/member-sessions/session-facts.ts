import { mayBet } from '@lobbykey/contract'
import type { MemberSession } from '../../store/store.ts'
import type { CatalogueDirectory, ChosenLimits, GameTarget } from '../catalogue/catalogue-directory.ts'

/** A live session with everything derived from it now, for game servers and the lobby. */
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
 * Identifies a session permanently and grants no access; services match feed events by it. It is a keyed hash, so it reveals nothing about
 * the token.
 */
export function sessionIdOf({ tokenHash, createdAt }: Pick<MemberSession, 'tokenHash' | 'createdAt'>): string {
  return `${Buffer.from(tokenHash).toString('base64url')}.${createdAt.toString(36)}`
}
