import { GatewayError, type MemberStatus, memberFieldSchemas, printable, unlockedStatus, verifyField } from '@lobbykey/contract'
import type { EventInput, EventOrigin, MemberRecord, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { difference } from '../base/difference.ts'
import { getMerchant } from '../merchants/merchant-admin.ts'

/** Retries of a change when others change the same member concurrently. */
const changeTriesMax = 5

/** What a page of members holds. */
export interface MemberFilter {
  readonly limit: number
  readonly afterUserId?: string | undefined
  /** How the user ID begins. */
  readonly prefix?: string | undefined
  readonly status?: MemberStatus | undefined
}

export interface MemberAdminOptions {
  readonly store: Pick<Store, 'merchants' | 'members' | 'memberSessions' | 'events'>
  readonly clock: Clock
  readonly origin: EventOrigin
  /** Why members are viewed, where it was said. */
  readonly purpose?: string | undefined
}

/** What an operator may do with a merchant's members; the member API's own calls are `member-lifecycle`. */
export class MemberAdmin {
  readonly #options: MemberAdminOptions

  constructor(options: MemberAdminOptions) {
    this.#options = options
  }

  /** @throws GatewayError invalid_parameter, merchant_not_found, member_exists */
  async add(agentId: string, userId: string, profile: { userName?: string; desc?: string } = {}): Promise<MemberRecord> {
    const { store, clock } = this.#options
    const { userName = userId, desc = '' } = profile
    verifyField('user_id', memberFieldSchemas.userId, userId)
    verifyField('user_name', memberFieldSchemas.userName, userName)
    if (desc !== '') verifyField('desc', memberFieldSchemas.desc, desc)
    await getMerchant(store.merchants, agentId)
    const now = clock.now()
    const member = { agentId, userId, userName, desc, status: unlockedStatus, createdAt: now, updatedAt: now } as const
    const outcome = await store.members.create(member, null, this.#event('member.created', agentId, userId))
    if (outcome === 'exists') throw new GatewayError('member_exists', { message: `merchant ${agentId} has a member ${userId} already` })
    return member
  }

  /** @throws GatewayError member_not_found, merchant_not_found */
  async get(agentId: string, userId: string): Promise<MemberRecord> {
    const { store } = this.#options
    const member = await store.members.find(agentId, userId)
    if (member !== null) return member
    await getMerchant(store.merchants, agentId)
    throw memberNotFound(agentId, userId)
  }

  /**
   * Changes the given fields. The event names them without values, so that a member can be erased.
   * @param expectedUpdatedAt when it was changed last by what the caller has read; null: whatever it is now
   * @throws GatewayError invalid_parameter, member_not_found, changed_meanwhile
   */
  async update(
    agentId: string,
    userId: string,
    profile: { readonly userName?: string; readonly desc?: string },
    expectedUpdatedAt: number | null = null,
  ): Promise<MemberRecord> {
    const { userName, desc } = profile
    if (userName !== undefined) verifyField('user_name', memberFieldSchemas.userName, userName)
    if (desc !== undefined && desc !== '') verifyField('desc', memberFieldSchemas.desc, desc)
    const changed = [...(userName === undefined ? [] : ['user_name']), ...(desc === undefined ? [] : ['desc'])]
    if (changed.length === 0) throw new GatewayError('invalid_parameter', { message: 'name at least one field to change' })
    const details = () => ({ changed })
    return this.#change(agentId, userId, { ...profile }, { kind: 'member.updated', details, expectedUpdatedAt })
  }

  /** A status that refuses logins also ends the member's sessions. @throws GatewayError member_not_found */
  async setStatus(agentId: string, userId: string, status: MemberStatus): Promise<void> {
    const kind = status === unlockedStatus ? 'member.unlocked' : 'member.locked'
    const details = (before: MemberRecord) => difference<{ status: MemberStatus }>({ status: before.status }, { status })
    await this.#change(agentId, userId, { status }, { kind, details, expectedUpdatedAt: null })
  }

  /** Ends the member's sessions; one without any is a success. @throws GatewayError member_not_found */
  async logout(agentId: string, userId: string): Promise<void> {
    const { store, clock } = this.#options
    const end = { agentId, userId, reason: 'kick', now: clock.now() } as const
    const outcome = await store.memberSessions.endByMember(end, null, this.#event('member.logged_out', agentId, userId))
    if (outcome === 'not-found') throw memberNotFound(agentId, userId)
  }

  /**
   * Removes the personal data of a member or guest from the store (MemberStore.erase). Events keep only the user_id, the merchant's own name
   * for the member. @throws GatewayError member_not_found
   */
  async erase(agentId: string, userId: string): Promise<void> {
    const { store, clock } = this.#options
    const outcome = await store.members.erase({ agentId, userId, now: clock.now() }, this.#event('member.erased', agentId, userId))
    if (outcome === 'not-found') throw memberNotFound(agentId, userId)
  }

  /** Ordered by user ID. @throws GatewayError merchant_not_found */
  async list(agentId: string, page: MemberFilter): Promise<MemberRecord[]> {
    const { store } = this.#options
    await getMerchant(store.merchants, agentId)
    return store.members.list(agentId, page)
  }

  /** Those whose name starts so, by name and user ID. @throws GatewayError merchant_not_found */
  async listByName(
    agentId: string,
    page: { readonly prefix: string; readonly limit: number; readonly after?: Pick<MemberRecord, 'userName' | 'userId'> | undefined },
  ): Promise<MemberRecord[]> {
    const { store } = this.#options
    await getMerchant(store.merchants, agentId)
    return store.members.listByName(agentId, page)
  }

  /** Records that an operator viewed one member, or some of a merchant's. */
  async noteView(agentId: string, userId: string | undefined, details: Readonly<Record<string, unknown>>): Promise<void> {
    const { store, purpose } = this.#options
    const said = purpose === undefined ? details : { ...details, purpose }
    await store.events.append([{ ...this.#event('member.viewed', agentId, userId), details: said }])
  }

  async #change(
    agentId: string,
    userId: string,
    changes: Partial<Pick<MemberRecord, 'userName' | 'desc' | 'status'>>,
    about: {
      readonly kind: string
      readonly details: (before: MemberRecord) => Record<string, unknown>
      readonly expectedUpdatedAt: number | null
    },
  ): Promise<MemberRecord> {
    const { store, clock } = this.#options
    for (let tries = 1; ; tries++) {
      const before = await this.get(agentId, userId)
      const after = { ...before, ...changes, updatedAt: Math.max(clock.now(), before.updatedAt + 1) }
      const event = this.#event(about.kind, agentId, userId, about.details(before))
      const outcome = await store.members.replace(after, about.expectedUpdatedAt ?? before.updatedAt, event)
      if (outcome === 'replaced') return after
      if (outcome === 'not-found') throw memberNotFound(agentId, userId)
      if (about.expectedUpdatedAt !== null || tries === changeTriesMax) {
        throw new GatewayError('changed_meanwhile', { message: `member ${printable(userId)} was changed meanwhile` })
      }
    }
  }

  #event(kind: string, agentId: string, subject: string | undefined, details?: Record<string, unknown>): EventInput {
    return { at: this.#options.clock.now(), kind, ...this.#options.origin, agentId, subject, details }
  }
}

export function memberNotFound(agentId: string, userId: string): GatewayError {
  return new GatewayError('member_not_found', { message: `merchant ${printable(agentId)} has no member ${printable(userId)}` })
}
