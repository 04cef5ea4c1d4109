import { hash } from 'node:crypto'
import { GatewayError, parameterError, printable } from '@lobbykey/contract'
import type {
  BrandFilter,
  BrandRecord,
  BrandSettings,
  BrandStore,
  EventInput,
  EventOrigin,
  LogoFile,
  MerchantStore,
} from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { difference } from '../base/difference.ts'
import { normalizeEmail } from '../base/email-address.ts'
import { getMerchant } from '../merchants/merchant-admin.ts'
import { brandForAll } from './brand-directory.ts'
import { readLogo } from './read-logo.ts'

/** Properties to set; null removes one. */
export interface BrandChanges extends Partial<BrandSettings> {
  /** The uploaded file. */
  readonly logo?: Uint8Array | null
}

const noSettings: BrandSettings = { title: null, accentColor: null, headerColor: null, supportUrl: null }
/** Retries of a change when others change the same brand concurrently. */
const changeTriesMax = 5

/** Operators' changes to brands. They reach every process within a second. */
export class BrandAdmin {
  readonly #store: BrandStore
  readonly #merchants: MerchantStore
  readonly #clock: Clock
  readonly #origin: EventOrigin

  constructor(options: {
    readonly store: BrandStore
    readonly merchants: MerchantStore
    readonly clock: Clock
    readonly origin: EventOrigin
  }) {
    this.#store = options.store
    this.#merchants = options.merchants
    this.#clock = options.clock
    this.#origin = options.origin
  }

  /** By merchant, the default brand first. */
  list(filter: BrandFilter): Promise<BrandRecord[]> {
    return this.#store.list(filter)
  }

  /** @throws GatewayError not_found */
  async get(agentId: string): Promise<BrandRecord> {
    const [brand] = await this.#store.load([agentId])
    if (brand === undefined) throw notFound(agentId)
    return brand
  }

  /** @throws GatewayError not_found */
  async getWithLogo(agentId: string): Promise<{ readonly brand: BrandRecord; readonly logo: LogoFile | null }> {
    return { brand: await this.get(agentId), logo: await this.#store.findLogo(agentId) }
  }

  /** @throws GatewayError invalid_parameter, merchant_not_found, changed_meanwhile */
  async set(agentId: string, { logo: file, ...changes }: BrandChanges): Promise<BrandRecord> {
    const logo = file === undefined || file === null ? file : logoFile(file)
    if (agentId !== brandForAll) await getMerchant(this.#merchants, agentId)
    for (let tries = 0; tries < changeTriesMax; tries++) {
      const [before] = await this.#store.load([agentId])
      const now = Math.max(this.#clock.now(), (before?.updatedAt ?? 0) + 1)
      const { bytes: _bytes, ...facts } = logo ?? { bytes: null }
      const after = {
        ...checkSettings({ ...settingsOf(before), ...changes }),
        logo: logo === undefined ? (before?.logo ?? null) : logo === null ? null : (facts as NonNullable<BrandRecord['logo']>),
      }
      const brand = { agentId, ...after, createdAt: before?.createdAt ?? now, updatedAt: now }
      const details = difference({ ...settingsOf(before), logo: before?.logo ?? null }, after)
      if (await this.#store.set(brand, logo, before?.updatedAt ?? null, this.#event('brand.set', agentId, details))) return brand
    }
    throw new GatewayError('changed_meanwhile', { message: `the brand of ${printable(agentId)} was changed meanwhile` })
  }

  /** @throws GatewayError not_found */
  async remove(agentId: string): Promise<void> {
    if (!(await this.#store.remove(agentId, this.#event('brand.removed', agentId)))) throw notFound(agentId)
  }

  #event(kind: string, agentId: string, details?: Record<string, unknown>): EventInput {
    return { at: this.#clock.now(), kind, ...this.#origin, ...(agentId === brandForAll ? {} : { agentId }), details }
  }
}

function settingsOf(brand: BrandRecord | undefined): BrandSettings {
  if (brand === undefined) return noSettings
  const { title, accentColor, headerColor, supportUrl } = brand
  return { title, accentColor, headerColor, supportUrl }
}

function logoFile(file: Uint8Array): LogoFile {
  const logo = readLogo(file)
  return { ...logo, sha256: hash('sha256', logo.bytes, 'hex') }
}

/** @throws GatewayError invalid_parameter */
function checkSettings(settings: BrandSettings): BrandSettings {
  return {
    ...settings,
    accentColor: settings.accentColor?.toLowerCase() ?? null,
    headerColor: settings.headerColor?.toLowerCase() ?? null,
    supportUrl: settings.supportUrl === null ? null : checkSupportUrl(settings.supportUrl),
  }
}

function checkSupportUrl(text: string): string {
  const address = /^mailto:([A-Za-z0-9.+_-]+@[^@]+)$/.exec(text)?.[1]
  const email = address === undefined ? null : normalizeEmail(address)
  if (email !== null) return `mailto:${email}`
  const url = /^https:\/\/[^/\s\\\p{Cc}][^\s\\\p{Cc}]*$/u.test(text) ? URL.parse(text) : null
  if (url === null || url.username !== '' || url.password !== '' || !/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(url.hostname)) {
    throw parameterError(
      'supportUrl',
      `${printable(text)} must be an https URL without user info, or mailto: with one address and nothing else`,
    )
  }
  return url.href
}

function notFound(agentId: string): GatewayError {
  const message = agentId === brandForAll ? 'there is no brand for all merchants' : `${printable(agentId)} has no brand of its own`
  return new GatewayError('not_found', { message })
}
