import { loginRefusalOf } from '@lobbykey/contract'
import type { MemberSession, MemberSessionStore, MemberStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { CatalogueDirectory } from '../catalogue/catalogue-directory.ts'
import type { MerchantDirectory } from '../merchants/merchant-directory.ts'
import { isLiveSession } from './lobby-entry.ts'
import { type SessionFacts, sessionFacts } from './session-facts.ts'

export interface SessionDirectoryOptions {
  readonly sessions: Pick<MemberSessionStore, 'find'>
  readonly members: Pick<MemberStore, 'find'>
  readonly merchants: MerchantDirectory
  readonly catalogue: CatalogueDirectory
  readonly clock: Clock
  /** Cached sessions; those not requested again are dropped first. */
  readonly sessionsMax?: number
}

export type SessionLookup =
  | { readonly state: 'live'; readonly facts: SessionFacts }
  /** It existed, but has ended or expired, or its merchant is disabled. */
  | { readonly state: 'over' }
  | { readonly state: 'unknown' }

interface Entry {
  readonly facts: SessionFacts
  readonly member: MemberState
  /** The catalogue that the facts derive from. */
  readonly catalogue: CatalogueDirectory['catalogue']
  /** Since the last pass that made room. */
  wasAsked: boolean
}

type MemberState = { readonly userName: string; readonly status: string } | null

const over: SessionLookup = { state: 'over' }
const unknown: SessionLookup = { state: 'unknown' }

/**
 * Cache of requested live member sessions, following the change topics `member-session` (ended, renewed) and `member` (locked, unlocked,
 * erased). It is as fresh as the change feed: call its `assertFresh` first.
 */
export class SessionDirectory {
  readonly #options: SessionDirectoryOptions
  readonly #sessionsMax: number
  /** By token hash in hex; the first are dropped first. */
  readonly #entries = new Map<string, Entry>()
  /** `<agent_id>:<user_id>` to the keys of that member's sessions. */
  readonly #byMember = new Map<string, Set<string>>()
  /** Counts changes: a session read before a change must not be cached after it. */
  #version = 0

  constructor(options: SessionDirectoryOptions) {
    this.#options = options
    this.#sessionsMax = options.sessionsMax ?? 50_000
  }

  /** Answers at once from memory. @throws GatewayError store_unavailable (as a rejection) */
  find(tokenHash: Uint8Array): SessionLookup | Promise<SessionLookup> {
    const key = keyOf(tokenHash)
    const entry = this.#entries.get(key)
    if (entry === undefined) return this.#load(tokenHash, key)
    const { session } = entry.facts
    if (!isLiveSession(session, this.#options.clock.now())) {
      // Its token is free again, possibly for a later session.
      this.#forget(key)
      return this.#load(tokenHash, key)
    }
    if (this.#options.merchants.find(session.agentId) === null) return over
    entry.wasAsked = true
    return { state: 'live', facts: this.#current(key, entry).facts }
  }

  /** Handler of the change topic `member-session`. */
  async forgetSessions(keys: readonly string[]): Promise<void> {
    this.#version++
    if (keys.includes('*')) {
      this.#entries.clear()
      this.#byMember.clear()
    } else {
      for (const key of keys) this.#forget(key)
    }
  }

  /** Handler of the change topic `member`. */
  async forgetMembers(members: readonly string[]): Promise<void> {
    this.#version++
    // `*` comes for all topics at once, and the sessions' handler has cleared everything.
    for (const member of members) for (const key of [...(this.#byMember.get(member) ?? [])]) this.#forget(key)
  }

  async #load(tokenHash: Uint8Array, key: string): Promise<SessionLookup> {
    const { sessions, members, merchants, catalogue, clock } = this.#options
    const version = this.#version
    const session = await sessions.find(tokenHash)
    if (session === null) return unknown
    if (!isLiveSession(session, clock.now()) || merchants.find(session.agentId) === null) return over
    const member = session.kind === 'guest' ? null : await members.find(session.agentId, session.userId)
    // Erased or locked between the two reads.
    if (session.kind === 'member' && (member === null || loginRefusalOf(member.status) !== null)) return over
    const entry = { facts: sessionFacts(session, member, catalogue), member, catalogue: catalogue.catalogue, wasAsked: true }
    if (version === this.#version) this.#remember(key, entry)
    return { state: 'live', facts: entry.facts }
  }

  /** The entry under the catalogue of this moment. */
  #current(key: string, entry: Entry): Entry {
    const { catalogue } = this.#options
    if (entry.catalogue === catalogue.catalogue) return entry
    const current = { ...entry, facts: sessionFacts(entry.facts.session, entry.member, catalogue), catalogue: catalogue.catalogue }
    this.#entries.set(key, current)
    return current
  }

  #remember(key: string, entry: Entry): void {
    this.#entries.set(key, entry)
    const member = memberKeyOf(entry.facts.session)
    const keys = this.#byMember.get(member)
    if (keys === undefined) this.#byMember.set(member, new Set([key]))
    else keys.add(key)
    this.#makeRoom()
  }

  /**
   * Second-chance eviction: a request only sets a mark, and marked entries get another turn. A sixteenth leaves at once, since each pass over a Map
   * first skips what was deleted at its beginning.
   */
  #makeRoom(): void {
    if (this.#entries.size <= this.#sessionsMax) return
    const kept = this.#sessionsMax - (this.#sessionsMax >> 4)
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= kept) return
      if (entry.wasAsked) {
        entry.wasAsked = false
        this.#entries.delete(key)
        this.#entries.set(key, entry)
      } else {
        this.#forget(key)
      }
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    const member = memberKeyOf(entry.facts.session)
    const keys = this.#byMember.get(member)
    keys?.delete(key)
    if (keys?.size === 0) this.#byMember.delete(member)
  }
}

function keyOf(tokenHash: Uint8Array): string {
  return Buffer.from(tokenHash.buffer, tokenHash.byteOffset, tokenHash.byteLength).toString('hex')
}

function memberKeyOf({ agentId, userId }: MemberSession): string {
  return `${agentId}:${userId}`
}
