import { GatewayError, type MemberStatus, memberFieldSchemas, printable, unlockedStatus, verifyField } from '@lobbykey/contract'
import type { EventInput, EventOrigin, MemberRecord, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { getMerchant } from '../merchants/merchant-admin.ts'

export interface MemberAdminOptions {
  readonly store: Pick<Store, 'merchants' | 'members' | 'memberSessions'>
  readonly clock: Clock
  readonly origin: EventOrigin
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

  /** A status that refuses logins also ends the member's sessions. @throws GatewayError member_not_found */
  async setStatus(agentId: string, userId: string, status: MemberStatus): Promise<void> {
    const { store, clock } = this.#options
    const kind = status === unlockedStatus ? 'member.unlocked' : 'member.locked'
    const change = { agentId, userId, status, now: clock.now() }
    const outcome = await store.members.setStatus(change, null, this.#event(kind, agentId, userId, { status }))
    if (outcome === 'not-found') throw memberNotFound(agentId, userId)
  }

  /** Ends the member's sessions; one without any is a success. @throws GatewayError member_not_found */
  async logout(agentId: string, userId: string): Promise<void> {
    const { store, clock } = this.#options
    const end = { agentId, userId, reason: 'kick', now: clock.now() } as const
    const outcome = await store.memberSessions.endByMember(end, null, this.#event('member.logged_out', agentId, userId))
    if (outcome === 'not-found') throw memberNotFound(agentId, userId)
  }

  /**
   * Takes the personal data of a member or guest out of the store (MemberStore.erase). Events keep the user_id, the merchant's own name for
   * the member, and nothing else of it. @throws GatewayError member_not_found
   */
  async erase(agentId: string, userId: string): Promise<void> {
    const { store, clock } = this.#options
    const outcome = await store.members.erase({ agentId, userId, now: clock.now() }, this.#event('member.erased', agentId, userId))
    if (outcome === 'not-found') throw memberNotFound(agentId, userId)
  }

  /** Ordered by user ID. @throws GatewayError merchant_not_found */
  async list(agentId: string, page: { afterUserId?: string; limit: number }): Promise<MemberRecord[]> {
    const { store } = this.#options
    await getMerchant(store.merchants, agentId)
    return store.members.list(agentId, page)
  }

  #event(kind: string, agentId: string, subject: string, details?: Record<string, unknown>): EventInput {
    return { at: this.#options.clock.now(), kind, ...this.#options.origin, agentId, subject, details }
  }
}

export function memberNotFound(agentId: string, userId: string): GatewayError {
  return new GatewayError('member_not_found', { message: `merchant ${printable(agentId)} has no member ${printable(userId)}` })
}
