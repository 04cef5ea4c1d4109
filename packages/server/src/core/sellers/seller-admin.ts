import { GatewayError, parameterError, printable } from '@lobbykey/contract'
import type { Enablement, EventInput, EventOrigin, SellerRecord, SellerSession, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
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
  readonly hasher: PasswordHasher
  readonly throttle: LoginThrottle
  readonly origin: EventOrigin
}

/** What an operator may do with sellers, named by e-mail in any spelling. Running servers hear of it through the change feed. */
export class SellerAdmin {
  readonly #options: SellerAdminOptions

  constructor(options: SellerAdminOptions) {
    this.#options = options
  }

  /** @throws GatewayError invalid_parameter, already_exists */
  async add(email: string, password: string): Promise<SellerRecord> {
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
      createdAt: now,
      updatedAt: now,
      lastLoginAt: null,
      needlessLogins: 0,
    } as const
    const outcome = await store.sellers.add(seller, this.#event('seller.added', id))
    if (outcome === 'exists') throw new GatewayError('already_exists', { message: `there is a seller ${normal} already` })
    return seller
  }

  /** Ordered by e-mail. */
  list(page: { afterEmail?: string; limit: number }): Promise<SellerRecord[]> {
    return this.#options.store.sellers.list(page)
  }

  /** @throws GatewayError not_found */
  async get(email: string): Promise<SellerRecord> {
    const normal = normalizeEmail(email)
    const seller = normal === null ? null : await this.#options.store.sellers.findByEmail(normal)
    if (seller === null) throw new GatewayError('not_found', { message: `there is no seller ${printable(email)}` })
    return seller
  }

  /** Disabling ends every session. @throws GatewayError not_found */
  async setStatus(email: string, status: Enablement): Promise<void> {
    const { store, clock } = this.#options
    const { id } = await this.get(email)
    await store.sellers.setStatus(id, status, clock.now(), this.#event(`seller.${status}`, id))
  }

  /** Keeps the owner out, but from addresses that are known, until `unlock`. @throws GatewayError not_found */
  async lock(email: string): Promise<void> {
    const { throttle } = this.#options
    const seller = await this.get(email)
    await throttle.lock(seller.email, this.#event('seller.locked', seller.id))
  }

  /** Forgets wrong passwords, so that the owner can log in at once. @throws GatewayError not_found */
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
   * A one-time token with which the seller's owner sets a new password (`SellerPassword.reset`); it voids an earlier one.
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

  /** Newest first, ended ones too. @throws GatewayError not_found */
  async listSessions(email: string, limit: number): Promise<SellerSession[]> {
    const { id } = await this.get(email)
    return this.#options.store.sellerSessions.listBySeller(id, limit)
  }

  /** Ends every live session; says how many. @throws GatewayError not_found */
  async endSessions(email: string): Promise<number> {
    const { store, clock } = this.#options
    const { id } = await this.get(email)
    return store.sellerSessions.endBySeller(id, 'operator', clock.now(), this.#event('seller.sessions_ended', id))
  }

  #event(kind: string, sellerId: string): EventInput {
    return { at: this.#options.clock.now(), kind, ...this.#options.origin, subject: sellerId }
  }
}

function verifyEmail(email: string): string {
  const normal = normalizeEmail(email)
  if (normal === null) throw parameterError('email', `must be one e-mail address of at most ${emailLengthMax} characters`)
  return normal
}
