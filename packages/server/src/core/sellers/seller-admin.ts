import { GatewayError, parameterError, printable } from '@lobbykey/contract'
import type { Enablement, EventInput, EventOrigin, SellerFilter, SellerRecord, SellerSession, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { difference } from '../base/difference.ts'
import { emailLengthMax, normalizeEmail } from '../base/email-address.ts'
import { randomAlphanumeric, randomText } from '../base/random.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import { verifyNewPassword } from '../passwords/password-policy.ts'
import { resetTokenHash, resetTokenMs } from './seller-password.ts'
import { liftLock } from './seller-unlock.ts'

export interface SellerAdminOptions {
  readonly store: Pick<Store, 'sellers' | 'sellerSessions'>
  readonly clock: Clock
  readonly hasher: Pick<PasswordHasher, 'hash'>
  readonly throttle: LoginThrottle
  readonly origin: EventOrigin
}

/** Operators' changes to sellers, who are named by ID or by e-mail in any spelling. Running servers learn of them through the change feed. */
export class SellerAdmin {
  readonly #options: SellerAdminOptions

  constructor(options: SellerAdminOptions) {
    this.#options = options
  }

  /** @throws GatewayError invalid_parameter, already_exists */
  async add(email: string, password: string, labels: SellerRecord['labels'] = {}): Promise<SellerRecord> {
    const { store, clock, hasher } = this.#options
    const normal = verifyEmail(email)
    const passwordHash = await hasher.hash(await verifyNewPassword('password', password, normal))
    const now = clock.now()
    const id = randomAlphanumeric(22)
    const seller = {
      id,
      email: normal,
      passwordHash,
      status: 'enabled',
      labels,
      createdAt: now,
      updatedAt: now,
      lastLoginAt: null,
      needlessLogins: 0,
    } as const
    const outcome = await store.sellers.add(
      seller,
      this.#event('seller.added', id, Object.keys(labels).length === 0 ? undefined : { labels }),
    )
    if (outcome === 'exists') throw new GatewayError('already_exists', { message: `there is a seller ${normal} already` })
    return seller
  }

  /** Ordered by e-mail. */
  list(page: SellerFilter): Promise<SellerRecord[]> {
    return this.#options.store.sellers.list(page)
  }

  /** @throws GatewayError not_found */
  async get(name: string): Promise<SellerRecord> {
    const { sellers } = this.#options.store
    const email = normalizeEmail(name)
    const seller = email !== null ? await sellers.findByEmail(email) : idForm.test(name) ? await sellers.findById(name) : null
    if (seller === null) throw notFound(name)
    return seller
  }

  /**
   * Changes an account's e-mail or labels; password and sessions stay.
   * @param expectedUpdatedAt when it was changed last by what the caller has read; null: whatever it is now
   * @throws GatewayError invalid_parameter, not_found, already_exists, changed_meanwhile
   */
  async update(
    name: string,
    changes: { readonly email?: string; readonly labels?: SellerRecord['labels'] },
    expectedUpdatedAt: number | null = null,
  ): Promise<SellerRecord> {
    const { store, clock } = this.#options
    const before = await this.get(name)
    const email = changes.email === undefined ? before.email : verifyEmail(changes.email)
    const { labels = before.labels } = changes
    const after = { ...before, email, labels, updatedAt: Math.max(clock.now(), before.updatedAt + 1) }
    const change = { ...after, expectedUpdatedAt: expectedUpdatedAt ?? before.updatedAt }
    const details = difference({ email: before.email, labels: before.labels }, { email, labels })
    switch (await store.sellers.update(change, this.#event('seller.updated', before.id, details))) {
      case 'done':
        return after
      case 'exists':
        throw new GatewayError('already_exists', { message: `there is a seller ${after.email} already` })
      case 'changed':
        throw new GatewayError('changed_meanwhile', { message: `seller ${before.email} was changed meanwhile` })
      case 'not-found':
        throw notFound(name)
    }
  }

  /**
   * Permanently removes a seller; events keep its ID. Refused while one of its tokens would become valid again without its sessions.
   * @throws GatewayError not_found, conflict
   */
  async remove(name: string): Promise<SellerRecord> {
    const { store, clock } = this.#options
    const seller = await this.get(name)
    const outcome = await store.sellers.remove(seller.id, clock.now(), this.#event('seller.deleted', seller.id))
    if (outcome === 'removed') return seller
    if (outcome === 'not-found') throw notFound(name)
    const from = new Date(outcome.from).toISOString()
    const message =
      seller.status === 'enabled'
        ? `seller ${seller.email} has tokens that are good: disable it, and delete it when they have expired (${from})`
        : `seller ${seller.email} is disabled, and is kept until its last token has expired: delete it after ${from}`
    throw new GatewayError('conflict', { message })
  }

  /** Disabling ends every session. @throws GatewayError not_found */
  async setStatus(email: string, status: Enablement): Promise<void> {
    const { store, clock } = this.#options
    const { id, status: before } = await this.get(email)
    const details = difference<{ status: Enablement }>({ status: before }, { status })
    await store.sellers.setStatus(id, status, clock.now(), { ...this.#event(`seller.${status}`, id), details })
  }

  /** Locks the account, except from known addresses, until `unlock`. @throws GatewayError not_found */
  async lock(email: string): Promise<void> {
    const { throttle } = this.#options
    const seller = await this.get(email)
    await throttle.lock(seller.email, this.#event('seller.locked', seller.id))
  }

  /** Resets the count of wrong passwords, so that the owner can log in at once. @throws GatewayError not_found */
  async unlock(email: string): Promise<void> {
    const { store, throttle } = this.#options
    const seller = await this.get(email)
    await liftLock(store.sellerSessions, throttle, seller, this.#event('seller.unlocked', seller.id))
  }

  /** Sets the password and ends every session. @throws GatewayError invalid_parameter, not_found */
  async setPassword(email: string, password: string): Promise<void> {
    const { store, clock, hasher } = this.#options
    const seller = await this.get(email)
    const { id } = seller
    const passwordHash = await hasher.hash(await verifyNewPassword('password', password, seller.email))
    await store.sellers.setPassword({ id, passwordHash, now: clock.now() }, this.#event('seller.password_set', id))
  }

  /**
   * A one-time token for the seller to set a new password (`SellerPassword.reset`); it voids an earlier one.
   * `expiresAt` in ms. @throws GatewayError not_found
   */
  async issueResetToken(email: string): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const { store, clock } = this.#options
    const { id } = await this.get(email)
    const token = randomText(32)
    const expiresAt = clock.now() + resetTokenMs
    const event = this.#event('seller.password_reset_issued', id)
    await store.sellers.putPasswordReset({ sellerId: id, tokenHash: resetTokenHash(token), expiresAt }, event)
    return { token, expiresAt }
  }

  /** Newest first, including ended ones. @throws GatewayError not_found */
  async listSessions(email: string, limit: number, after?: Pick<SellerSession, 'createdAt' | 'sid'>): Promise<SellerSession[]> {
    const { id } = await this.get(email)
    return this.#options.store.sellerSessions.listBySeller(id, limit, after)
  }

  /** Ends one session; false if it had already ended. @throws GatewayError not_found */
  async endSession(email: string, sid: string): Promise<boolean> {
    const { store, clock } = this.#options
    const { id } = await this.get(email)
    const session = await store.sellerSessions.find(sid)
    if (session?.sellerId !== id) throw new GatewayError('not_found', { message: `seller ${printable(email)} has no session ${sid}` })
    const event = { ...this.#event('seller.session_ended', id), details: { sid, reason: 'operator' } }
    return store.sellerSessions.end(sid, 'operator', clock.now(), event)
  }

  /** Ends every live session. @returns how many. @throws GatewayError not_found */
  async endSessions(email: string): Promise<number> {
    const { store, clock } = this.#options
    const { id } = await this.get(email)
    return store.sellerSessions.endBySeller(id, 'operator', clock.now(), this.#event('seller.sessions_ended', id))
  }

  #event(kind: string, sellerId: string, details?: EventInput['details']): EventInput {
    return { at: this.#options.clock.now(), kind, ...this.#options.origin, subject: sellerId, details }
  }
}

const idForm = /^[A-Za-z0-9_-]{1,64}$/

function notFound(name: string): GatewayError {
  return new GatewayError('not_found', { message: `there is no seller ${printable(name)}` })
}

function verifyEmail(email: string): string {
  const normal = normalizeEmail(email)
  if (normal === null) throw parameterError('email', `must be one e-mail address of at most ${emailLengthMax} characters`)
  return normal
}
