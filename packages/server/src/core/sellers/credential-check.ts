import { GatewayError, isGatewayError } from '@lobbykey/contract'
import type { SellerRecord, Store } from '../../store/store.ts'
import { decoyPlace } from '../passwords/decoy-hash.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'
import type { LoginTry } from '../passwords/login-try.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { PasswordLane, Patience, Place } from '../passwords/password-lane.ts'
import { type PasswordTry, tryPassword } from '../passwords/try-password.ts'
import { SellerRefusal } from './seller-refusal.ts'

/** Who calls, as far as the network tells. */
export interface SellerCaller {
  /** Normalised; null when there is none. */
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

/** Why a password is tried. */
export interface CheckRequest {
  readonly caller: SellerCaller
  readonly patience: Patience
  /** The caller has proved who it is by something else, such as an access token: it goes before strangers. */
  readonly isProven: boolean
}

/**
 * The one way in which a seller's password is tried, whatever for. The order is a security property: throttles, then a place in the lane, then
 * one hash, then everything that depends on who it is. Unknown e-mail, wrong password, disabled and locked account do the same work and
 * end in the same error.
 */
export class CredentialCheck {
  readonly #options: CredentialCheckOptions

  constructor(options: CredentialCheckOptions) {
    this.#options = options
  }

  /**
   * Does what the right password permits, in the place in which it was tried.
   *
   * @param permitted null when the account has changed since it was read: then nothing was done
   * @throws GatewayError throttled, login_busy, bad_credentials; the signal's reason when the caller is gone
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
    const { store, throttle, decoySecret, hasher } = this.#options
    const address = request.caller.address ?? 'unknown'
    const addressKey = throttle.addressKey(address)
    // One statement, the same for an unknown e-mail, so that both cost the same.
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
