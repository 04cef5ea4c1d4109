import type { MemberStatus } from '@lobbykey/contract'
import type { EventInput } from './event-store.ts'
import type { SignedOutcome, SignedRequest } from './signed-request.ts'

export interface MemberStore {
  find(agentId: string, userId: string): Promise<MemberRecord | null>
  /** Ordered by userId, after `afterUserId`; those whose ID begins with `prefix`, or of a status. */
  list(
    agentId: string,
    page: { afterUserId?: string | undefined; prefix?: string | undefined; status?: MemberStatus | undefined; limit: number },
  ): Promise<MemberRecord[]>
  /** Those whose name begins with `prefix`, by name and userId, after `after`. */
  listByName(
    agentId: string,
    page: { prefix: string; after?: Pick<MemberRecord, 'userName' | 'userId'> | undefined; limit: number },
  ): Promise<MemberRecord[]>
  create(member: MemberRecord, request: SignedRequest | null, event: EventInput): Promise<SignedOutcome | 'exists'>
  /** Sets the fields given and leaves the others. */
  update(
    change: { agentId: string; userId: string; userName?: string | undefined; desc?: string | undefined; now: number },
    request: SignedRequest | null,
    event: EventInput,
  ): Promise<SignedOutcome | 'not-found'>
  /**
   * Puts this record in the place of one that was changed last at `expectedUpdatedAt`. A status that refuses logins ends the sessions, as in
   * `setStatus`.
   */
  replace(member: MemberRecord, expectedUpdatedAt: number, event: EventInput): Promise<'replaced' | 'changed' | 'not-found'>
  /**
   * Removes the member, ends its sessions with reason `erased`, and takes from them all but user_id, times and what keeps their tokens
   * refused until they would have expired. Also a guest, who has sessions only.
   */
  erase(erasure: { agentId: string; userId: string; now: number }, event: EventInput): Promise<'erased' | 'not-found'>
  /**
   * A status that refuses logins ends the member's sessions with reason `lock` in the same transaction; no login that read the old status
   * survives it.
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
