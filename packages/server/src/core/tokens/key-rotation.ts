import { GatewayError, isGatewayError, printable } from '@lobbykey/contract'
import type { EventInput, EventOrigin, SigningKeyRecord, SigningKeyStore } from '../../store/store.ts'
import type { SharedClock } from '../base/clock.ts'
import type { Sealer } from '../base/sealer.ts'
import { makeSigningKey } from './make-signing-key.ts'

/** Delay of an urgent rotation, by which every process knows the new key. */
const reachMs = 2_000
/** Allowance beyond a token's lifetime for clock differences and late refreshes. */
const retireMarginMs = 60_000

export interface KeyRotationOptions {
  readonly store: SigningKeyStore
  readonly sealer: Sealer
  /** All nodes share the keys, so their schedule uses the shared clock. */
  readonly shared: SharedClock
  readonly origin: EventOrigin
  readonly bits: number
  /** How long a key is published before it signs, ms. */
  readonly publishMs: number
  readonly makeKey?: typeof makeSigningKey
}

/** `published` signs later, `signing` signs now, `verifying` signed tokens that may still be valid. */
export type SigningKeyState = 'published' | 'signing' | 'verifying' | 'retired'

export interface SigningKeyView extends SigningKeyRecord {
  readonly state: SigningKeyState
  /** When the last token that it signed expires; null while it may sign more. */
  readonly doneAt: number | null
}

/**
 * The life cycle of signing keys (check 68): published; signing after `publishMs`, when every verifier that caches the key set has it; accepted
 * until the last token signed by it has expired; then retired. Safe in any number of processes.
 */
export class KeyRotation {
  readonly #options: KeyRotationOptions

  constructor(options: KeyRotationOptions) {
    this.#options = options
  }

  /** In signing order, including retired ones. */
  async list(): Promise<SigningKeyView[]> {
    return viewKeys(await this.#options.store.list(), await this.#options.shared.read())
  }

  /**
   * Publishes a new key, to sign after `publishMs`; with `isUrgent` almost at once, even if verifiers do not have it yet.
   * @throws GatewayError conflict if one is already published, or another process is doing this
   */
  async rotate(isUrgent: boolean): Promise<SigningKeyView> {
    const { shared, publishMs } = this.#options
    const waiting = (await this.list()).find(({ state }) => state === 'published')
    if (waiting !== undefined && !isUrgent) {
      const from = new Date(waiting.activeAt).toISOString()
      throw new GatewayError('conflict', { message: `key ${waiting.kid} is published already and signs from ${from}` })
    }
    const kid = await this.#add((await shared.read()) + (isUrgent ? reachMs : publishMs))
    if (kid === null) throw new GatewayError('conflict', { message: 'another process rotates keys at this moment; list them' })
    return this.#get(kid)
  }

  /**
   * Within a second, nothing signed by this key is accepted.
   * @throws GatewayError not_found; conflict while it signs, or, unless `isForced`, while its tokens may be valid
   */
  async retire(kid: string, isForced: boolean): Promise<void> {
    const now = await this.#options.shared.read()
    const event = this.#event('signing-key.retired', now, kid, { forced: isForced })
    const outcome = await this.#options.store.retire(kid, now, event, (keys) => verifyRetirable(keys, kid, isForced, now))
    if (outcome === 'not-found') throw noKey(kid)
    if (outcome === 'last-key') throw new GatewayError('conflict', { message: `key ${kid} is the last one that signs` })
  }

  /** Retires every key at once and signs with a new one, which ends all tokens. Starts a new epoch of the revocation feed. */
  async reset(): Promise<SigningKeyView> {
    const { store, sealer, shared, bits } = this.#options
    const now = await shared.read()
    // Active on every node, regardless of clock differences.
    const key = await makeSigningKey({ sealer, bits, now, activeAt: now - retireMarginMs, epoch: null })
    await store.reset(key, this.#event('signing-key.reset', now, key.kid))
    return this.#get(key.kid)
  }

  /** Publishes the next key when the newest has signed for `everyMs` (null: never), and retires keys whose tokens have all expired. */
  async keepSchedule(everyMs: number | null): Promise<void> {
    const { shared, publishMs } = this.#options
    const now = await shared.read()
    const keys = await this.list()
    for (const { kid, state, doneAt } of keys) {
      if (state === 'verifying' && doneAt !== null && doneAt <= now) await this.retire(kid, false).catch(passRefusal)
    }
    const newest = newestOf(keys)
    const isDue = everyMs !== null && newest !== undefined && now >= newest.activeAt + everyMs - publishMs
    if (isDue) await this.#add(Math.max(now + publishMs, newest.activeAt + everyMs))
  }

  /** Null if another process has added a key since the newest was read. */
  async #add(activeAt: number): Promise<string | null> {
    const { store, sealer, shared, bits, makeKey = makeSigningKey } = this.#options
    const now = await shared.read()
    const records = await store.list()
    const newest = newestOf(records)
    // No verifier needs to wait for a store's first key.
    const signsAt = newest === undefined ? now : activeAt
    const key = await makeKey({ sealer, bits, now, activeAt: signsAt, epoch: newest?.epoch ?? null })
    const event = this.#event('signing-key.created', now, key.kid, { activeAt: new Date(signsAt).toISOString() })
    return (await store.addNext(key, records.length, event)) ? key.kid : null
  }

  async #get(kid: string): Promise<SigningKeyView> {
    const key = (await this.list()).find((view) => view.kid === kid)
    if (key === undefined) throw noKey(kid)
    return key
  }

  #event(kind: string, at: number, kid: string, details?: Record<string, unknown>): EventInput {
    return { at, kind, ...this.#options.origin, subject: kid, details }
  }
}

/** @throws GatewayError not_found; conflict while it signs, or, unless `isForced`, while its tokens may be valid */
function verifyRetirable(records: readonly SigningKeyRecord[], kid: string, isForced: boolean, now: number): void {
  const key = viewKeys(records, now).find((view) => view.kid === kid)
  if (key === undefined || key.state === 'retired') throw noKey(kid)
  if (key.state === 'signing') {
    throw new GatewayError('conflict', { message: `key ${kid} signs; another has to first: lobbykey keys rotate` })
  }
  if (!isForced && (key.doneAt === null || key.doneAt > now)) {
    const until = key.doneAt === null ? 'it is published to sign' : `tokens that it signed live until ${new Date(key.doneAt).toISOString()}`
    throw new GatewayError('conflict', { message: `${until}; --force ends them` })
  }
}

/** Another process changed the keys first; check again next time. */
function passRefusal(error: unknown): void {
  if (!isGatewayError(error) || error.key === 'store_unavailable') throw error
}

export function viewKeys(records: readonly SigningKeyRecord[], now: number): SigningKeyView[] {
  const ordered = [...records].sort((a, b) => a.activeAt - b.activeAt)
  const live = ordered.filter(({ retiredAt }) => retiredAt === null)
  const signing = live.findLast(({ activeAt }) => activeAt <= now)
  return ordered.map((record) => {
    const successor = live[live.indexOf(record) + 1]
    const isSuperseded = record.retiredAt === null && successor !== undefined
    return {
      ...record,
      state: stateOf(record, signing, now),
      doneAt: isSuperseded ? successor.activeAt + record.tokenLifeMs + retireMarginMs : null,
    }
  })
}

function stateOf(record: SigningKeyRecord, signing: SigningKeyRecord | undefined, now: number): SigningKeyState {
  if (record.retiredAt !== null) return 'retired'
  if (record === signing) return 'signing'
  return record.activeAt > now ? 'published' : 'verifying'
}

function newestOf(records: readonly SigningKeyRecord[]): SigningKeyRecord | undefined {
  return records
    .filter(({ retiredAt }) => retiredAt === null)
    .sort((a, b) => a.activeAt - b.activeAt)
    .at(-1)
}

function noKey(kid: string): GatewayError {
  return new GatewayError('not_found', { message: `there is no key ${printable(kid)} in use` })
}
