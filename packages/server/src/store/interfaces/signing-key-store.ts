import type { EventInput } from './event-store.ts'

export interface SigningKeyStore {
  list(): Promise<SigningKeyRecord[]>
  /** Adds the key only if there is none yet, and returns the store's keys, so that two nodes on a first run agree on one. */
  addFirst(key: SigningKeyRecord, event: EventInput): Promise<SigningKeyRecord[]>
  /** Adds a key if the store still holds `knownCount` keys, retired ones included; false when another process was first. */
  addNext(key: SigningKeyRecord, knownCount: number, event: EventInput): Promise<boolean>
  /** Raises `tokenLifeMs` of every key in use. No change row, since no cache holds it. */
  noteTokenLife(tokenLifeMs: number): Promise<void>
  /**
   * Never retires the last key active at `now`.
   *
   * @param verify gets all keys while nobody else can change them; when it throws, so does this, and nothing is retired
   */
  retire(
    kid: string,
    now: number,
    event: EventInput,
    verify?: (keys: readonly SigningKeyRecord[]) => void,
  ): Promise<'retired' | 'not-found' | 'last-key'>
  /**
   * Rewrites what a store that went back has lost: missing keys and retirements; returns how many. If all keys were retired at once since (`reset`),
   * missing ones come back retired.
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
  /** PKCS#8 DER, encrypted under the master key with associated data `signing-key:<kid>`. */
  readonly sealedPrivate: Uint8Array
  readonly createdAt: number
  /** When it starts to sign. */
  readonly activeAt: number
  /** From when its signatures are refused; null while in use. */
  readonly retiredAt: number | null
  /** The longest life that any process gave tokens while this key was in use, ms. */
  readonly tokenLifeMs: number
  /** The `kid` of the first key after the last reset. */
  readonly epoch: string
}
