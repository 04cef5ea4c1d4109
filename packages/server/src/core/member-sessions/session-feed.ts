import { GatewayError } from '@lobbykey/contract'
import type { ChangeStore, MemberSession, MemberSessionStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { ChangeFeed } from '../records/change-feed.ts'
import { isLiveSession } from './lobby-entry.ts'

/** Interval of heartbeats to followers, ms. */
const heartbeatMs = 10_000
const tickMs = 1_000
/** The store keeps changes for an hour; followers away for longer than this must check all their sessions. */
const resumeMsMax = 50 * 60_000
const batchMax = 1_000
/** Most ends that are replayed to a returning follower; beyond that it must check all its sessions. */
const endedMax = 500
const changedMax = 10_000
/** Limits per session and per service, so that none uses up the room of others. */
const pagesPerSessionMax = 20
const streamsPerServiceMax = 20

/** A follower's position in the feed: everything before it was delivered. */
export interface FeedPosition {
  readonly seq: number
  /** When, ms. */
  readonly at: number
}

export interface Follower {
  /** A session ended early. The position is before it: a follower that resumes there gets it again (delivery is at least once). */
  ended(session: MemberSession, position: FeedPosition): void
  /** Events may be missing: check all sessions. */
  reset(position: FeedPosition): void
  heartbeat(position: FeedPosition): void
  /** The server is shutting down, or can no longer deliver in time. */
  closed(): void
}

/** A registered service, which follows all sessions. */
export interface ServiceFollower extends Follower {
  readonly serviceId: string
  /** Checked every second; a disabled service gets no more events. */
  isWelcome(): boolean
}

/** A lobby page, which follows one session. */
export interface SessionFollower extends Follower {
  readonly session: MemberSession
  /** The session was renewed by another login, or its member's status was set. */
  changed(): void
}

export interface SessionFeedOptions {
  readonly changes: Pick<ChangeFeed, 'seq' | 'assertFresh'>
  readonly log: Pick<ChangeStore, 'since' | 'latestSeq'>
  readonly sessions: Pick<MemberSessionStore, 'findMany'>
  readonly clock: Clock
  /** Followers of single sessions, and followers of all, each. */
  readonly pagesMax?: number
  readonly servicesMax?: number
}

/**
 * Publishes ends of sessions from the change feed: all of them to services, its own to a lobby page. Reads rows only while there are
 * followers.
 */
export class SessionFeed {
  readonly #options: SessionFeedOptions
  readonly #services = new Set<ServiceFollower>()
  /** By token hash in hex. */
  readonly #pages = new Map<string, Set<SessionFollower>>()
  #pageCount = 0
  #timer: NodeJS.Timeout | null = null
  #beatAt = 0
  #isClosed = false

  constructor(options: SessionFeedOptions) {
    this.#options = options
  }

  get position(): FeedPosition {
    return { seq: this.#options.changes.seq, at: this.#options.clock.now() }
  }

  /** Follows every session. @returns stops following. @throws GatewayError overloaded */
  follow(follower: ServiceFollower): () => void {
    this.#admit(this.#services.size, this.#options.servicesMax ?? 100)
    const own = [...this.#services].filter(({ serviceId }) => serviceId === follower.serviceId)
    this.#admit(own.length, streamsPerServiceMax)
    this.#services.add(follower)
    return () => this.#services.delete(follower)
  }

  /** Follows one session. @returns stops following. @throws GatewayError overloaded */
  followSession(follower: SessionFollower): () => void {
    this.#admit(this.#pageCount, this.#options.pagesMax ?? 10_000)
    const key = keyOf(follower.session)
    const pages = this.#pages.get(key) ?? new Set()
    this.#admit(pages.size, pagesPerSessionMax)
    this.#pages.set(key, pages.add(follower))
    this.#pageCount++
    return () => {
      if (!pages.delete(follower)) return
      this.#pageCount--
      if (pages.size === 0) this.#pages.delete(key)
    }
  }

  /** The sessions ended since a position; null if it is too old or there are too many. @throws GatewayError store_unavailable */
  async endedSince({ seq, at }: FeedPosition): Promise<MemberSession[] | null> {
    const { log, clock } = this.#options
    // After a restored backup the sequence is behind what was delivered.
    if (clock.now() - at > resumeMsMax || seq > (await log.latestSeq())) return null
    const keys = new Set<string>()
    for (let after = seq; ; ) {
      const changes = await log.since(after, batchMax)
      for (const { topic, subject } of changes) {
        // Earlier events may no longer be true.
        if (topic === 'store') return null
        if (topic === 'member-session') keys.add(subject)
      }
      if (keys.size > changedMax) return null
      const last = changes.at(-1)
      if (last === undefined || changes.length < batchMax) break
      after = last.seq
    }
    const ended = (await this.#read([...keys])).filter(({ endedAt }) => endedAt !== null)
    return ended.length > endedMax ? null : ended
  }

  /** Handler of the change topic `member-session`. */
  async sessionsChanged(keys: readonly string[]): Promise<void> {
    const { position } = this
    if (keys.includes('*')) {
      for (const follower of this.#all()) follower.reset(position)
      return
    }
    const wanted = this.#services.size > 0 ? keys : keys.filter((key) => this.#pages.has(key))
    for (const session of await this.#read(wanted)) {
      const pages = [...(this.#pages.get(keyOf(session)) ?? [])]
      if (session.endedAt === null) {
        for (const page of pages) page.changed()
      } else {
        for (const follower of [...pages, ...this.#services]) follower.ended(session, position)
      }
    }
  }

  /** Handler of the change topic `member`. */
  async membersChanged(members: readonly string[]): Promise<void> {
    const changed = new Set(members)
    for (const pages of this.#pages.values()) {
      for (const page of [...pages]) if (changed.has(`${page.session.agentId}:${page.session.userId}`)) page.changed()
    }
  }

  start(): void {
    this.#timer = setInterval(() => void this.#tick(), tickMs).unref()
  }

  /** Closes every follower and accepts no new ones. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#isClosed = true
    for (const follower of this.#all()) follower.closed()
  }

  async #tick(): Promise<void> {
    const { changes, clock } = this.#options
    try {
      await changes.assertFresh()
    } catch {
      // Silence must not look like "nothing has ended". Pages only display; they stay and learn of it late.
      for (const service of [...this.#services]) service.closed()
      return
    }
    for (const service of [...this.#services]) if (!service.isWelcome()) service.closed()
    const now = clock.now()
    for (const pages of [...this.#pages.values()]) {
      for (const page of [...pages]) if (!isLiveSession(page.session, now)) page.ended(page.session, this.position)
    }
    // A clock that had run ahead and was set right must not silence the beat until that time is reached.
    if (now < this.#beatAt && this.#beatAt <= now + heartbeatMs) return
    this.#beatAt = now + heartbeatMs
    for (const follower of this.#all()) follower.heartbeat(this.position)
  }

  #read(keys: readonly string[]): Promise<MemberSession[]> | MemberSession[] {
    return keys.length === 0 ? [] : this.#options.sessions.findMany(keys.map((key) => Buffer.from(key, 'hex')))
  }

  #all(): Follower[] {
    return [...this.#services, ...[...this.#pages.values()].flatMap((pages) => [...pages])]
  }

  #admit(count: number, max: number): void {
    if (this.#isClosed || count >= max) throw new GatewayError('overloaded', { retryAfterMs: 5_000 })
  }
}

function keyOf({ tokenHash }: MemberSession): string {
  return Buffer.from(tokenHash).toString('hex')
}
