import type { Platform, SigningProfile } from '@lobbykey/contract'
import type { Enablement } from './enablement.ts'
import type { EventInput } from './event-store.ts'
import type { Label, Labels } from './labels.ts'

export interface MerchantStore {
  /** All merchants, or those named. Ordered by agentId. */
  load(agentIds?: readonly string[]): Promise<MerchantWithKeys[]>
  /** A page by agentId. */
  list(filter: MerchantFilter): Promise<MerchantWithKeys[]>
  add(merchant: MerchantRecord, key: MerchantKeyRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Replaces status and settings whole, if they are still those of `expectedUpdatedAt`. */
  update(
    merchant: Pick<MerchantRecord, 'agentId' | 'status' | 'settings' | 'updatedAt'>,
    expectedUpdatedAt: number,
    event: EventInput,
  ): Promise<'updated' | 'not-found' | 'changed'>
  /** Removes a merchant that has no member and no session and whose keys never verified a request. */
  remove(agentId: string, event: EventInput): Promise<'removed' | 'not-found' | 'used'>
  /** At most `activeMax` keys are active at once. */
  addKey(key: MerchantKeyRecord, activeMax: number, event: EventInput): Promise<'added' | 'not-found' | 'too-many'>
  /**
   * Never retires the last active key.
   *
   * @param verify sees the merchant's keys as they are when nobody else can change them; what it throws, this throws, and nothing is retired
   */
  retireKey(
    agentId: string,
    keyId: string,
    now: number,
    event: EventInput,
    verify?: (keys: readonly MerchantKeyRecord[]) => void,
  ): Promise<'retired' | 'not-found' | 'last-key'>
  /**
   * Writes again what a store that went back has lost: merchants and keys that are missing, newer settings and statuses, and that keys were retired; says of
   * how many merchants.
   */
  restore(merchants: readonly MerchantWithKeys[], now: number): Promise<number>
  /** Notes when keys were last used; a later note there stays. No change row: nobody needs to hear of it. */
  noteKeyUses(uses: readonly KeyUse[]): Promise<void>
}

export interface MerchantFilter {
  readonly limit: number
  readonly afterAgentId?: string | undefined
  /** How the ID begins. */
  readonly prefix?: string | undefined
  readonly status?: Enablement | undefined
  readonly label?: Label | undefined
  /** These alone. */
  readonly agentIds?: readonly string[] | undefined
}

export interface MerchantSettings extends SigningProfile {
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
  /** Origins whose pages may frame the lobby. */
  readonly frameAncestors: readonly string[]
  readonly labels: Labels
}

/** What a login does about the member's other live sessions: lets them be, ends them, or is refused because of them. */
export type SessionPolicy = 'many' | 'newest-wins' | 'refuse'

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
