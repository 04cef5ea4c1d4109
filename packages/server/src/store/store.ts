/**
 * What the gateway keeps, as interfaces: the core sees these and nothing of SQL. Two implementations share one set of
 * queries (`sql/`): SQLite (`sqlite.ts`) and PostgreSQL (`postgres.ts`). One conformance suite holds both to this file.
 *
 * Rules for every method:
 * - Times are milliseconds since 1970-01-01 UTC, given by the caller; the store never reads a clock.
 * - A method is one transaction. When its promise resolves, what it says happened is durable.
 * - A mutation that took effect writes its `event` and its `changes` rows in the same transaction; one that did not, neither.
 * - Secrets arrive sealed or hashed. Nothing in clear is ever passed in, but what the contract itself shows in URLs.
 * - A store that cannot be reached throws GatewayError `store_unavailable`. Deadlocks and serialization failures are retried
 *   inside and never surface (check 78).
 */

import type { Platform } from '@lobbykey/contract'

export interface Store {
  readonly dialect: 'sqlite' | 'postgres'
  readonly merchants: MerchantStore
  readonly members: MemberStore
  readonly memberSessions: MemberSessionStore
  readonly sellers: SellerStore
  readonly sellerSessions: SellerSessionStore
  readonly throttles: ThrottleStore
  readonly signingKeys: SigningKeyStore
  readonly services: ServiceStore
  readonly catalogue: CatalogueStore
  readonly events: EventStore
  readonly traces: TraceStore
  readonly merchantClocks: MerchantClockStore
  readonly changes: ChangeStore
  readonly meta: MetaStore
  /** Resolves when a trivial query answers. @throws GatewayError store_unavailable */
  ping(): Promise<void>
  /** Settings of this store that could lose an acknowledged login, in words for the operator; empty when durable (check 76). */
  durabilityProblems(): Promise<string[]>
  /** Deletes up to `batchMax` rows of each kind that expired before `now`; says how many went. */
  sweep(now: number, batchMax: number): Promise<number>
  close(): Promise<void>
}

// ---------------------------------------------------------------------------------------------------- events and changes

export type Surface = 'member-api' | 'seller-api' | 'verify-api' | 'pages' | 'cli' | 'server'

/** A row of the append-only event table: something refused, locked, created, changed or revoked. Holds no secret. */
export interface EventInput {
  readonly at: number
  /** Dotted, noun first: `member.locked`, `seller.login_refused`. */
  readonly kind: string
  readonly surface: Surface
  readonly agentId?: string | undefined
  /** user_id, seller id, key id: whom or what it is about. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  readonly requestId?: string | undefined
  /** The code answered, as text. */
  readonly code?: string | undefined
  /** How many alike this row stands for; floods of refusals share rows. Default 1. */
  readonly count?: number | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

export interface EventRecord extends EventInput {
  readonly id: number
}

export interface EventStore {
  append(events: readonly EventInput[]): Promise<void>
  /** Newest first. */
  list(filter: { kind?: string; agentId?: string; subject?: string; limit: number }): Promise<EventRecord[]>
}

/** One step of a decided call: what it is called, whether it passed, and the fact that it went by. */
export interface TraceStep {
  readonly name: string
  readonly passed: boolean
  readonly fact?: string | undefined
}

/** How one call was decided, step by step. Holds no secret. */
export interface TraceInput {
  readonly at: number
  readonly requestId: string
  readonly surface: Surface
  /** `login`, `refresh`, … */
  readonly call: string
  readonly agentId?: string | undefined
  /** user_id or seller id, once it is known. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  /** The code answered, and the key of the error behind it. */
  readonly code: string
  readonly key?: string | undefined
  readonly isFailed: boolean
  /** In order, up to the one that decided. */
  readonly steps: readonly TraceStep[]
}

export interface StoredTrace extends TraceInput {
  readonly id: number
}

export interface TraceStore {
  append(traces: readonly TraceInput[]): Promise<void>
  /** The newest of this request. */
  find(requestId: string): Promise<StoredTrace | null>
  /** Newest first. */
  list(filter: { agentId?: string; onlyFailed?: boolean; afterId?: number; limit: number }): Promise<StoredTrace[]>
  /** Of the `batchMax` oldest, deletes those from before `since` and those beyond the newest `rowsMax`; says how many went. */
  trim(keep: { since: number; rowsMax: number }, batchMax: number): Promise<number>
}

/** How far a merchant's clock is ahead of ours, by the timestamps that it signed; negative when it is behind. */
export interface MerchantClock {
  readonly agentId: string
  readonly differenceMs: number
  readonly measuredAt: number
}

export interface MerchantClockStore {
  /** Ordered by agentId. */
  load(): Promise<MerchantClock[]>
  note(clocks: readonly MerchantClock[]): Promise<void>
  /** Writes the event, unless one was written for this merchant at or after `unlessSince`; says whether it did. */
  warn(agentId: string, unlessSince: number, event: EventInput): Promise<boolean>
}

/** What a change is about: who keeps a copy in memory re-reads that subject. */
export type ChangeTopic = 'merchant' | 'catalogue' | 'seller-session' | 'signing-key' | 'service' | 'member' | 'member-session'

export interface Change {
  readonly seq: number
  readonly topic: ChangeTopic
  /**
   * agent_id, sid, kid …; `*` for all of the topic. `member`: `<agent_id>:<user_id>`, whose status was set or who was erased.
   * `member-session`: the token hash in hex of a session that was ended before its expiry, or renewed by another login under its
   * token; `findMany` tells which, whose, and why.
   */
  readonly subject: string
}

export interface ChangeStore {
  /** The newest sequence number, 0 when there is none. */
  latestSeq(): Promise<number>
  /** Changes after `seq`, ascending. Numbers may be missing for a moment: a transaction that took one may commit later than the next. */
  since(seq: number, limit: number): Promise<Change[]>
}

/** Small facts about the store itself: the master key's check value, sealed server secrets, "made by the sandbox". */
export interface MetaStore {
  find(name: string): Promise<Uint8Array | null>
  /** Writes unless the name exists; returns what the store holds afterwards, so that two nodes starting together agree. */
  putIfAbsent(name: string, value: Uint8Array): Promise<Uint8Array>
}

// ---------------------------------------------------------------------------------------------------- merchants

export interface MerchantSettings {
  readonly currencies: readonly string[]
  /** Addresses and CIDR blocks, v4 and v6. Empty refuses everyone. */
  readonly allow: readonly string[]
  readonly callbackOrigins: readonly string[]
  /** Absolute URL of the lobby; null: the server's own lobby page. */
  readonly lobbyUrl: string | null
  /** The lobby of one platform, before `lobbyUrl`; null: that. */
  readonly lobbyUrls: Readonly<Record<Platform, string | null>>
  /** What opens the lobby: the session's token, or a one-time ticket in its place. */
  readonly launch: 'token' | 'ticket'
  readonly sessions: SessionPolicy
  /** Requests a second; 0 for no limit; null: the server's default. */
  readonly ratePerSecond: number | null
  readonly autoCreateMembers: boolean
  readonly algorithm: 'md5' | 'hmac-sha256'
  readonly callback: 'unsigned' | 'signed'
}

/** What a login does about the member's other live sessions: lets them be, ends them, or is refused because of them. */
export type SessionPolicy = 'many' | 'newest-wins' | 'refuse'

export type Enablement = 'enabled' | 'disabled'

export interface MerchantRecord {
  readonly agentId: string
  readonly status: Enablement
  readonly settings: MerchantSettings
  readonly createdAt: number
  readonly updatedAt: number
}

export interface MerchantKeyRecord {
  readonly id: string
  readonly agentId: string
  /** The key under the master key; its associated data is `merchant-key:<agentId>:<id>`. */
  readonly sealed: Uint8Array
  readonly createdAt: number
  readonly retiredAt: number | null
  /** When it last verified a request, to a few minutes; null: never. */
  readonly lastUsedAt: number | null
}

/** A key that verified a request. */
export interface KeyUse {
  readonly agentId: string
  readonly keyId: string
  readonly at: number
}

export interface MerchantWithKeys extends MerchantRecord {
  /** Active and retired, oldest first. */
  readonly keys: readonly MerchantKeyRecord[]
}

export interface MerchantStore {
  /** All merchants, or those named. Ordered by agentId. */
  load(agentIds?: readonly string[]): Promise<MerchantWithKeys[]>
  add(merchant: MerchantRecord, key: MerchantKeyRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Replaces status and settings whole; false when there is no such merchant. */
  update(merchant: Pick<MerchantRecord, 'agentId' | 'status' | 'settings' | 'updatedAt'>, event: EventInput): Promise<boolean>
  /** At most `activeMax` keys are active at once. */
  addKey(key: MerchantKeyRecord, activeMax: number, event: EventInput): Promise<'added' | 'not-found' | 'too-many'>
  /** Never retires the last active key. */
  retireKey(agentId: string, keyId: string, now: number, event: EventInput): Promise<'retired' | 'not-found' | 'last-key'>
  /** Notes when keys were last used; a later note there stays. No change row: nobody needs to hear of it. */
  noteKeyUses(uses: readonly KeyUse[]): Promise<void>
}

// ---------------------------------------------------------------------------------------------------- members

export type MemberStatus = 'Active' | 'LockBet' | 'LockAll'

export interface MemberRecord {
  readonly agentId: string
  readonly userId: string
  readonly userName: string
  readonly desc: string
  readonly status: MemberStatus
  readonly createdAt: number
  readonly updatedAt: number
}

/**
 * What makes a signed POST harmless when it comes again (member-login.md, Sessions and replay; check 32). The row is unique
 * by (timestamp, agentId, signature): the timestamp is signed, so it is the same in every repeat, and it keeps the index warm at
 * one end. It is written only with a success, in the same transaction, and kept until `expiresAt`.
 */
export interface SignedRequest {
  readonly agentId: string
  /** Raw bytes: 16 for MD5, 32 for HMAC-SHA256. */
  readonly signature: Uint8Array
  /** The signed `timestamp`, ms. */
  readonly timestamp: number
  /** Name of the call, e.g. `login`. */
  readonly endpoint: string
  /** Digest over the unsigned fields, 16 bytes; empty array when the call has none. */
  readonly unsignedDigest: Uint8Array
  /** timestamp + window + skew. */
  readonly expiresAt: number
}

/**
 * - `done`: it took effect now.
 * - `repeated`: the very request was answered before; nothing changed.
 * - `reused`: the signature was used before, for another endpoint or with other unsigned fields; nothing changed.
 */
export type SignedOutcome = 'done' | 'repeated' | 'reused'

export interface MemberStore {
  find(agentId: string, userId: string): Promise<MemberRecord | null>
  /** Ordered by userId, after `afterUserId`. */
  list(agentId: string, page: { afterUserId?: string; limit: number }): Promise<MemberRecord[]>
  create(member: MemberRecord, request: SignedRequest | null, event: EventInput): Promise<SignedOutcome | 'exists'>
  /** Sets the fields given and leaves the others. */
  update(
    change: { agentId: string; userId: string; userName?: string | undefined; desc?: string | undefined; now: number },
    request: SignedRequest | null,
    event: EventInput,
  ): Promise<SignedOutcome | 'not-found'>
  /**
   * Removes the member, ends its sessions with reason `erased`, and takes from them all but user_id, times and what keeps their tokens
   * refused until they would have expired. Also a guest, who has sessions only.
   */
  erase(erasure: { agentId: string; userId: string; now: number }, event: EventInput): Promise<'erased' | 'not-found'>
  /** `LockAll` ends the member's sessions with reason `lock` in the same transaction; no login that read the old status survives it. */
  setStatus(
    change: { agentId: string; userId: string; status: MemberStatus; now: number },
    request: SignedRequest | null,
    event: EventInput,
  ): Promise<SignedOutcome | 'not-found'>
}

// ---------------------------------------------------------------------------------------------------- member sessions

/** One accepted login to write. The batch holds no two of one token and no two of one signature. */
export interface LoginWrite {
  readonly request: SignedRequest
  readonly userId: string
  /** 16 bytes, keyed hash over agent_id and token: the session's identity. Tokens are unique within a merchant. */
  readonly tokenHash: Uint8Array
  readonly platform: string
  readonly language: string
  readonly currency: string
  readonly gameCode: string | null
  readonly callback: string | null
  /** JSON text of `limits`. */
  readonly limits: string | null
  readonly customLanguage: string | null
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
export interface GuestWrite extends Omit<LoginWrite, 'limits' | 'customLanguage' | 'terms'> {
  /** Decimal text. */
  readonly amount: string | null
  readonly ticket: LobbyTicket | null
}

/**
 * In the contract's order:
 * - `member-not-found`, `member-locked`: by the member's row, read in the same transaction.
 * - `repeated`: the very request was accepted before and its session lives; nothing written.
 * - `refused`: the signature was used for something else or its session has ended; or the token is bound to another member, or
 *   its session was ended and has not yet expired.
 * - `accepted`: session and replay row are durable.
 * - `retry`: another node holds the same token or signature at this moment; ask again.
 */
export type LoginOutcome = 'accepted' | 'repeated' | 'refused' | 'member-not-found' | 'member-locked' | 'retry'

/** `replaced`: by a newer session of the member, where the merchant allows one. */
export type SessionEndReason = 'logout' | 'lock' | 'kick' | 'replaced' | 'erased'

export interface MemberSession {
  readonly tokenHash: Uint8Array
  readonly kind: 'member' | 'guest'
  readonly agentId: string
  readonly userId: string
  readonly platform: string
  readonly language: string
  readonly currency: string
  readonly gameCode: string | null
  readonly callback: string | null
  readonly limits: string | null
  readonly customLanguage: string | null
  /** A guest's, decimal text. */
  readonly amount: string | null
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
  /** Live sessions of a merchant by user ID, after `after`. */
  listOnline(
    agentId: string,
    page: { now: number; limit: number; after?: Pick<MemberSession, 'userId' | 'tokenHash'> | undefined },
  ): Promise<MemberSession[]>
  /** How many live sessions a merchant has of each sort, and how many members and guests are in them. */
  countOnline(agentId: string, now: number): Promise<{ users: number; sorts: SessionCount[] }>
}

// ---------------------------------------------------------------------------------------------------- sellers

export interface SellerRecord {
  readonly id: string
  /** Normal form: trimmed, lower case, ASCII local part, IDNA domain. Unique. */
  readonly email: string
  /** PHC string. */
  readonly passwordHash: string
  readonly status: Enablement
  readonly createdAt: number
  readonly updatedAt: number
  readonly lastLoginAt: number | null
  /** Logins made while another login's access token had more than half its life left. */
  readonly needlessLogins: number
}

export interface PasswordChange {
  readonly id: string
  readonly passwordHash: string
  readonly now: number
  readonly keptSid?: string
  readonly updatedAt?: number
}

/** A one-time token with which a seller's owner sets a new password. */
export interface PasswordReset {
  readonly sellerId: string
  /** SHA-256 of the token. */
  readonly tokenHash: Uint8Array
  readonly expiresAt: number
}

export type SellerSessionEndReason = 'logout' | 'disabled' | 'password' | 'operator' | 'reuse' | 'revoked'

export interface SellerStore {
  add(seller: SellerRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Adds those whose e-mail is free, all in one transaction, each with its event; says how many. */
  addMany(sellers: readonly SellerRecord[], events: readonly EventInput[]): Promise<number>
  findByEmail(email: string): Promise<SellerRecord | null>
  findById(id: string): Promise<SellerRecord | null>
  /** Ordered by email, after `afterEmail`. */
  list(page: { afterEmail?: string; limit: number }): Promise<SellerRecord[]>
  /** Disabling ends every session of the seller in the same transaction. False when there is no such seller. */
  setStatus(id: string, status: Enablement, now: number, event: EventInput): Promise<boolean>
  /**
   * Sets a new password, ends every session of the seller but `keptSid`, and voids its reset token. False when there is no such
   * seller, or, given the `updatedAt` of the record whose password was verified, if the password or status has been set since.
   */
  setPassword(change: PasswordChange, event: EventInput): Promise<boolean>
  /** Replaces the seller's reset token, if it has one. False when there is no such seller. */
  putPasswordReset(reset: PasswordReset, event: EventInput): Promise<boolean>
  /** Whose reset token this is; null when it is unknown, used, replaced or expired. */
  findByPasswordReset(tokenHash: Uint8Array, now: number): Promise<SellerRecord | null>
  /** Uses up the token, sets the password and ends every session. False when another was first, or the token has expired. */
  usePasswordReset(
    use: { readonly tokenHash: Uint8Array; readonly passwordHash: string; readonly now: number },
    event: EventInput,
  ): Promise<boolean>
  /** Swaps one hash of the same password for a stronger one; does nothing if the hash is no longer `oldHash`. */
  replaceHash(id: string, oldHash: string, newHash: string): Promise<void>
  /** Whether this seller has logged in from this address key before. */
  isKnownAddress(id: string, addressKey: string): Promise<boolean>
}

/** One login's token family, RFC 9700 section 4.14: a refresh token, its successors, and the access tokens issued with them. */
export interface SellerSession {
  readonly sid: string
  readonly sellerId: string
  /** SHA-256 of the jti of the newest refresh token. */
  readonly refreshHash: Uint8Array
  /** SHA-256 of the jti before that; null for a family that has never been refreshed. */
  readonly previousRefreshHash: Uint8Array | null
  /** When the newest tokens were issued, ms on a whole second: the `iat` of both. */
  readonly issuedAt: number
  /** Signing key of the newest tokens. */
  readonly kid: string
  readonly createdAt: number
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
  /** Latest expiry of an access token of this family. */
  readonly accessExpiresAt: number
  readonly endedAt: number | null
  readonly endReason: SellerSessionEndReason | null
  readonly address: string | null
}

export interface RefreshRotation {
  readonly sid: string
  /** SHA-256 of the presented token's jti. */
  readonly presentedHash: Uint8Array
  /** SHA-256 of its successor's jti; the successor is a function of the presented one, so that no race can make two. */
  readonly successorHash: Uint8Array
  readonly now: number
  readonly issuedAt: number
  readonly kid: string
  readonly idleExpiresAt: number
  readonly accessExpiresAt: number
  /** How long after a rotation the immediate predecessor still gets its successor again, ms. */
  readonly graceMs: number
}

/**
 * - `rotated`: the presented token was the newest; its successor now is.
 * - `again`: the presented token is the immediate predecessor, inside the grace; `session` says with which times and key its
 *   successor was issued, so that the same bytes can be made again.
 * - `reused`: older, or later; the family was ended in this transaction.
 * - `dead`: unknown, ended or expired.
 */
export type RotationOutcome = { readonly kind: 'rotated' | 'again'; readonly session: SellerSession } | { readonly kind: 'reused' | 'dead' }

export interface SellerSessionStore {
  /**
   * Also notes the seller's last login and, when given, the address as known. Fails (`refused`) if the seller is no longer enabled, or,
   * given the `updatedAt` of the record whose password was verified, if the password or status has been set since (check 20).
   * `needless`, and counted for the seller: another family of it has an access token with more than half its life left. Of logins at the
   * same moment the first alone may go uncounted.
   */
  create(session: SellerSession, addressKey: string | null, sellerUpdatedAt?: number): Promise<'created' | 'needless' | 'refused'>
  find(sid: string): Promise<SellerSession | null>
  rotate(rotation: RefreshRotation, reuseEvent: EventInput): Promise<RotationOutcome>
  /** False when it was not live. */
  end(sid: string, reason: SellerSessionEndReason, now: number, event: EventInput): Promise<boolean>
  /** Ends every live session of a seller; says how many. */
  endBySeller(sellerId: string, reason: SellerSessionEndReason, now: number, event: EventInput): Promise<number>
  listBySeller(sellerId: string, limit: number): Promise<SellerSession[]>
  /** Families that have ended while an access token of theirs may still be unexpired. */
  listRevoked(now: number): Promise<{ sid: string; accessExpiresAt: number }[]>
}

/** Counters of wrong passwords. They survive a restart; keys are hashes of accounts and addresses. */
export interface Throttle {
  readonly key: string
  /** Wrong tries in a row. */
  readonly failures: number
  readonly lastFailedAt: number
  /** Theoretical arrival time (GCRA), ms. */
  readonly tat: number
}

export interface ThrottleStore {
  read(keys: readonly string[]): Promise<Throttle[]>
  /** Counts one failure, or `count`, for each key, atomically, and moves `tat` to max(tat, now) + `tatStepMs`. */
  fail(keys: readonly string[], failure: { now: number; tatStepMs: number; expiresAt: number; count?: number }): Promise<void>
  clear(keys: readonly string[]): Promise<void>
}

// ---------------------------------------------------------------------------------------------------- signing keys, services, catalogue

export interface SigningKeyRecord {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string
  /** JSON of the public JWK. */
  readonly publicJwk: string
  /** PKCS#8 DER under the master key; its associated data is `signing-key:<kid>`. */
  readonly sealedPrivate: Uint8Array
  readonly createdAt: number
  /** From when it signs. */
  readonly activeAt: number
  /** From when nothing signed by it is accepted; null while in use. */
  readonly retiredAt: number | null
  /** The longest life that any process has given tokens while this key was in use, ms. */
  readonly tokenLifeMs: number
  /** The `kid` of the key that began after all earlier ones were retired at once. */
  readonly epoch: string
}

export interface SigningKeyStore {
  list(): Promise<SigningKeyRecord[]>
  /** Adds the key only if there is none yet, and returns what the store then holds: two nodes on a first run agree on one. */
  addFirst(key: SigningKeyRecord, event: EventInput): Promise<SigningKeyRecord[]>
  /** Adds a key if the store still holds `knownCount` keys, retired ones counted; false when another process was first. */
  addNext(key: SigningKeyRecord, knownCount: number, event: EventInput): Promise<boolean>
  /** Raises `tokenLifeMs` of every key in use. Nobody needs to hear of it. */
  noteTokenLife(tokenLifeMs: number): Promise<void>
  /** Never retires the last key that is active at `now`. */
  retire(kid: string, now: number, event: EventInput): Promise<'retired' | 'not-found' | 'last-key'>
  /** Retires every key in use at the event's time and adds this one. */
  reset(key: SigningKeyRecord, event: EventInput): Promise<void>
}

export interface ServiceRecord {
  readonly id: string
  readonly status: Enablement
  /** SHA-256 of the secret in use. */
  readonly secretHash: Uint8Array
  readonly secretCreatedAt: number
  /** SHA-256 of the secret before it, good until `previousGoodUntil`. */
  readonly previousSecretHash: Uint8Array | null
  readonly previousGoodUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** Programs that may ask about tokens. */
export interface ServiceStore {
  /** All services, or those named. Ordered by id. */
  load(ids?: readonly string[]): Promise<ServiceRecord[]>
  add(service: ServiceRecord, event: EventInput): Promise<'added' | 'exists'>
  /** False when there is no such service. */
  setStatus(id: string, status: Enablement, now: number, event: EventInput): Promise<boolean>
  /** The secret in use becomes the previous one; the one before that is forgotten. False when there is no such service. */
  rotateSecret(
    id: string,
    rotation: { secretHash: Uint8Array; now: number; previousGoodUntil: number },
    event: EventInput,
  ): Promise<boolean>
}

export interface CatalogueGame {
  readonly gameId: string
  /** Language to name. */
  readonly names: Readonly<Record<string, string>>
}

export interface CatalogueTable {
  readonly gameId: string
  /** `inst_id`: the tableId of `game_code`. */
  readonly instId: string
  readonly names: Readonly<Record<string, string>>
  readonly status: 0 | 1
}

/** Identified by currency, game and ID together. Amounts are in the currency's unit, both ends inclusive, decimal text. */
export interface CatalogueLimit {
  readonly redId: string
  readonly gameId: string
  readonly currency: string
  readonly minLimit: string
  readonly maxLimit: string
  /** The platform's order, ascending. */
  readonly seq: number
  readonly status: 0 | 1
}

export interface Catalogue {
  readonly games: readonly CatalogueGame[]
  readonly tables: readonly CatalogueTable[]
  readonly limits: readonly CatalogueLimit[]
}

export interface CatalogueStore {
  load(): Promise<Catalogue>
  replace(catalogue: Catalogue, event: EventInput): Promise<void>
}
