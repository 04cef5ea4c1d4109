import type { KeptFields, LoginRefusal } from '@lobbykey/contract'
import type { EventInput } from './event-store.ts'
import type { SessionPolicy } from './merchant-store.ts'
import type { SignedOutcome, SignedRequest } from './signed-request.ts'

export interface MemberSessionStore {
  /** The hot path: the whole batch in one round trip and one commit. Results are in the batch's order. */
  login(batch: readonly LoginWrite[]): Promise<LoginOutcome[]>
  openGuest(guest: GuestWrite): Promise<'accepted' | 'repeated' | 'refused'>
  /**
   * Exchanges a ticket for its live session, exactly once: a single statement decides between concurrent callers (check 25). Null for an unknown,
   * used, void or expired ticket, one of another merchant, and one whose session is over.
   *
   * @param usedHash takes the place of the ticket's until it expires: whoever brings the same again has the session again
   */
  redeemTicket(agentId: string, ticketHash: Uint8Array, now: number, usedHash?: Uint8Array | null): Promise<MemberSession | null>
  /** Records that a lobby admitted a live session by its token, and returns it; null when it is not live. */
  enter(tokenHash: Uint8Array, now: number): Promise<MemberSession | null>
  /** Records that the end of this session was shown; false when it has not ended. */
  acknowledgeEnd(tokenHash: Uint8Array, now: number): Promise<boolean>
  /** The existing ones, in no order. */
  findMany(tokenHashes: readonly Uint8Array[]): Promise<MemberSession[]>
  /** Also an ended or expired session, while its row exists. */
  find(tokenHash: Uint8Array): Promise<MemberSession | null>
  /** Live sessions of a member, newest first. */
  listLive(agentId: string, userId: string, now: number): Promise<MemberSession[]>
  /** Ends all live sessions of a member or guest. Having none is a success. */
  endByMember(
    end: { agentId: string; userId: string; reason: SessionEndReason; now: number },
    request: SignedRequest | null,
    event: EventInput,
  ): Promise<SignedOutcome | 'not-found'>
  /**
   * Ends up to `limit` live sessions of a merchant, or of one member or guest, by user ID, in one transaction, and returns them in their final state.
   * The event counts them; no event without any.
   */
  endLive(
    selection: { agentId: string; userId?: string | undefined; fromUserId?: string | undefined },
    end: { reason: SessionEndReason; now: number; limit: number },
    event: EventInput,
  ): Promise<MemberSession[]>
  /** Ends again sessions that a store which went back shows as open; returns how many. */
  endAgain(ends: readonly EndedSession[]): Promise<number>
  /** Ends this session and returns its final state; null when it is not live. */
  endOne(
    session: Pick<MemberSession, 'agentId' | 'tokenHash' | 'createdAt'>,
    end: { reason: SessionEndReason; now: number },
    event: EventInput,
  ): Promise<MemberSession | null>
  /** Live sessions of a merchant, or of one member or guest, by user ID, starting after `after`. */
  listOnline(
    agentId: string,
    page: { now: number; limit: number; userId?: string | undefined; after?: Pick<MemberSession, 'userId' | 'tokenHash'> | undefined },
  ): Promise<MemberSession[]>
  /**
   * Live sessions per merchant and sort, and the number of members and guests in them, in the given order. Of each merchant only the first `max` sessions
   * by user ID and one more are looked at, ended ones too.
   */
  countOnline(agentIds: readonly string[], now: number, max?: number): Promise<OnlineCount[]>
  /** All live sessions, or those of some merchants; of more than `max` sessions only so many are looked at, ended ones too. */
  countAllOnline(
    agentIds: readonly string[] | null,
    now: number,
    max: number,
  ): Promise<{ readonly sessions: number; readonly isComplete: boolean }>
}

export interface OnlineCount {
  readonly agentId: string
  readonly users: number
  readonly sorts: readonly SessionCount[]
  /** Whether all sessions were looked at. */
  readonly isComplete: boolean
}

/** What a login chooses for its session. */
export interface SessionChoices {
  readonly platform: string
  readonly language: string
  readonly currency: string
  readonly gameCode: string | null
}

/** An accepted login to write. No two in a batch share a token or a signature. */
export interface LoginWrite extends SessionChoices {
  readonly request: SignedRequest
  readonly userId: string
  /** Fields kept as they were sent; null for none. */
  readonly opaque: KeptFields | null
  /** 16 bytes, keyed hash over agent_id and token: the session's identity. Tokens are unique within a merchant. */
  readonly tokenHash: Uint8Array
  readonly now: number
  readonly expiresAt: number
  /** Absent: any number of sessions, opened by the token. */
  readonly terms?: LoginTerms | undefined
}

/** The merchant's settings that restrict a login beyond the contract. */
export interface LoginTerms {
  readonly sessions: SessionPolicy
  readonly ticket: LobbyTicket | null
}

/** A one-time ticket for a session. A session has at most one: a new one voids its predecessor. */
export interface LobbyTicket {
  /** SHA-256 of the ticket. */
  readonly hash: Uint8Array
  readonly expiresAt: number
}

/** A guest's login: a session without a member. The token is derived from the signature, so that no other request has it. */
export interface GuestWrite extends Omit<LoginWrite, 'terms'> {
  readonly ticket: LobbyTicket | null
}

/**
 * In the contract's order:
 * - `member-not-found`, or the contract's refusal for the member's status, read in the same transaction.
 * - `repeated`: the identical request was accepted before and its session is live; nothing was written.
 * - `refused`: the signature was used for something else or its session has ended; or the token is bound to another member, or its session ended and
 *   has not expired yet.
 * - `accepted`: session and replay row are durable.
 * - `retry`: another node holds the same token or signature at this moment; try again.
 */
export type LoginOutcome = 'accepted' | 'repeated' | 'refused' | 'member-not-found' | 'retry' | LoginRefusal

/** `replaced`: by a newer session of the member, where the merchant allows only one. */
export type SessionEndReason = 'logout' | 'lock' | 'kick' | 'replaced' | 'erased'

/** The end of a session, as processes remember it. */
export interface EndedSession {
  readonly tokenHash: Uint8Array
  readonly reason: SessionEndReason
  readonly endedAt: number
}

export interface MemberSession extends SessionChoices {
  readonly tokenHash: Uint8Array
  readonly kind: 'member' | 'guest'
  readonly agentId: string
  readonly userId: string
  /** Login fields that mean nothing to the gateway, by their contract names. */
  readonly opaque: KeptFields
  /** A login that takes over an expired token makes a session with another `createdAt`: token and `createdAt` together identify one session. */
  readonly createdAt: number
  /** Ms; a session is over at `expiresAt` whatever else holds. */
  readonly expiresAt: number
  readonly endedAt: number | null
  readonly endReason: SessionEndReason | null
  /** When a lobby last admitted the session, null for never. */
  readonly enteredAt: number | null
  /** When the lobby last confirmed that the end was shown to the player. */
  readonly endAcknowledgedAt: number | null
}

/** The number of live sessions with these properties. */
export interface SessionCount {
  readonly platform: string
  readonly currency: string
  readonly gameCode: string | null
  readonly count: number
}
