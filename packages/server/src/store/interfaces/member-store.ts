import type { MemberStatus } from '@lobbykey/contract'
import type { EventInput } from './event-store.ts'
import type { SignedOutcome, SignedRequest } from './signed-request.ts'

export interface MemberStore {
  find(agentId: string, userId: string): Promise<MemberRecord | null>
  /** By userId, starting after `afterUserId`; optionally only IDs that begin with `prefix`, or one status. */
  list(
    agentId: string,
    page: { afterUserId?: string | undefined; prefix?: string | undefined; status?: MemberStatus | undefined; limit: number },
  ): Promise<MemberRecord[]>
  /** Names that begin with `prefix`, by name and userId, starting after `after`. */
  listByName(
    agentId: string,
    page: { prefix: string; after?: Pick<MemberRecord, 'userName' | 'userId'> | undefined; limit: number },
  ): Promise<MemberRecord[]>
  create(member: MemberRecord, request: SignedRequest | null, event: EventInput): Promise<SignedOutcome | 'exists'>
  /**
   * Creates those of a merchant's members that do not exist yet, each with the event at its place, and returns how many. A status that refuses logins ends a guest's sessions,
   * as in `setStatus`.
   */
  createMany(addition: { agentId: string; members: readonly MemberRecord[]; now: number }, events: readonly EventInput[]): Promise<number>
  /** How many of these user IDs, each named once, a merchant has. */
  countExisting(agentId: string, userIds: readonly string[]): Promise<number>
  /** Sets the given fields only. */
  update(
    change: { agentId: string; userId: string; userName?: string | undefined; desc?: string | undefined; now: number },
    request: SignedRequest | null,
    event: EventInput,
  ): Promise<SignedOutcome | 'not-found'>
  /** Replaces the record if it was last changed at `expectedUpdatedAt`. A status that refuses logins ends the sessions, as in `setStatus`. */
  replace(member: MemberRecord, expectedUpdatedAt: number, event: EventInput): Promise<'replaced' | 'changed' | 'not-found'>
  /**
   * Removes the member, ends its sessions with reason `erased`, and strips them of everything but user_id, times and what keeps their tokens refused
   * until their expiry. Also works for a guest, who has sessions only.
   */
  erase(erasure: { agentId: string; userId: string; now: number }, event: EventInput): Promise<'erased' | 'not-found'>
  /**
   * A status that refuses logins ends the member's sessions with reason `lock` in the same transaction; no concurrent login that read the old status
   * survives.
   */
  setStatus(
    change: { agentId: string; userId: string; status: MemberStatus; now: number },
    request: SignedRequest | null,
    event: EventInput,
  ): Promise<SignedOutcome | 'not-found'>
}

export interface MemberRecord {
  readonly agentId: string
  readonly userId: string
  readonly userName: string
  readonly desc: string
  readonly status: MemberStatus
  readonly createdAt: number
  readonly updatedAt: number
}
