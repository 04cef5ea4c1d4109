import type { EventOrigin, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { Sealer } from '../base/sealer.ts'
import { LoginThrottle, type ThrottleSettings } from '../passwords/login-throttle.ts'
import { hashPassword, type PasswordCost } from '../passwords/password-hasher.ts'
import { SellerAdmin, type SellerAdminOptions } from './seller-admin.ts'

/** The part of the seller side that operators need, without signing keys and feed. */
export async function openSellerAdmin(options: {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly settings: PasswordCost & ThrottleSettings
  readonly origin: EventOrigin
  /** Instead of the real one, where nothing is kept. */
  readonly hash?: SellerAdminOptions['hasher']['hash'] | undefined
}): Promise<SellerAdmin> {
  const { store, clock, settings, origin, hash = (prepared) => hashPassword(prepared, settings) } = options
  const throttle = await LoginThrottle.open(options)
  return new SellerAdmin({ store, clock, hasher: { hash }, throttle, origin })
}
