import { GatewayError } from '@lobbykey/contract'
import { hasRight, type Right } from '@lobbykey/contract/admin'
import type { ConnectionRequestRecord, EventOrigin, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { addressKey } from '../base/network-address.ts'
import { randomId, randomSecret, randomText } from '../base/random.ts'
import { ApiTokens, intersection, mayGive, type TokenIdentity, verifyGrant } from './api-tokens.ts'

/** How long a request waits for its operator, ms. */
const requestMs = 600_000
/** How many may wait, of one address (IPv6: /64) and in all. */
const perAddressMax = 5
const requestsMax = 200
/** Seconds between two polls, how many more after one that came too soon (RFC 8628 section 3.5), and the most: from there on haste costs no write. */
const pollSeconds = 5
const slowDown = { seconds: 5, secondsMax: 60 }
/** No vowels, so that no code is a word, and no letters that look like another (RFC 8628 section 6.1): 34.5 bits. */
const codeLetters = 'BCDFGHJKLMNPQRSTVWXZ'
const codeLength = 8

/** What a program asks for. */
export type ConnectionWish = Pick<ConnectionRequestRecord, 'host' | 'user' | 'name' | 'rights' | 'agentIds' | 'days' | 'allowConfirmed'>

export type PollOutcome =
  | { readonly state: 'pending' | 'slow-down'; readonly pollSeconds: number }
  | { readonly state: 'denied' | 'expired' }
  | { readonly state: 'granted'; readonly token: string; readonly tokenId: string; readonly email: string; readonly expiresAt: number }

/** A request as its operator sees it. */
export interface ShownConnection {
  readonly record: ConnectionRequestRecord
  readonly userCode: string
  readonly rights: readonly Right[]
  readonly missingRights: readonly Right[]
  readonly agentIds: readonly string[] | null
}

/**
 * Programs that get a token through an operator's browser (RFC 8628). The program keeps a secret of 256 bits and shows a short code; who signs in types
 * the code, so that a link sent by somebody else brings nobody's request onto the screen. The token is made when it is fetched, and stored nowhere before.
 */
export class ConnectionRequests {
  readonly #store: Store
  readonly #clock: Clock

  constructor(options: { readonly store: Store; readonly clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** @throws GatewayError rate_limited when too many wait */
  async add(wish: ConnectionWish, address: string | null) {
    const now = this.#clock.now()
    const [deviceCode, userCode] = [randomText(32), drawUserCode()]
    const record: ConnectionRequestRecord = {
      ...wish,
      id: randomId(),
      deviceHash: digest('sha256', deviceCode),
      codeHash: hashUserCode(userCode),
      address,
      addressKey: addressKey(address ?? 'unknown'),
      createdAt: now,
      expiresAt: now + requestMs,
      polledAt: null,
      pollSeconds,
      decision: null,
      operatorId: null,
    }
    if ((await this.#store.connectionRequests.add(record, { perAddressMax, max: requestsMax })) === 'full') {
      throw new GatewayError('rate_limited', {
        message: 'too many programs wait to be connected: allow or deny them in the console, or wait ten minutes',
        retryAfterMs: requestMs,
      })
    }
    return { deviceCode, userCode, expiresAt: record.expiresAt, pollSeconds }
  }

  /** What became of a request; its token, once. @param origin of the poll */
  async poll(deviceCode: string, origin: Pick<EventOrigin, 'address' | 'requestId'>): Promise<PollOutcome> {
    const now = this.#clock.now()
    const deviceHash = digest('sha256', deviceCode)
    const found = await this.#store.connectionRequests.poll(deviceHash, now, slowDown)
    if (found === null) return { state: 'expired' }
    if (found.isTooSoon) return { state: 'slow-down', pollSeconds: found.request.pollSeconds }
    if (found.request.decision === null) return { state: 'pending', pollSeconds: found.request.pollSeconds }
    if (found.request.decision === 'denied') return { state: 'denied' }
    return this.#store.together((store) => grant(store, this.#clock, deviceHash, origin))
  }

  /** @throws GatewayError not_found */
  async show(userCode: string, caller: Decider): Promise<ShownConnection> {
    const record = await this.#find(userCode)
    const isGivable = (right: Right) => mayGive(caller.operator, caller, right)
    const asked = record.rights ?? [...caller.rights].filter(isGivable)
    return {
      record,
      userCode: shownUserCode(userCode),
      rights: asked.filter(isGivable),
      missingRights: asked.filter((right) => !isGivable(right)),
      agentIds: record.agentIds === undefined ? caller.agentIds : record.agentIds,
    }
  }

  /** What the operator saw is what the token gets. @throws GatewayError not_found, forbidden */
  async allow(userCode: string, caller: Decider, origin: EventOrigin): Promise<string> {
    const record = await this.#find(userCode)
    await this.#decide(
      record,
      { decision: 'allowed', operatorId: caller.operator.id, ...verifyGrant(caller.operator, caller, record) },
      origin,
    )
    return shownUserCode(userCode)
  }

  /** @throws GatewayError not_found */
  async deny(userCode: string, operatorId: string, origin: EventOrigin): Promise<string> {
    const record = await this.#find(userCode)
    await this.#decide(record, { decision: 'denied', operatorId, rights: record.rights, agentIds: record.agentIds }, origin)
    return shownUserCode(userCode)
  }

  async #find(userCode: string): Promise<ConnectionRequestRecord> {
    const found = await this.#store.connectionRequests.findOpen(hashUserCode(userCode), this.#clock.now())
    if (found === null) throw noSuchCode()
    return found
  }

  async #decide(
    { id, host, user, address, name, days, allowConfirmed }: ConnectionRequestRecord,
    decided: Required<Pick<ConnectionRequestRecord, 'operatorId'>> &
      Pick<ConnectionRequestRecord, 'rights' | 'agentIds'> & { readonly decision: 'allowed' | 'denied' },
    origin: EventOrigin,
  ): Promise<void> {
    const now = this.#clock.now()
    const { decision, rights, agentIds } = decided
    const details = { host, user, address, name, rights, agentIds, days, allowConfirmed }
    const event = { at: now, kind: `connection.${decision}`, ...origin, subject: id, details }
    if (!(await this.#store.connectionRequests.decide(id, decided, now, event))) throw noSuchCode()
  }
}

/** The operator who decides, with the rights that its session has. */
export type Decider = Pick<TokenIdentity, 'operator' | 'rights' | 'agentIds'>

/** The token of an allowed request, for one of many polls; its operator may have lost the account or rights since. */
async function grant(
  store: Store,
  clock: Clock,
  deviceHash: Uint8Array,
  { address, requestId }: Pick<EventOrigin, 'address' | 'requestId'>,
): Promise<PollOutcome> {
  const taken = await store.connectionRequests.take(deviceHash, clock.now())
  if (taken === null || taken.operatorId === null) return { state: 'expired' }
  const operator = await store.operators.find(taken.operatorId)
  const rights = taken.rights?.filter((right) => operator !== null && hasRight(operator.role, right)) ?? []
  if (operator?.status !== 'enabled' || rights.length === 0) return { state: 'denied' }
  const { name, agentIds, days, allowConfirmed } = taken
  const origin: EventOrigin = { surface: 'admin-api', actor: `operator:${operator.id}`, address, requestId }
  const giver = { rights: new Set(rights), agentIds: operator.agentIds }
  // Those of the merchants that the operator still has.
  const wanted = { name, rights, agentIds: intersection(agentIds ?? null, operator.agentIds), allow: [], days, allowConfirmed }
  const { token, record } = await new ApiTokens({ store: store.apiTokens, clock }).add(operator, giver, wanted, origin)
  return { state: 'granted', token, tokenId: record.id, email: operator.email, expiresAt: record.expiresAt }
}

function drawUserCode(): string {
  let text = ''
  while (text.length < codeLength) {
    for (const byte of randomSecret(codeLength)) {
      // 240 is the largest multiple of 20 in a byte; larger values would favour the first letters.
      if (byte < 240 && text.length < codeLength) text += codeLetters[byte % codeLetters.length]
    }
  }
  return shownUserCode(text)
}

/** `BCDF-GHJK`, however it was typed. */
function shownUserCode(text: string): string {
  const letters = text.replaceAll(/[^A-Za-z]/g, '').toUpperCase()
  return `${letters.slice(0, codeLength / 2)}-${letters.slice(codeLength / 2)}`
}

function hashUserCode(text: string): Uint8Array {
  return digest('sha256', `connection-code\n${shownUserCode(text)}`)
}

function noSuchCode(): GatewayError {
  return new GatewayError('not_found', {
    message: 'no program waits under this code: it is mistyped, used or older than ten minutes',
    field: 'userCode',
  })
}
