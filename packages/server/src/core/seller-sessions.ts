import { GatewayError, type SellerIdentity } from '@lobbykey/contract'
import type { Store } from '../store/store.ts'
import type { AccessIdentity } from './access-token-verifier.ts'
import type { Clock } from './clock.ts'
import type { Revocations } from './revocations.ts'
import type { SellerCaller } from './seller-login.ts'

export interface SellerSessionsOptions {
  readonly store: Pick<Store, 'sellers' | 'sellerSessions'>
  readonly clock: Clock
  readonly revocations: Revocations
  readonly accessTokenSeconds: number
}

/** What the bearer of an access token may do with its own login. */
export class SellerSessions {
  readonly #options: SellerSessionsOptions

  constructor(options: SellerSessionsOptions) {
    this.#options = options
  }

  /** Ends the login's whole token family. When this resolves no token of it works here, and within a second nowhere. */
  async logout(identity: AccessIdentity, caller: SellerCaller): Promise<void> {
    const { store, clock, revocations, accessTokenSeconds } = this.#options
    const now = clock.now()
    await store.sellerSessions.end(identity.sid, 'logout', now, {
      at: now,
      kind: 'seller.session_ended',
      surface: 'seller-api',
      subject: identity.sellerId,
      address: caller.address ?? undefined,
      requestId: caller.requestId,
      details: { sid: identity.sid, reason: 'logout' },
    })
    // The family may have been refreshed since this token: remembered for as long as any access token of it can live.
    revocations.add(identity.sid, Math.max(identity.expiresAt, now + accessTokenSeconds * 1_000))
  }

  /** @throws GatewayError access_token_revoked when the account is gone or disabled */
  async describe(identity: AccessIdentity): Promise<SellerIdentity> {
    const seller = await this.#options.store.sellers.findById(identity.sellerId)
    if (seller === null || seller.status !== 'enabled') throw new GatewayError('access_token_revoked')
    return { sellerId: seller.id, email: seller.email, expiresAt: new Date(identity.expiresAt).toISOString() }
  }
}
