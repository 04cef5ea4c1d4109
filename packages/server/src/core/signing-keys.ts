import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { SigningKeyRecord, SigningKeyStore } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { Sealer } from './sealer.ts'

/** Bits of the modulus (RFC 7518 section 3.3 asks for at least 2048). */
const modulusBits = 2048

export interface SigningKey {
  readonly kid: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  readonly activeAt: number
  readonly retiredAt: number | null
}

export interface SigningKeysOptions {
  readonly store: SigningKeyStore
  readonly sealer: Sealer
  readonly clock: Clock
}

/** The keys of seller tokens, held in memory whole. Private keys are sealed in the store under the master key. */
export class SigningKeys {
  readonly #options: SigningKeysOptions
  #keys: ReadonlyMap<string, SigningKey> = new Map()

  constructor(options: SigningKeysOptions) {
    this.#options = options
  }

  /** Reads every key, and makes the first one when there is none. Also the handler of the change topic `signing-key`. */
  async load(): Promise<void> {
    const records = await this.#options.store.list()
    this.#hold(records.length > 0 ? records : await this.#makeFirst())
  }

  /** The key that signs now: the one that became active last. */
  current(): SigningKey {
    const now = this.#options.clock.now()
    let newest: SigningKey | null = null
    for (const key of this.#keys.values()) {
      const signs = key.activeAt <= now && (key.retiredAt === null || key.retiredAt > now)
      if (signs && (newest === null || key.activeAt > newest.activeAt)) newest = key
    }
    if (newest === null) throw new Error('the store holds no active signing key')
    return newest
  }

  /** A lookup in memory and nothing else: a `kid` comes from strangers (check 13). Null for a key that is retired or unknown. */
  find(kid: string): SigningKey | null {
    const key = this.#keys.get(kid)
    if (key === undefined || (key.retiredAt !== null && key.retiredAt <= this.#options.clock.now())) return null
    return key
  }

  #hold(records: readonly SigningKeyRecord[]): void {
    this.#keys = new Map(records.map((record) => [record.kid, this.#open(record)]))
  }

  #open(record: SigningKeyRecord): SigningKey {
    const der = this.#options.sealer.open(record.sealedPrivate, purposeOf(record.kid))
    const privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
    const { kid, activeAt, retiredAt } = record
    return { kid, privateKey, publicKey: createPublicKey(privateKey), activeAt, retiredAt }
  }

  async #makeFirst(): Promise<SigningKeyRecord[]> {
    const { store, sealer, clock } = this.#options
    const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: modulusBits, publicExponent: 0x10001 })
    const jwk = publicKey.export({ format: 'jwk' }) as JWK
    const kid = await calculateJwkThumbprint(jwk)
    const now = clock.now()
    const sealedPrivate = sealer.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), purposeOf(kid))
    return store.addFirst(
      {
        kid,
        publicJwk: JSON.stringify({ ...jwk, kid, use: 'sig', alg: 'RS256' }),
        sealedPrivate,
        createdAt: now,
        activeAt: now,
        retiredAt: null,
      },
      { at: now, kind: 'signing-key.created', surface: 'server', subject: kid },
    )
  }
}

function purposeOf(kid: string): string {
  return `signing-key:${kid}`
}
