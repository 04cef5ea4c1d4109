import { defaultAlgorithm, GatewayError, memberFieldSchemas, parameterError, printable, verifyField, verifyNewId } from '@lobbykey/contract'
import type {
  Enablement,
  EventInput,
  EventOrigin,
  MerchantFilter,
  MerchantKeyRecord,
  MerchantSettings,
  MerchantStore,
  MerchantWithKeys,
} from '../../store/store.ts'
import { AddressList, parseBlock } from '../base/address-list.ts'
import type { Clock } from '../base/clock.ts'
import { difference } from '../base/difference.ts'
import { isLoopbackHost } from '../base/loopback-host.ts'
import { normalizeAddress } from '../base/network-address.ts'
import { randomAlphanumeric } from '../base/random.ts'
import type { Sealer } from '../base/sealer.ts'
import { keyRetirement } from './key-retirement.ts'
import { lobbyUrlNames } from './lobby-url.ts'
import { merchantKeyPurpose } from './merchant-directory.ts'
import { appLinkKey } from './verify-callback.ts'

/** Length of generated keys, and the minimum for imported ones (check 66: 16 of A-Z a-z 0-9 are 95 bits). */
const keyLength = 32
const importedKeyForm = /^[A-Za-z0-9]{16,128}$/
const activeKeysMax = 2
/** Retries of a change when others change the same merchant concurrently. */
const changeTriesMax = 5

export const defaultMerchantSettings: MerchantSettings = {
  currencies: [],
  allow: [],
  callbackOrigins: [],
  lobbyUrl: null,
  lobbyUrls: { ios: null, android: null, h5: null, web: null },
  launch: 'token',
  sessions: 'many',
  ratePerSecond: null,
  autoCreateMembers: false,
  algorithm: defaultAlgorithm,
  callback: 'unsigned',
  frameAncestors: [],
  labels: {},
}

/** Settings to change; lobby URLs are changed per platform. */
export type MerchantChanges = Partial<Omit<MerchantSettings, 'lobbyUrls'>> & {
  readonly lobbyUrls?: Partial<MerchantSettings['lobbyUrls']>
}

/** A key at the only moment when it is shown. */
export interface ShownKey {
  readonly keyId: string
  readonly key: string
}

export interface MerchantAdminOptions {
  readonly store: MerchantStore
  readonly sealer: Sealer
  readonly clock: Clock
  readonly origin: EventOrigin
}

/** Operators' changes to merchants. They reach every process within a second. */
export class MerchantAdmin {
  readonly #options: MerchantAdminOptions

  constructor(options: MerchantAdminOptions) {
    this.#options = options
  }

  /** By ID. */
  list(filter: MerchantFilter): Promise<MerchantWithKeys[]> {
    return this.#options.store.list(filter)
  }

  /** @throws GatewayError merchant_not_found */
  get(agentId: string): Promise<MerchantWithKeys> {
    return getMerchant(this.#options.store, agentId)
  }

  /** @throws GatewayError invalid_parameter, already_exists */
  async add(agentId: string, settings: MerchantChanges, importedKey?: string): Promise<ShownKey> {
    verifyField('agent_id', memberFieldSchemas.agentId, agentId)
    verifyNewId('agent_id', agentId)
    const checked = checkSettings(withChanges(defaultMerchantSettings, settings))
    const { record, shown } = this.#makeKey(agentId, importedKey)
    const now = record.createdAt
    const merchant = { agentId, status: 'enabled', settings: checked, createdAt: now, updatedAt: now } as const
    const outcome = await this.#options.store.add(
      merchant,
      record,
      this.#event('merchant.added', agentId, { settings: checked, keyId: record.id }),
    )
    if (outcome === 'exists') throw new GatewayError('already_exists', { message: `there is a merchant ${agentId} already` })
    return shown
  }

  /**
   * Changes the given settings and keeps the others.
   * @param expectedUpdatedAt when it was changed last by what the caller has read; null: whatever it is now
   * @throws GatewayError invalid_parameter, merchant_not_found, changed_meanwhile
   */
  async update(agentId: string, changes: MerchantChanges, expectedUpdatedAt: number | null = null): Promise<void> {
    await this.#change(agentId, expectedUpdatedAt, ({ status, settings }) => {
      const changed = checkSettings(withChanges(settings, changes))
      return { status, settings: changed, event: this.#event('merchant.updated', agentId, difference(settings, changed)) }
    })
  }

  /** A disabled merchant is unknown to the member API. @throws GatewayError merchant_not_found */
  async setStatus(agentId: string, status: Enablement): Promise<void> {
    await this.#change(agentId, null, (merchant) => {
      const details = difference({ status: merchant.status }, { status })
      return { status, settings: merchant.settings, event: this.#event(`merchant.${status}`, agentId, details) }
    })
  }

  /**
   * Removes a merchant that was never used. Others stay, because events, members and sessions refer to them.
   * @throws GatewayError merchant_not_found, conflict
   */
  async remove(agentId: string): Promise<void> {
    const outcome = await this.#options.store.remove(agentId, this.#event('merchant.deleted', agentId))
    if (outcome === 'not-found') throw merchantNotFound(agentId)
    if (outcome === 'used') {
      throw new GatewayError('conflict', { message: `merchant ${agentId} has been used: it can be disabled, not deleted` })
    }
  }

  /** Whether the list allows an address, and by which entry. @throws GatewayError invalid_parameter, merchant_not_found */
  async testAddress(agentId: string, address: string): Promise<{ readonly address: string; readonly by: string | null }> {
    const { settings } = await this.get(agentId)
    const normal = normalizeAddress(address)
    if (normal === null) throw parameterError('address', 'must be an IP address, v4 or v6, without zone')
    return { address: normal, by: settings.allow.find((entry) => new AddressList([entry]).has(normal)) ?? null }
  }

  /** Adds a key beside the current one, which works until it is retired. @throws GatewayError merchant_not_found, conflict */
  async rotateKey(agentId: string, importedKey?: string): Promise<ShownKey> {
    const { record, shown } = this.#makeKey(agentId, importedKey)
    const outcome = await this.#options.store.addKey(
      record,
      activeKeysMax,
      this.#event('merchant.key_added', agentId, { keyId: record.id }),
    )
    if (outcome === 'not-found') throw merchantNotFound(agentId)
    if (outcome === 'too-many') {
      throw new GatewayError('conflict', { message: `merchant ${agentId} has ${activeKeysMax} active keys; retire one first` })
    }
    return shown
  }

  /**
   * Within a second, signatures of this key are refused. A key that may still be in use (`keyRetirement`) is retired only by force.
   * @throws GatewayError merchant_not_found, not_found, conflict
   */
  async retireKey(agentId: string, keyId: string, isForced: boolean): Promise<void> {
    const { store, clock } = this.#options
    await this.get(agentId)
    const now = clock.now()
    const verify = (keys: readonly MerchantKeyRecord[]) => {
      const key = keys.find(({ id, retiredAt }) => id === keyId && retiredAt === null)
      if (key !== undefined && !isForced) verifyRetirable(agentId, key, keys, now)
    }
    const outcome = await store.retireKey(agentId, keyId, now, this.#event('merchant.key_retired', agentId, { keyId }), verify)
    if (outcome === 'not-found')
      throw new GatewayError('not_found', { message: `merchant ${agentId} has no active key ${printable(keyId)}` })
    if (outcome === 'last-key') {
      throw new GatewayError('conflict', { message: `${keyId} is the last active key of ${agentId}; add another with rotate-key first` })
    }
  }

  /** Reads, changes and writes; retries if someone else was faster. */
  async #change(
    agentId: string,
    expectedUpdatedAt: number | null,
    change: (merchant: MerchantWithKeys) => { status: Enablement; settings: MerchantSettings; event: EventInput },
  ): Promise<void> {
    const { store, clock } = this.#options
    for (let tries = 0; tries < changeTriesMax; tries++) {
      const merchant = await this.get(agentId)
      if (expectedUpdatedAt !== null && merchant.updatedAt !== expectedUpdatedAt) break
      const { status, settings, event } = change(merchant)
      // Always later than the state it replaces, so that every state has its own time.
      const updatedAt = Math.max(clock.now(), merchant.updatedAt + 1)
      const outcome = await store.update({ agentId, status, settings, updatedAt }, merchant.updatedAt, event)
      if (outcome === 'updated') return
      if (outcome === 'not-found') throw merchantNotFound(agentId)
    }
    throw new GatewayError('changed_meanwhile', { message: `merchant ${agentId} was changed meanwhile` })
  }

  #makeKey(agentId: string, importedKey: string | undefined): { record: MerchantKeyRecord; shown: ShownKey } {
    if (importedKey !== undefined && !importedKeyForm.test(importedKey)) {
      throw parameterError('the key', 'must be 16 to 128 characters of A-Z a-z 0-9')
    }
    const { sealer, clock } = this.#options
    const id = randomAlphanumeric(10)
    const key = importedKey ?? randomAlphanumeric(keyLength)
    const sealed = sealer.seal(Buffer.from(key), merchantKeyPurpose(agentId, id))
    return { record: { id, agentId, sealed, createdAt: clock.now(), retiredAt: null, lastUsedAt: null }, shown: { keyId: id, key } }
  }

  #event(kind: string, agentId: string, details?: Record<string, unknown>): EventInput {
    return { at: this.#options.clock.now(), kind, ...this.#options.origin, agentId, details }
  }
}

/** @throws GatewayError merchant_not_found */
export async function getMerchant(store: MerchantStore, agentId: string): Promise<MerchantWithKeys> {
  const [merchant] = await store.load([agentId])
  if (merchant === undefined) throw merchantNotFound(agentId)
  return merchant
}

/** For merchants that do not exist or that the caller may not see. */
export function merchantNotFound(agentId: string): GatewayError {
  return new GatewayError('merchant_not_found', { message: `there is no merchant ${printable(agentId)}` })
}

/** @throws GatewayError conflict, which says which calls would be refused */
function verifyRetirable(agentId: string, key: MerchantKeyRecord, keys: readonly MerchantKeyRecord[], now: number): void {
  const retirement = keyRetirement(key, keys)
  // The last active key is never retired, not even by force; the store refuses it.
  if (retirement.safeFrom === null && keys.filter(({ retiredAt }) => retiredAt === null).length === 1) return
  if (retirement.safeFrom !== null && retirement.safeFrom <= now) return
  const used = key.lastUsedAt === null ? 'has verified no request' : `last verified a request at ${new Date(key.lastUsedAt).toISOString()}`
  const because =
    retirement.safeFrom === null ? retirement.because : `it is safe to retire from ${new Date(retirement.safeFrom).toISOString()}`
  throw new GatewayError('conflict', { message: `key ${key.id} of ${agentId} ${used}, and ${because}; --force retires it all the same` })
}

function withChanges(settings: MerchantSettings, { lobbyUrls, ...changes }: MerchantChanges): MerchantSettings {
  return { ...settings, ...changes, lobbyUrls: { ...settings.lobbyUrls, ...lobbyUrls } }
}

/** Validates settings and removes repeats from lists. @throws GatewayError invalid_parameter */
function checkSettings(settings: MerchantSettings): MerchantSettings {
  for (const currency of settings.currencies) verifyField(`currency ${printable(currency)}`, memberFieldSchemas.currency, currency)
  const badBlock = settings.allow.find((entry) => parseBlock(entry) === null)
  if (badBlock !== undefined)
    throw parameterError('allow', `${printable(badBlock)} must be an IP address or CIDR block, v4 or v6, without zone`)
  const rate = settings.ratePerSecond
  if (rate !== null && !(Number.isInteger(rate) && rate >= 0 && rate <= 1_000_000)) {
    throw parameterError('rate per second', 'must be a whole number from 0 (no limit) to 1000000')
  }
  return {
    ...settings,
    currencies: [...new Set(settings.currencies)],
    allow: [...new Set(settings.allow)],
    callbackOrigins: [...new Set(settings.callbackOrigins.map((text) => appLinkKey(text) ?? checkOrigin('callback origin', text)))],
    frameAncestors: [...new Set(settings.frameAncestors.map((text) => checkOrigin('frame ancestor', text)))],
    lobbyUrl: checkLobbyUrl(settings.lobbyUrl),
    lobbyUrls: {
      ios: checkLobbyUrl(settings.lobbyUrls.ios),
      android: checkLobbyUrl(settings.lobbyUrls.android),
      h5: checkLobbyUrl(settings.lobbyUrls.h5),
      web: checkLobbyUrl(settings.lobbyUrls.web),
    },
  }
}

function checkOrigin(name: string, text: string): string {
  const origin = exactOrigin(text)
  if (origin === null) {
    throw parameterError(
      name,
      `${printable(text)} must be an https origin such as https://app.example.com (http only on loopback), without wildcards${name === 'callback origin' ? "; or an app's link such as myapp://done" : ''}`,
    )
  }
  return origin
}

/** An origin of exactly scheme, host and port. Null for anything else, wildcards included. */
export function exactOrigin(text: string): string | null {
  const url = parseWebUrl(text)
  return url === null || url.pathname !== '/' || /[?#@]/.test(text) ? null : url.origin
}

function checkLobbyUrl(text: string | null): string | null {
  if (text === null) return null
  const url = parseWebUrl(text)
  if (url === null || url.username !== '' || url.password !== '') {
    throw parameterError('lobby URL', `${printable(text)} must be an absolute https URL without user info (http only on loopback)`)
  }
  const taken = lobbyUrlNames.find((name) => url.searchParams.has(name))
  if (taken !== undefined) throw parameterError('lobby URL', `must not carry ${taken} in its query: a login adds it`)
  return url.href
}

/** Null unless the text is an unambiguous https URL, or http on loopback. */
function parseWebUrl(text: string): URL | null {
  const url =
    text.length <= 2048 && /^https?:\/\/[^/\s\\\u0000-\u001f\u007f][^\s\\\u0000-\u001f\u007f]*$/.test(text) ? URL.parse(text) : null
  // A wildcard or other text that is no host is a mistake.
  if (url === null || !/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(url.hostname)) return null
  return url.protocol === 'https:' || isLoopbackHost(url.hostname) ? url : null
}
