import { GatewayError, isGatewayError } from '@lobbykey/contract'
import type { SellerRecord, Store } from '../../store/store.ts'
import { decoyPlace } from '../passwords/decoy-hash.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'
import type { LoginTry } from '../passwords/login-try.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { PasswordLane, Patience, Place } from '../passwords/password-lane.ts'
import { type PasswordTry, tryPassword } from '../passwords/try-password.ts'
import { SellerRefusal } from './seller-refusal.ts'

/** The caller, as seen on the network. */
export interface SellerCaller {
  /** Normalised; null if unknown. */
  readonly address: string | null
  readonly requestId: string
  /** Fires when the caller hangs up. */
  readonly signal: AbortSignal
}

export interface CredentialCheckOptions {
  readonly store: Pick<Store, 'sellers'>
  readonly hasher: Pick<PasswordHasher, 'verify' | 'decoyHash'>
  readonly decoySecret: Uint8Array
  readonly lane: PasswordLane
  readonly throttle: LoginThrottle
}

export interface Credentials {
  /** Normal form. */
  readonly email: string
  /** From `preparePassword`. */
  readonly password: string
}

/** Context of a password check. */
export interface CheckRequest {
  readonly caller: SellerCaller
  readonly patience: Patience
  /** The caller has authenticated otherwise, such as by an access token, and precedes strangers. */
  readonly isProven: boolean
}

/**
 * The only way to check a seller's password. The order is a security property: throttles, a place in the lane, one hash, then everything that
 * depends on the account. Unknown e-mail, wrong password, disabled and locked account do the same work and give the same error.
 */
export class CredentialCheck {
  readonly #options: CredentialCheckOptions

  constructor(options: CredentialCheckOptions) {
    this.#options = options
  }

  /**
   * Runs `permitted` if the password is right, while still holding the place in the lane.
   *
   * @param permitted returns null, without effect, if the account has changed since it was read
   * @throws GatewayError throttled, login_busy, bad_credentials; the signal's reason if the caller is gone
   */
  async run<T>(
    credentials: Credentials,
    request: CheckRequest,
    permitted: (seller: SellerRecord, place: Place) => Promise<T | null>,
  ): Promise<T> {
    const { loginTry, place, seller, isRight } = await this.#find(credentials, request)
    try {
      if (seller === null) return await refuse(loginTry, 'unknown-email')
      if (!isRight) return await refuse(loginTry, 'wrong-password', seller)
      if (seller.status !== 'enabled') return await refuse(loginTry, 'disabled', seller)
      if (loginTry.isLocked) return await refuse(loginTry, 'locked', seller)
      place.prove()
      request.caller.signal.throwIfAborted()
      const done = await permitted(seller, place)
      if (done === null) return await refuse(loginTry, 'changed-meanwhile', seller)
      await loginTry.succeed()
      return done
    } finally {
      loginTry.release()
      place.leave()
    }
  }

  async #find({ email, password }: Credentials, request: CheckRequest): Promise<PasswordTry & { readonly seller: SellerRecord | null }> {
    const { store, throttle, decoySecret, hasher, lane } = this.#options
    // Who would be refused anyway costs no query.
    if (!lane.hasRoom) throw lane.refusal()
    const address = request.caller.address ?? 'unknown'
    const addressKey = throttle.addressKey(address)
    // The same statement for unknown e-mails, so that both cost the same.
    const candidate = await store.sellers.findForLogin({ email, addressKey, decoyFrom: decoyPlace(decoySecret, email) })
    const { seller, isKnownAddress } = candidate
    const passwordHash = seller?.passwordHash ?? candidate.decoyHash ?? hasher.decoyHash
    try {
      const tried = await tryPassword(this.#options, { email, address, isKnownAddress }, request, () =>
        hasher.verify(passwordHash, password),
      )
      return { ...tried, seller }
    } catch (error) {
      if (!isGatewayError(error)) throw error
      throw new GatewayError(error.key, error.details, error.cause ?? new SellerRefusal(error.key, seller?.id))
    }
  }
}

async function refuse(loginTry: LoginTry, reason: string, seller?: SellerRecord): Promise<never> {
  await loginTry.fail()
  throw new GatewayError('bad_credentials', {}, new SellerRefusal(reason, seller?.id))
}
