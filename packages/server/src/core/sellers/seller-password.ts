import { createHash } from 'node:crypto'
import {
  GatewayError,
  parameterError,
  passwordBytesMax,
  type SellerPasswordFields,
  type SellerPasswordResetFields,
} from '@lobbykey/contract'
import type { Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { PasswordLane } from '../passwords/password-lane.ts'
import { preparePassword, verifyNewPassword } from '../passwords/password-policy.ts'
import type { AccessIdentity } from '../tokens/access-token-verifier.ts'
import type { CredentialCheck, SellerCaller } from './credential-check.ts'
import { SellerRefusal } from './seller-refusal.ts'
import { liftLock } from './seller-unlock.ts'

export interface SellerPasswordOptions {
  readonly store: Pick<Store, 'sellers' | 'sellerSessions'>
  readonly clock: Clock
  readonly check: CredentialCheck
  readonly hasher: PasswordHasher
  readonly lane: PasswordLane
  readonly throttle: LoginThrottle
}

/** Lifetime of a reset token, ms (check 9). */
export const resetTokenMs = 3_600_000

/** Sets a seller's password, given the current one or an operator's one-time token (check 9). */
export class SellerPassword {
  readonly #options: SellerPasswordOptions

  constructor(options: SellerPasswordOptions) {
    this.#options = options
  }

  /**
   * Checks the current password as a login does. Ends every other session of the seller.
   *
   * @throws GatewayError invalid_parameter, access_token_revoked, throttled, login_busy, bad_credentials; the signal's reason
   */
  async change(fields: SellerPasswordFields, identity: AccessIdentity, caller: SellerCaller): Promise<void> {
    const { store, clock, check, hasher, lane } = this.#options
    const patience = lane.patience(caller.signal)
    const seller = await store.sellers.findById(identity.sellerId)
    if (seller === null || seller.status !== 'enabled') throw new GatewayError('access_token_revoked')
    const password = preparePassword(fields.oldPassword)
    if (password === null) throw parameterError('oldPassword', `must be a string of 1 to ${passwordBytesMax} bytes without NUL`)
    const next = await verifyNewPassword('newPassword', fields.newPassword, seller.email)
    await check.run({ email: seller.email, password }, { caller, patience, isProven: true }, async ({ id, updatedAt }, place) => {
      const passwordHash = await place.run(() => hasher.hash(next))
      const now = clock.now()
      const event = eventOf('seller.password_changed', id, now, caller, { sid: identity.sid })
      return (await store.sellers.setPassword({ id, passwordHash, now, keptSid: identity.sid, updatedAt }, event)) || null
    })
  }

  /**
   * Works once per token. Ends every session of the seller and resets its count of wrong passwords.
   *
   * @throws GatewayError invalid_parameter, reset_token_invalid, login_busy; the signal's reason
   */
  async reset(fields: SellerPasswordResetFields, caller: SellerCaller): Promise<void> {
    const { store, clock, throttle } = this.#options
    const tokenHash = resetTokenHash(fields.resetToken)
    const seller = await store.sellers.findByPasswordReset(tokenHash, clock.now())
    if (seller === null) throw new GatewayError('reset_token_invalid', {}, new SellerRefusal('unknown-token'))
    // Before the token is used up, so that a rejected password can be replaced.
    const next = await verifyNewPassword('newPassword', fields.newPassword, seller.email)
    const passwordHash = await this.#hashOfProven(next, caller)
    const now = clock.now()
    const event = eventOf('seller.password_reset', seller.id, now, caller)
    const isUsed = await store.sellers.usePasswordReset({ tokenHash, passwordHash, now }, event)
    if (!isUsed) throw new GatewayError('reset_token_invalid', {}, new SellerRefusal('used-meanwhile', seller.id))
    await liftLock(store.sellerSessions, throttle, seller)
  }

  /** For a caller with a valid reset token, which precedes strangers. */
  async #hashOfProven(password: string, { address, signal }: SellerCaller): Promise<string> {
    const { hasher, lane, throttle } = this.#options
    const source = throttle.addressKey(address ?? 'unknown')
    const place = lane.enter({ patience: lane.patience(signal), source, isKnown: true })
    try {
      return await place.run(() => hasher.hash(password))
    } finally {
      place.leave()
    }
  }
}

/** The stored hash of a reset token. A fast hash suffices for 256 random bits. */
export function resetTokenHash(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

function eventOf(kind: string, subject: string, at: number, caller: SellerCaller, details?: Record<string, unknown>) {
  return { at, kind, surface: 'seller-api', subject, address: caller.address ?? undefined, requestId: caller.requestId, details } as const
}
