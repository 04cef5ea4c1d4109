import { GatewayError, printable } from '@lobbykey/contract'
import type { SignInMethod } from '@lobbykey/contract/admin'
import type { ConsoleSessionRecord, ConsoleSessionStore, EventOrigin, OperatorRecord, SignInProof } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { randomId, randomText } from '../base/random.ts'
import type { OperatorAddresses } from './operator-addresses.ts'
import { accountEvent, type Visitor } from './visitor.ts'

/** How long a session lasts unused, and at most, ms. */
const sessionIdleMs = 30 * 60_000
const sessionMsMax = 12 * 3_600_000
/** How long a second factor counts for operations that need confirmation, ms. */
export const confirmedMs = 5 * 60_000
/** How often the last use of a session is recorded, ms. */
const noteEveryMs = 60_000
const tokenForm = /^[A-Za-z0-9_-]{43}$/
const userAgentLengthMax = 256

export interface OpenedSession {
  /** The cookie's value, which is known only here. */
  readonly token: string
  readonly session: ConsoleSessionRecord
}

export interface SessionIdentity {
  readonly operator: OperatorRecord
  readonly session: ConsoleSessionRecord
}

/**
 * Browser sessions of operators. The cookie is stored as a hash and looked up in the store at every use, so that an end, a disabled account and
 * a reduced role take effect at once on every node.
 */
export class ConsoleSessions {
  readonly #store: ConsoleSessionStore
  readonly #clock: Clock
  readonly #addresses: OperatorAddresses
  readonly #addressKey: (address: string) => string

  /** @param options.addressKey how guess limits identify an address */
  constructor(options: {
    readonly store: ConsoleSessionStore
    readonly clock: Clock
    readonly addresses: OperatorAddresses
    readonly addressKey: (address: string) => string
  }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#addresses = options.addresses
    this.#addressKey = options.addressKey
  }

  /**
   * A session that is not stored yet.
   * @param isConfirmed whether signing in counts as a confirmation; with a recovery code it does not
   * @throws GatewayError operator_address_refused
   */
  make(
    { id: operatorId, role }: Pick<OperatorRecord, 'id' | 'role'>,
    method: SignInMethod,
    { address, userAgent }: Visitor,
    isConfirmed = method !== 'recovery-code',
  ): OpenedSession {
    this.#addresses.verify(role, address)
    const now = this.#clock.now()
    const token = randomText(32)
    const session: ConsoleSessionRecord = {
      id: `${now.toString(36).padStart(9, '0')}-${randomId()}`,
      operatorId,
      tokenHash: digest('sha256', token),
      method,
      address,
      addressKey: address === null ? null : this.#addressKey(address),
      userAgent: userAgent?.slice(0, userAgentLengthMax) ?? null,
      createdAt: now,
      seenAt: now,
      expiresAt: now + sessionMsMax,
      confirmedAt: isConfirmed ? now : null,
      endedAt: null,
    }
    return { token, session }
  }

  /** Null when the proof was already used or the account has changed. @throws GatewayError operator_address_refused */
  async open(
    operator: OperatorRecord,
    method: SignInMethod,
    proof: SignInProof,
    visitor: Visitor,
    isConfirmed?: boolean,
  ): Promise<OpenedSession | null> {
    const opened = this.make(operator, method, visitor, isConfirmed)
    const event = accountEvent('operator.signed_in', operator.id, this.#clock.now(), visitor, { method, sessionId: opened.session.id })
    return (await this.#store.open(opened.session, proof, event)) ? opened : null
  }

  /** Whose session it is. @throws GatewayError not_signed_in, without a reason */
  async identify(token: string): Promise<SessionIdentity> {
    const found = tokenForm.test(token) ? await this.#store.findByHash(digest('sha256', token)) : null
    const now = this.#clock.now()
    if (found === null || !isOpen(found.session, now) || found.operator.status !== 'enabled') throw new GatewayError('not_signed_in')
    if (now - found.session.seenAt >= noteEveryMs) await this.#store.noteSeen(found.session.id, now)
    return found
  }

  /** Newest first. */
  list(filter: { readonly operatorId: string; readonly limit: number; readonly afterId?: string | undefined }) {
    return this.#store.list(filter)
  }

  /** @param operatorId the required owner; null for any. @throws GatewayError not_found */
  async end(id: string, operatorId: string | null, origin: EventOrigin): Promise<void> {
    const now = this.#clock.now()
    if (!(await this.#store.end(id, operatorId, now, { at: now, kind: 'console-session.ended', ...origin, subject: id }))) {
      throw new GatewayError('not_found', { message: `there is no session ${printable(id)} that is open` })
    }
  }

  /** @returns how many ended */
  async endOthers(operatorId: string, keptId: string | null, origin: EventOrigin): Promise<number> {
    const now = this.#clock.now()
    const event = { at: now, kind: 'console-session.ended', ...origin, subject: operatorId }
    return this.#store.endOthers(operatorId, keptId ?? '', now, event)
  }
}

/** Until when the last second factor counts; null when it no longer does. */
export function confirmedUntil({ confirmedAt }: ConsoleSessionRecord, now: number): number | null {
  return confirmedAt !== null && now < confirmedAt + confirmedMs ? confirmedAt + confirmedMs : null
}

/** When a session ends unless it is used. */
export function sessionEnd({ endedAt, seenAt, expiresAt }: ConsoleSessionRecord): number {
  return endedAt ?? Math.min(expiresAt, seenAt + sessionIdleMs)
}

function isOpen(session: ConsoleSessionRecord, now: number): boolean {
  return session.endedAt === null && now < sessionEnd(session)
}
