import type { EventInput } from './event-store.ts'

export interface SigningKeyStore {
  list(): Promise<SigningKeyRecord[]>
  /** Adds the key only if there is none yet, and returns what the store then holds: two nodes on a first run agree on one. */
  addFirst(key: SigningKeyRecord, event: EventInput): Promise<SigningKeyRecord[]>
  /** Adds a key if the store still holds `knownCount` keys, retired ones counted; false when another process was first. */
  addNext(key: SigningKeyRecord, knownCount: number, event: EventInput): Promise<boolean>
  /** Raises `tokenLifeMs` of every key in use. Nobody needs to hear of it. */
  noteTokenLife(tokenLifeMs: number): Promise<void>
  /**
   * Never retires the last key that is active at `now`.
   *
   * @param verify sees all keys as they are when nobody else can change them; what it throws, this throws, and nothing is retired
   */
  retire(
    kid: string,
    now: number,
    event: EventInput,
    verify?: (keys: readonly SigningKeyRecord[]) => void,
  ): Promise<'retired' | 'not-found' | 'last-key'>
  /**
   * Writes again what a store that went back has lost: keys that are missing, and that keys were retired; says how many. Where all keys were retired at once
   * since (`reset`), missing ones come back retired.
   */
  restore(keys: readonly SigningKeyRecord[], now: number): Promise<number>
  /** Retires every key in use at the event's time and adds this one. */
  reset(key: SigningKeyRecord, event: EventInput): Promise<void>
}

export interface SigningKeyRecord {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string
  /** JSON of the public JWK. */
  readonly publicJwk: string
  /** PKCS#8 DER under the master key; its associated data is `signing-key:<kid>`. */
  readonly sealedPrivate: Uint8Array
  readonly createdAt: number
  /** From when it signs. */
  readonly activeAt: number
  /** From when nothing signed by it is accepted; null while in use. */
  readonly retiredAt: number | null
  /** The longest life that any process has given tokens while this key was in use, ms. */
  readonly tokenLifeMs: number
  /** The `kid` of the key that began after all earlier ones were retired at once. */
  readonly epoch: string
}
