import type { Platform, SigningProfile } from '@lobbykey/contract'
import type { Enablement } from './enablement.ts'
import type { EventInput } from './event-store.ts'
import type { Label, Labels } from './labels.ts'

export interface MerchantStore {
  /** All merchants, or the given ones, by agentId. */
  load(agentIds?: readonly string[]): Promise<MerchantWithKeys[]>
  /** Those changed last, of all or of the given ones, newest first. */
  loadLatest(limit: number, agentIds?: readonly string[]): Promise<MerchantWithKeys[]>
  /** A page by agentId. */
  list(filter: MerchantFilter): Promise<MerchantWithKeys[]>
  add(merchant: MerchantRecord, key: MerchantKeyRecord, event: EventInput): Promise<'added' | 'exists'>
  /** Replaces status and settings if the record was last changed at `expectedUpdatedAt`. */
  update(
    merchant: Pick<MerchantRecord, 'agentId' | 'status' | 'settings' | 'updatedAt'>,
    expectedUpdatedAt: number,
    event: EventInput,
  ): Promise<'updated' | 'not-found' | 'changed'>
  /**
   * Removes a merchant that has no members or sessions and whose keys never verified a request.
   *
   * @param againSince as of `ServiceStore.remove`
   */
  remove(agentId: string, event: EventInput, againSince?: number): Promise<'removed' | 'not-found' | 'used'>
  /** At most `activeMax` keys are active at a time. */
  addKey(key: MerchantKeyRecord, activeMax: number, event: EventInput): Promise<'added' | 'not-found' | 'too-many'>
  /**
   * Never retires the last active key.
   *
   * @param verify gets the merchant's keys while nobody else can change them; when it throws, so does this, and nothing is retired
   */
  retireKey(
    agentId: string,
    keyId: string,
    now: number,
    event: EventInput,
    verify?: (keys: readonly MerchantKeyRecord[]) => void,
  ): Promise<'retired' | 'not-found' | 'last-key'>
  /**
   * Rewrites what a store that went back has lost: missing merchants and keys, newer settings and statuses, and retirements of keys, but nothing that was
   * removed since; returns the number of merchants changed.
   */
  restore(merchants: readonly MerchantWithKeys[], now: number): Promise<number>
  /** Records when keys were last used, unless a later time is recorded. No change row, since no cache holds it. */
  noteKeyUses(uses: readonly KeyUse[]): Promise<void>
}

export interface MerchantFilter {
  readonly limit: number
  readonly afterAgentId?: string | undefined
  /** Prefix of the ID. */
  readonly prefix?: string | undefined
  readonly status?: Enablement | undefined
  readonly label?: Label | undefined
  /** Only those whose clock is off by more, ms. */
  readonly clockOffBy?: number | undefined
  /** Only those with a key, unused since then, beside a newer one in use. */
  readonly oldKeyUnusedSince?: number | undefined
  /** Only these. */
  readonly agentIds?: readonly string[] | undefined
}

export interface MerchantSettings extends SigningProfile {
  readonly currencies: readonly string[]
  /** Addresses and CIDR blocks, IPv4 and IPv6. Empty refuses everyone. */
  readonly allow: readonly string[]
  readonly callbackOrigins: readonly string[]
  /** Absolute URL of the lobby; null: the server's own lobby page. */
  readonly lobbyUrl: string | null
  /** A platform's own lobby, in place of `lobbyUrl`; null: none. */
  readonly lobbyUrls: Readonly<Record<Platform, string | null>>
  /** What opens the lobby: the session's token, or a one-time ticket. */
  readonly launch: 'token' | 'ticket'
  readonly sessions: SessionPolicy
  /** Requests per second; 0 for no limit; null: the server's default. */
  readonly ratePerSecond: number | null
  readonly autoCreateMembers: boolean
  /** Origins whose pages may frame the lobby. */
  readonly frameAncestors: readonly string[]
  readonly labels: Labels
}

/** What a login does about the member's other live sessions: keeps them, ends them, or is refused. */
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
  /** The key, encrypted under the master key with associated data `merchant-key:<agentId>:<id>`. */
  readonly sealed: Uint8Array
  readonly createdAt: number
  readonly retiredAt: number | null
  /** When it last verified a request, accurate to a few minutes; null: never. */
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
