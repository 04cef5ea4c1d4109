import { GatewayError, isGatewayError } from '@lobbykey/contract'
import type { LoginCandidate, SellerRecord, Store } from '../../store/store.ts'
import { decoyPlace } from '../passwords/decoy-hash.ts'
import type { Admission, LoginThrottle } from '../passwords/login-throttle.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { PasswordLane, Patience } from '../passwords/password-lane.ts'
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

/**
 * The one way in which a seller's password is tried, whatever for. The order is a security property: throttles, then one hash, then
 * everything that depends on who it is. Unknown e-mail, wrong password, disabled and locked account do the same work and end in the
 * same error.
 */
export class CredentialCheck {
  readonly #options: CredentialCheckOptions

  constructor(options: CredentialCheckOptions) {
    this.#options = options
  }

  /**
   * Does what the right password permits.
   *
   * @param permitted null when the account has changed since it was read: then nothing was done
   * @throws GatewayError throttled, login_busy, bad_credentials; the signal's reason when the caller is gone
   */
  async run<T>(
    { email, password }: Credentials,
    caller: SellerCaller,
    patience: Patience,
    permitted: (seller: SellerRecord) => Promise<T | null>,
  ): Promise<T> {
    const { seller, admission, isRight } = await this.#try(email, password, caller, patience)
    try {
      if (seller === null) return await refuse(admission, 'unknown-email')
      if (!isRight) return await refuse(admission, 'wrong-password', seller)
      if (seller.status !== 'enabled') return await refuse(admission, 'disabled', seller)
      if (admission.isLocked) return await refuse(admission, 'locked', seller)
      caller.signal.throwIfAborted()
      const done = await permitted(seller)
      if (done === null) return await refuse(admission, 'changed-meanwhile', seller)
      await admission.succeed()
      return done
    } finally {
      admission.release()
    }
  }

  /** Up to the hash, in a place of the lane. */
  async #try(email: string, password: string, caller: SellerCaller, patience: Patience) {
    const { store, hasher, throttle, decoySecret, lane } = this.#options
    const leave = lane.enter(patience)
    try {
      const addressKey = throttle.addressKey(addressOf(caller))
      // One statement, the same for an unknown e-mail, so that both cost the same.
      const candidate = await store.sellers.findForLogin({ email, addressKey, decoyFrom: decoyPlace(decoySecret, email) })
      const { seller } = candidate
      const admission = await this.#admit(email, candidate, caller, patience)
      try {
        const passwordHash = seller?.passwordHash ?? candidate.decoyHash ?? hasher.decoyHash
        return { seller, admission, isRight: await lane.run(() => hasher.verify(passwordHash, password), patience) }
      } catch (error) {
        admission.release()
        throw error
      }
    } finally {
      leave()
    }
  }

  async #admit(email: string, { seller, isKnownAddress }: LoginCandidate, caller: SellerCaller, patience: Patience): Promise<Admission> {
    try {
      return await this.#options.throttle.admit({ email, address: addressOf(caller), isKnownAddress }, patience)
    } catch (error) {
      if (!isGatewayError(error)) throw error
      throw new GatewayError(error.key, error.details, error.cause ?? new SellerRefusal(error.key, seller?.id))
    }
  }
}

function addressOf(caller: SellerCaller): string {
  return caller.address ?? 'unknown'
}

async function refuse(admission: Admission, reason: string, seller?: SellerRecord): Promise<never> {
  await admission.fail()
  throw new GatewayError('bad_credentials', {}, new SellerRefusal(reason, seller?.id))
}
