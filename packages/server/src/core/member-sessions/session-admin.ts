import type { EventInput, EventOrigin, MemberSession, SessionCount, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { CatalogueDirectory } from '../catalogue/catalogue-directory.ts'
import { memberNotFound } from '../members/member-admin.ts'
import { getMerchant } from '../merchants/merchant-admin.ts'

/** Sessions ended in one transaction, so that none holds its locks for long. */
const kickBatchMax = 500

/** One member or guest, a whole merchant, or everybody. */
export type KickScope = { readonly agentId?: string | undefined; readonly userId?: string | undefined }

export interface Kick {
  readonly ended: number
  /** Those of them that a lobby had let in: their ends may be acknowledged. */
  readonly open: readonly Uint8Array[]
}

/** Who is online at a merchant. */
export interface OnlineSummary {
  readonly agentId: string
  readonly sessions: number
  /** Members and guests in them. */
  readonly users: number
  readonly byPlatform: Readonly<Record<string, number>>
  readonly byCurrency: Readonly<Record<string, number>>
  /** By game ID; `lobby` for those that are in none. */
  readonly byGame: Readonly<Record<string, number>>
}

export interface SessionAdminOptions {
  readonly store: Pick<Store, 'merchants' | 'members' | 'memberSessions' | 'catalogue'>
  readonly clock: Clock
  readonly origin: EventOrigin
}

/** What an operator may see of sessions, and end. An end reaches every lobby and service within a second. */
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
    if (userId !== undefined && kick.ended === 0 && (await store.members.find(agentId, userId)) === null) {
      throw memberNotFound(agentId, userId)
    }
    return kick
  }

  /** How many of these ends a lobby has shown to whoever was in it. */
  async countAcknowledged(tokenHashes: readonly Uint8Array[]): Promise<number> {
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

  /** Every merchant, by ID. */
  async summarizeAll(): Promise<OnlineSummary[]> {
    return this.#summarize((await this.#options.store.merchants.load()).map(({ agentId }) => agentId))
  }

  /** Live sessions by user ID. @throws GatewayError merchant_not_found */
  async list(agentId: string, page: { limit: number; afterUserId?: string | undefined }): Promise<MemberSession[]> {
    const { store, clock } = this.#options
    await getMerchant(store.merchants, agentId)
    const after = page.afterUserId === undefined ? undefined : { userId: page.afterUserId, tokenHash: lastHash }
    return store.memberSessions.listOnline(agentId, { now: clock.now(), limit: page.limit, after })
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
    const catalogue = new CatalogueDirectory({ store: store.catalogue })
    await catalogue.reload()
    const summaries = []
    for (const agentId of agentIds) {
      const { users, sorts } = await store.memberSessions.countOnline(agentId, clock.now())
      summaries.push({
        agentId,
        sessions: sorts.reduce((sum, { count }) => sum + count, 0),
        users,
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

function countBy(sorts: readonly SessionCount[], keyOf: (sort: SessionCount) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const sort of sorts) counts[keyOf(sort)] = (counts[keyOf(sort)] ?? 0) + sort.count
  return counts
}
