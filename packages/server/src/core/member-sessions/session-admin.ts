import { setTimeout as wait } from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import { onlineCountedMax } from '@lobbykey/contract/admin'
import type { EventInput, EventOrigin, MemberSession, MerchantFilter, SessionCount, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { CatalogueDirectory } from '../catalogue/catalogue-directory.ts'
import { memberNotFound } from '../members/member-admin.ts'
import { getMerchant } from '../merchants/merchant-admin.ts'
import { readSessionId, sessionIdOf } from './session-id.ts'

/** Sessions ended per transaction, to keep locks short. */
const kickBatchMax = 500
/** How often acknowledgements are polled, ms. */
const askEveryMs = 100

/** One member or guest, a whole merchant, or everyone. */
export type KickScope = { readonly agentId?: string | undefined; readonly userId?: string | undefined }

export interface Kick {
  readonly ended: number
  /** Those that had entered a lobby, whose ends may be acknowledged. */
  readonly open: readonly Uint8Array[]
}

/** Who is online at a merchant. */
export interface OnlineSummary {
  readonly agentId: string
  readonly sessions: number
  /** Members and guests in them. */
  readonly users: number
  /** Whether all sessions were counted; `onlineCountedMax`. */
  readonly isComplete: boolean
  readonly byPlatform: Readonly<Record<string, number>>
  readonly byCurrency: Readonly<Record<string, number>>
  /** By game ID; `lobby` for those in no game. */
  readonly byGame: Readonly<Record<string, number>>
}

export interface SessionPage {
  readonly limit: number
  /** Only of this member or guest. */
  readonly userId?: string | undefined
  readonly afterUserId?: string | undefined
  /** With `afterUserId`, whose session it is. */
  readonly afterSessionId?: string | undefined
}

export interface SessionAdminOptions {
  readonly store: Pick<Store, 'merchants' | 'members' | 'memberSessions' | 'catalogue'>
  readonly clock: Clock
  readonly origin: EventOrigin
}

/** Operators' view of sessions. Ends reach every lobby and service within a second. */
export class SessionAdmin {
  readonly #options: SessionAdminOptions

  constructor(options: SessionAdminOptions) {
    this.#options = options
  }

  /** Ends live sessions; none is a success. @throws GatewayError merchant_not_found, member_not_found */
  async kick({ agentId, userId }: KickScope): Promise<Kick> {
    const { store } = this.#options
    if (agentId === undefined) return this.#kickEverybody()
    await getMerchant(store.merchants, agentId)
    const kick = await this.#kickAt(agentId, userId)
    if (userId !== undefined && kick.ended === 0) await this.#verifyMember(agentId, userId)
    return kick
  }

  /** How many sessions such a kick would end. @throws GatewayError merchant_not_found, member_not_found */
  async countLive({ agentId, userId }: KickScope): Promise<number> {
    const { store, clock } = this.#options
    if (agentId === undefined) {
      const merchants = await store.merchants.load()
      const counts = await store.memberSessions.countOnline(
        merchants.map((merchant) => merchant.agentId),
        clock.now(),
      )
      return sumOf(counts)
    }
    if (userId === undefined) {
      await getMerchant(store.merchants, agentId)
      return sumOf(await store.memberSessions.countOnline([agentId], clock.now()))
    }
    const live = await store.memberSessions.listLive(agentId, userId, clock.now())
    if (live.length === 0) await this.#verifyMember(agentId, userId)
    return live.length
  }

  /** How many of these ends were shown by lobbies; polls until all are or the time is over. */
  async awaitAcknowledgements(open: readonly Uint8Array[], seconds: number): Promise<number> {
    if (open.length === 0) return 0
    for (let waitedMs = 0; ; waitedMs += askEveryMs) {
      const acknowledged = await this.#countAcknowledged(open)
      if (acknowledged === open.length || waitedMs >= seconds * 1_000) return acknowledged
      await wait(askEveryMs)
    }
  }

  /** Also an ended one, while its row exists. @throws GatewayError not_found */
  async get(agentId: string, sessionId: string): Promise<MemberSession> {
    const named = readSessionId(sessionId)
    const session = named === null ? null : await this.#options.store.memberSessions.find(named.tokenHash)
    if (session === null || session.agentId !== agentId || session.createdAt !== named?.createdAt) {
      throw new GatewayError('not_found', { message: `merchant ${agentId} has no session ${sessionId}` })
    }
    return session
  }

  /** Ends one session; null if it had already ended. @throws GatewayError not_found */
  async end(agentId: string, sessionId: string): Promise<MemberSession | null> {
    const { store, clock } = this.#options
    const session = await this.get(agentId, sessionId)
    const event = { ...this.#event(agentId, session.userId), details: { sessionId: sessionIdOf(session) } }
    return store.memberSessions.endOne(session, { reason: 'kick', now: clock.now() }, event)
  }

  async #countAcknowledged(tokenHashes: readonly Uint8Array[]): Promise<number> {
    const sessions = await this.#options.store.memberSessions.findMany(tokenHashes)
    return sessions.filter(({ endedAt, endAcknowledgedAt }) => (endAcknowledgedAt ?? -1) >= (endedAt ?? 0)).length
  }

  /** @throws GatewayError merchant_not_found */
  async summarize(agentId: string): Promise<OnlineSummary> {
    const { store } = this.#options
    await getMerchant(store.merchants, agentId)
    const [summary] = await this.#summarize([agentId])
    if (summary === undefined) throw new TypeError('one merchant has one summary')
    return summary
  }

  /** Merchants by ID. */
  async summarizeMany(page: MerchantFilter): Promise<OnlineSummary[]> {
    return this.#summarize((await this.#options.store.merchants.list(page)).map(({ agentId }) => agentId))
  }

  /** All live sessions, of these merchants or all. */
  async countAll(agentIds: readonly string[] | null): Promise<{ readonly sessions: number; readonly isComplete: boolean }> {
    const { store, clock } = this.#options
    return store.memberSessions.countAllOnline(agentIds, clock.now(), onlineCountedMax)
  }

  /** Live sessions by user ID, after a session or after all of a member's. @throws GatewayError merchant_not_found */
  async list(agentId: string, page: SessionPage): Promise<MemberSession[]> {
    const { store, clock } = this.#options
    const { limit, userId, afterSessionId, afterUserId } = page
    await getMerchant(store.merchants, agentId)
    const last = afterSessionId === undefined ? null : readSessionId(afterSessionId)
    const after = afterUserId === undefined ? undefined : { userId: afterUserId, tokenHash: last?.tokenHash ?? lastHash }
    return store.memberSessions.listOnline(agentId, { now: clock.now(), limit, userId, after })
  }

  /** @throws GatewayError merchant_not_found, member_not_found */
  async #verifyMember(agentId: string, userId: string): Promise<void> {
    const { store } = this.#options
    await getMerchant(store.merchants, agentId)
    if ((await store.members.find(agentId, userId)) === null) throw memberNotFound(agentId, userId)
  }

  async #kickEverybody(): Promise<Kick> {
    const kicks: Kick[] = []
    for (const { agentId } of await this.#options.store.merchants.load()) kicks.push(await this.#kickAt(agentId))
    return { ended: kicks.reduce((sum, { ended }) => sum + ended, 0), open: kicks.flatMap(({ open }) => open) }
  }

  async #kickAt(agentId: string, userId?: string): Promise<Kick> {
    const { store, clock } = this.#options
    const open: Uint8Array[] = []
    let count = 0
    let fromUserId: string | undefined
    for (;;) {
      const end = { reason: 'kick', now: clock.now(), limit: kickBatchMax } as const
      const ended = await store.memberSessions.endLive({ agentId, userId, fromUserId }, end, this.#event(agentId, userId))
      count += ended.length
      for (const { enteredAt, tokenHash } of ended) if (enteredAt !== null) open.push(tokenHash)
      if (ended.length < kickBatchMax) return { ended: count, open }
      fromUserId = ended
        .map((session) => session.userId)
        .sort()
        .at(-1)
    }
  }

  async #summarize(agentIds: readonly string[]): Promise<OnlineSummary[]> {
    const { store, clock } = this.#options
    const counts = await store.memberSessions.countOnline(agentIds, clock.now(), onlineCountedMax)
    const catalogue = new CatalogueDirectory({ store: store.catalogue })
    await catalogue.loadFor(counts.flatMap(({ sorts }) => sorts.map(({ gameCode }) => gameCode)))
    const summaries = []
    for (const { agentId, users, sorts, isComplete } of counts) {
      summaries.push({
        agentId,
        sessions: sumOf([{ sorts }]),
        users,
        isComplete,
        byPlatform: countBy(sorts, ({ platform }) => platform),
        byCurrency: countBy(sorts, ({ currency }) => currency),
        byGame: countBy(sorts, ({ gameCode }) => {
          const target = catalogue.resolveGame(gameCode)
          return target.kind === 'lobby' ? 'lobby' : target.game.gameId
        }),
      })
    }
    return summaries
  }

  #event(agentId: string, userId: string | undefined): EventInput {
    const { clock, origin } = this.#options
    return { at: clock.now(), kind: 'member.kicked', ...origin, agentId, subject: userId }
  }
}

/** Sorts after every token hash. */
const lastHash = new Uint8Array(16).fill(255)

function sumOf(counts: readonly { readonly sorts: readonly SessionCount[] }[]): number {
  return counts.reduce((sum, { sorts }) => sum + sorts.reduce((sessions, { count }) => sessions + count, 0), 0)
}

function countBy(sorts: readonly SessionCount[], keyOf: (sort: SessionCount) => string): Record<string, number> {
  const counts = new Map<string, number>()
  for (const sort of sorts) counts.set(keyOf(sort), (counts.get(keyOf(sort)) ?? 0) + sort.count)
  return Object.fromEntries(counts)
}
