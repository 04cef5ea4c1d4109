import type { EventInput } from './event-store.ts'

/** How pages look: by merchant, and under `*` for all without their own brand. */
export interface BrandStore {
  /** All brands, or those named, without their logos' files. Ordered by agentId. */
  load(agentIds?: readonly string[]): Promise<BrandRecord[]>
  /** A page by agentId. */
  list(filter: BrandFilter): Promise<BrandRecord[]>
  findLogo(agentId: string): Promise<LogoFile | null>
  /**
   * Writes it whole if it is still that of `expectedUpdatedAt`; null: if there is none.
   *
   * @param logo undefined: the one that is there
   */
  set(brand: BrandRecord, logo: LogoFile | null | undefined, expectedUpdatedAt: number | null, event: EventInput): Promise<boolean>
  /** False when there is none. @param againSince as of `ServiceStore.remove` */
  remove(agentId: string, event: EventInput, againSince?: number): Promise<boolean>
  /**
   * Rewrites what a store that went back has lost: missing brands and newer settings, but nothing that was removed since; returns how many. A logo whose file is in neither place is left
   * out: better none than one that was replaced.
   */
  restore(brands: readonly { readonly brand: BrandRecord; readonly logo: LogoFile | null }[], now: number): Promise<number>
}

export interface BrandFilter {
  readonly limit: number
  readonly afterAgentId?: string | undefined
  /** These alone. */
  readonly agentIds?: readonly string[] | undefined
}

export interface BrandSettings {
  readonly title: string | null
  /** As #rrggbb, in lower case. */
  readonly accentColor: string | null
  readonly headerColor: string | null
  /** https or mailto. */
  readonly supportUrl: string | null
}

export interface BrandRecord extends BrandSettings {
  readonly agentId: string
  readonly logo: Omit<LogoFile, 'bytes'> | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface LogoFile {
  readonly type: 'image/png' | 'image/webp'
  readonly width: number
  readonly height: number
  /** In hexadecimal. */
  readonly sha256: string
  readonly bytes: Uint8Array
}
