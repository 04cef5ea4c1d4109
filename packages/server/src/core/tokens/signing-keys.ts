import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { GatewayError } from '@lobbykey/contract'
import type { SigningKeyRecord, SigningKeyStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { Sealer } from '../base/sealer.ts'
import { headerSegment } from './compact-jws.ts'
import { makeSigningKey, type PublicJwk, publicJwk, signingKeyPurpose } from './make-signing-key.ts'

export interface SigningKey {
  readonly kid: string
  /** The header segment of every token that it signs. */
  readonly tokenHeader: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  readonly activeAt: number
  readonly retiredAt: number | null
  readonly epoch: string
}

export interface SigningKeysOptions {
  readonly store: Pick<SigningKeyStore, 'list' | 'addFirst' | 'noteTokenLife' | 'restore'>
  readonly sealer: Sealer
  readonly clock: Clock
  /** Size of a first key. */
  readonly bits?: number
  /** The longest lifetime of this process's tokens, ms: no key is retired before its tokens have expired. */
  readonly tokenLifeMs?: number
}

/**
 * The keys of seller tokens, all in memory. Private keys are encrypted in the store under the master key. `key-rotation` decides when keys
 * come and go.
 */
export class SigningKeys {
  readonly #options: SigningKeysOptions
  #loading: Promise<void> = Promise.resolve()
  #keys: ReadonlyMap<string, SigningKey> = new Map()
  /** Every key ever read: the store never deletes keys, so a missing one was lost. */
  readonly #records = new Map<string, SigningKeyRecord>()
  #byTokenHeader: ReadonlyMap<string, SigningKey> = new Map()

  constructor(options: SigningKeysOptions) {
    this.#options = options
  }

  /** Reads every key, and creates the first one if there is none. Also the handler of the change topic `signing-key`. */
  load(): Promise<void> {
    // One at a time: a read from before a retirement must not replace one from after it (check 87).
    const loaded = this.#loading.then(() => this.#load())
    this.#loading = loaded.catch(() => {})
    return loaded
  }

  async #load(): Promise<void> {
    const { store, tokenLifeMs = 0 } = this.#options
    const listed = await store.list()
    const records = listed.length > 0 || this.#records.size > 0 ? listed : await this.#makeFirst()
    for (const record of records) {
      // Retired keys stay retired.
      const retiredAt = record.retiredAt ?? this.#records.get(record.kid)?.retiredAt ?? null
      this.#records.set(record.kid, { ...record, retiredAt })
    }
    this.#hold([...this.#records.values()])
    if (records.some((record) => record.retiredAt === null && record.tokenLifeMs < tokenLifeMs)) await store.noteTokenLife(tokenLifeMs)
  }

  /**
   * The key that signs now: the one that became active last. If a slow clock leaves only a key that is not active yet, that one is used.
   * @throws GatewayError store_unavailable if there is none
   */
  current(): SigningKey {
    const now = this.#options.clock.now()
    let newest: SigningKey | null = null
    for (const key of this.#keys.values()) {
      const signs = key.activeAt <= now && isAccepted(key, now)
      if (signs && (newest === null || key.activeAt > newest.activeAt)) newest = key
    }
    if (newest !== null) return newest
    const [only, ...others] = [...this.#keys.values()].filter((key) => isAccepted(key, now))
    if (only === undefined || others.length > 0) throw noKey('the store holds no active signing key')
    return only
  }

  /** The key for a new token. @throws GatewayError store_unavailable if another node has retired it */
  get(kid: string): SigningKey {
    const key = this.find(kid)
    if (key === null) throw noKey(`signing key ${kid} is not in use`)
    return key
  }

  /** Null if retired or unknown. */
  find(kid: string): SigningKey | null {
    return this.#accepted(this.#keys.get(kid))
  }

  /** By a token's exact header segment. Only a lookup in memory, since it comes from strangers (check 13). */
  findByHeader(tokenHeader: string): SigningKey | null {
    return this.#accepted(this.#byTokenHeader.get(tokenHeader))
  }

  /** The published keys: every key that signs, has signed, or will. */
  publicJwks(): PublicJwk[] {
    const now = this.#options.clock.now()
    return [...this.#keys.values()].filter((key) => isAccepted(key, now)).map(({ kid, publicKey }) => publicJwk(kid, publicKey))
  }

  /** Rewrites those lost by a store that went back. @returns how many */
  writeAgain(): Promise<number> {
    return this.#options.store.restore([...this.#records.values()], this.#options.clock.now())
  }

  #accepted(key: SigningKey | undefined): SigningKey | null {
    return key !== undefined && isAccepted(key, this.#options.clock.now()) ? key : null
  }

  #hold(records: readonly SigningKeyRecord[]): void {
    const now = this.#options.clock.now()
    this.#keys = new Map(records.filter((record) => isAccepted(record, now)).map((record) => [record.kid, this.#open(record)]))
    this.#byTokenHeader = new Map([...this.#keys.values()].map((key) => [key.tokenHeader, key]))
  }

  #open(record: SigningKeyRecord): SigningKey {
    const known = this.#keys.get(record.kid)
    const { kid, activeAt, retiredAt, epoch } = record
    if (known !== undefined) return { ...known, activeAt, retiredAt, epoch }
    const der = this.#options.sealer.open(record.sealedPrivate, signingKeyPurpose(kid))
    const privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
    return { kid, tokenHeader: headerSegment('JWT', kid), privateKey, publicKey: createPublicKey(privateKey), activeAt, retiredAt, epoch }
  }

  async #makeFirst(): Promise<SigningKeyRecord[]> {
    const { store, sealer, clock, bits = 2048 } = this.#options
    const now = clock.now()
    const key = await makeSigningKey({ sealer, bits, now, activeAt: now, epoch: null })
    return store.addFirst(key, { at: now, kind: 'signing-key.created', surface: 'server', subject: key.kid })
  }
}

/** A temporary condition: the caller retries. */
function noKey(reason: string): GatewayError {
  return new GatewayError('store_unavailable', { retryAfterMs: 1_000 }, new Error(reason))
}

function isAccepted({ retiredAt }: { retiredAt: number | null }, now: number): boolean {
  return retiredAt === null || retiredAt > now
}
