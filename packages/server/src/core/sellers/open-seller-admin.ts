import type { EventOrigin, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { Sealer } from '../base/sealer.ts'
import { LoginThrottle, type ThrottleSettings } from '../passwords/login-throttle.ts'
import { hashPassword, type PasswordCost } from '../passwords/password-hasher.ts'
import { SellerAdmin } from './seller-admin.ts'

/** The part of the seller side that operators need, without signing keys and feed. */
export async function openSellerAdmin(options: {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly settings: PasswordCost & ThrottleSettings
  readonly origin: EventOrigin
}): Promise<SellerAdmin> {
  const { store, clock, settings, origin } = options
  const throttle = await LoginThrottle.open(options)
  return new SellerAdmin({ store, clock, hasher: { hash: (prepared) => hashPassword(prepared, settings) }, throttle, origin })
}
