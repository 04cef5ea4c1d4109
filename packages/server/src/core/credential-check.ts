import { GatewayError, isGatewayError } from '@lobbykey/contract'
import type { SellerRecord, Store } from '../store/store.ts'
import type { DecoyHashes } from './decoy-hashes.ts'
import type { Admission, LoginThrottle } from './login-throttle.ts'
import type { PasswordHasher } from './password-hasher.ts'
import type { PasswordLane, Patience } from './password-lane.ts'
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
  readonly hasher: Pick<PasswordHasher, 'verify'>
  readonly decoys: Pick<DecoyHashes, 'find'>
  readonly lane: PasswordLane
  readonly throttle: LoginThrottle
}

export interface Credentials {
  /** Normal form. */
  readonly email: string
  /** From `preparePassword`. */
  readonly password: string
  /** Null when the e-mail has no account. */
  readonly seller: SellerRecord | null
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
    { email, password, seller }: Credentials,
    caller: SellerCaller,
    patience: Patience,
    permitted: (seller: SellerRecord) => Promise<T | null>,
  ): Promise<T> {
    const { hasher, decoys, lane } = this.#options
    const admission = await this.#admit(email, seller, caller, patience)
    try {
      // Asked for a known e-mail too, so that both cost the same.
      const decoyHash = await decoys.find(email)
      const isRight = await lane.run(() => hasher.verify(seller?.passwordHash ?? decoyHash, password), patience)
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

  async #admit(email: string, seller: SellerRecord | null, caller: SellerCaller, patience: Patience): Promise<Admission> {
    const { store, throttle } = this.#options
    const address = caller.address ?? 'unknown'
    // Asked for an unknown e-mail too, so that both cost the same.
    const isKnownAddress = await store.sellers.isKnownAddress(seller?.id ?? '', throttle.addressKey(address))
    try {
      return await throttle.admit({ email, address, isKnownAddress }, patience)
    } catch (error) {
      if (!isGatewayError(error)) throw error
      throw new GatewayError(error.key, error.details, error.cause ?? new SellerRefusal(error.key, seller?.id))
    }
  }
}

async function refuse(admission: Admission, reason: string, seller?: SellerRecord): Promise<never> {
  await admission.fail()
  throw new GatewayError('bad_credentials', {}, new SellerRefusal(reason, seller?.id))
}
