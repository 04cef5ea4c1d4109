import type { KeptFields, LoginRefusal } from '@lobbykey/contract'
import type { EventInput } from './event-store.ts'
import type { SessionPolicy } from './merchant-store.ts'
import type { SignedOutcome, SignedRequest } from './signed-request.ts'

export interface MemberSessionStore {
  /** The hot path: the whole batch in one round trip and one commit. Answers in the batch's order. */
  login(batch: readonly LoginWrite[]): Promise<LoginOutcome[]>
  openGuest(guest: GuestWrite): Promise<'accepted' | 'repeated' | 'refused'>
  /**
   * Swaps a ticket for its live session, once, however many ask: one statement decides (check 25). Null for one that is unknown, another
   * merchant's, used, void or too old, or whose session is over.
   */
  redeemTicket(agentId: string, ticketHash: Uint8Array, now: number): Promise<MemberSession | null>
  /** Notes that a lobby let a live session in by its token, and gives it; null when it is not live. */
  enter(tokenHash: Uint8Array, now: number): Promise<MemberSession | null>
  /** Notes that the end of this session was shown; false when it has not ended. */
  acknowledgeEnd(tokenHash: Uint8Array, now: number): Promise<boolean>
  /** Those that are there, in no order. */
  findMany(tokenHashes: readonly Uint8Array[]): Promise<MemberSession[]>
  /** Also one that has ended or expired, while its row is there. */
  find(tokenHash: Uint8Array): Promise<MemberSession | null>
  /** Live sessions of a member, newest first. */
  listLive(agentId: string, userId: string, now: number): Promise<MemberSession[]>
  /** Ends all live sessions of a member or guest. One without any is a success. */
  endByMember(
    end: { agentId: string; userId: string; reason: SessionEndReason; now: number },
    request: SignedRequest | null,
    event: EventInput,
  ): Promise<SignedOutcome | 'not-found'>
  /**
   * Ends up to `limit` live sessions of a merchant, or of one member or guest, by user ID, in one transaction, and gives them as they are then. The
   * event counts them; none without any.
   */
  endLive(
    selection: { agentId: string; userId?: string | undefined; fromUserId?: string | undefined },
    end: { reason: SessionEndReason; now: number; limit: number },
    event: EventInput,
  ): Promise<MemberSession[]>
  /** Ends again sessions that a store which went back shows as open; says how many there were. */
  endAgain(ends: readonly EndedSession[]): Promise<number>
  /** Ends this session if it lives, and gives it as it is then; null when it does not. */
  endOne(
    session: Pick<MemberSession, 'agentId' | 'tokenHash' | 'createdAt'>,
    end: { reason: SessionEndReason; now: number },
    event: EventInput,
  ): Promise<MemberSession | null>
  /** Live sessions of a merchant, or of one member or guest, by user ID, after `after`. */
  listOnline(
    agentId: string,
    page: { now: number; limit: number; userId?: string | undefined; after?: Pick<MemberSession, 'userId' | 'tokenHash'> | undefined },
  ): Promise<MemberSession[]>
  /** How many live sessions each merchant has of each sort, and how many members and guests are in them; in the order asked. */
  countOnline(agentIds: readonly string[], now: number): Promise<{ agentId: string; users: number; sorts: SessionCount[] }[]>
}

/** What a login says of the session that it opens. */
export interface SessionChoices {
  readonly platform: string
  readonly language: string
  readonly currency: string
  readonly gameCode: string | null
}

/** One accepted login to write. The batch holds no two of one token and no two of one signature. */
export interface LoginWrite extends SessionChoices {
  readonly request: SignedRequest
  readonly userId: string
  /** What the session keeps as it was sent; null for nothing. */
  readonly opaque: KeptFields | null
  /** 16 bytes, keyed hash over agent_id and token: the session's identity. Tokens are unique within a merchant. */
  readonly tokenHash: Uint8Array
  readonly now: number
  readonly expiresAt: number
  /** Absent: any number of sessions, opened by the token. */
  readonly terms?: LoginTerms | undefined
}

/** What a login is held to beyond the contract's rules, by the merchant's settings. */
export interface LoginTerms {
  readonly sessions: SessionPolicy
  readonly ticket: LobbyTicket | null
}

/** A one-time ticket for a session. A session has one at most: a fresh one voids the one before. */
export interface LobbyTicket {
  /** SHA-256 of the ticket. */
  readonly hash: Uint8Array
  readonly expiresAt: number
}

/** A guest's login: a session without a member. Its token is derived from the signature, so that no other request has it. */
export interface GuestWrite extends Omit<LoginWrite, 'terms'> {
  readonly ticket: LobbyTicket | null
}

/**
 * In the contract's order:
 * - `member-not-found`, or how the contract refuses the member's status: by the member's row, read in the same transaction.
 * - `repeated`: the very request was accepted before and its session lives; nothing written.
 * - `refused`: the signature was used for something else or its session has ended; or the token is bound to another member, or
 *   its session was ended and has not yet expired.
 * - `accepted`: session and replay row are durable.
 * - `retry`: another node holds the same token or signature at this moment; ask again.
 */
export type LoginOutcome = 'accepted' | 'repeated' | 'refused' | 'member-not-found' | 'retry' | LoginRefusal

/** `replaced`: by a newer session of the member, where the merchant allows one. */
export type SessionEndReason = 'logout' | 'lock' | 'kick' | 'replaced' | 'erased'

/** The end of a session, as it is remembered. */
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
  /** What the login said that is nothing to the gateway, by the contract's names. */
  readonly opaque: KeptFields
  /** Where the token is taken over after its expiry, the new session has another `createdAt`: the two together name one session. */
  readonly createdAt: number
  /** Ms; a session is over at `expiresAt`, whatever else is said. */
  readonly expiresAt: number
  readonly endedAt: number | null
  readonly endReason: SessionEndReason | null
  /** When a lobby last let it in, null for never. */
  readonly enteredAt: number | null
  /** When the lobby last said that the end was shown to whoever was in it. */
  readonly endAcknowledgedAt: number | null
}

/** Live sessions that agree in these. */
export interface SessionCount {
  readonly platform: string
  readonly currency: string
  readonly gameCode: string | null
  readonly count: number
}
