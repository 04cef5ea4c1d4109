import { GatewayError, type SellerIdentity } from '@lobbykey/contract'
import type { EventInput, SellerSessionEndReason, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { Service } from '../services/service-registry.ts'
import type { AccessIdentity } from '../tokens/access-token-verifier.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { TokenClaims } from '../tokens/token-verifier.ts'
import type { SellerCaller } from './credential-check.ts'
import type { SellerDirectory } from './seller-directory.ts'

export interface SellerSessionsOptions {
  readonly store: Pick<Store, 'sellerSessions'>
  readonly sellers: SellerDirectory
  readonly clock: Clock
  readonly revocations: Revocations
  readonly accessTokenSeconds: number
}

/** What the bearer of an access token may do with its own session. */
export class SellerSessions {
  readonly #options: SellerSessionsOptions

  constructor(options: SellerSessionsOptions) {
    this.#options = options
  }

  /** Ends the session's token family. Once this resolves, none of its tokens works here, and within a second nowhere. */
  logout(identity: AccessIdentity, caller: SellerCaller): Promise<void> {
    return this.#end(identity, 'logout', { surface: 'seller-api', address: caller.address ?? undefined, requestId: caller.requestId })
  }

  /** Ends a token family for a registered service that has one of its tokens. Succeeds if it had already ended. */
  revoke(
    token: Pick<TokenClaims, 'sid' | 'sellerId'>,
    service: Service,
    caller: Pick<SellerCaller, 'address' | 'requestId'>,
  ): Promise<void> {
    const origin = { surface: 'verify-api', address: caller.address ?? undefined, requestId: caller.requestId } as const
    return this.#end(token, 'revoked', origin, { service: service.id })
  }

  /** @throws GatewayError access_token_revoked when the account is gone or disabled */
  async describe({ sellerId, expiresAt }: AccessIdentity): Promise<SellerIdentity> {
    const seller = await this.#options.sellers.find(sellerId)
    if (seller === null) throw new GatewayError('access_token_revoked')
    return { sellerId: seller.id, email: seller.email, expiresAt: new Date(expiresAt).toISOString() }
  }

  async #end(
    { sid, sellerId }: Pick<TokenClaims, 'sid' | 'sellerId'>,
    reason: SellerSessionEndReason,
    origin: Pick<EventInput, 'surface' | 'address' | 'requestId'>,
    details?: Record<string, unknown>,
  ): Promise<void> {
    const { store, clock, revocations, accessTokenSeconds } = this.#options
    const now = clock.now()
    await store.sellerSessions.end(sid, reason, now, {
      at: now,
      kind: 'seller.session_ended',
      subject: sellerId,
      ...origin,
      details: { sid, reason, ...details },
    })
    // Kept as long as any access token of the family can live; the change feed confirms it.
    revocations.add(sid, now + accessTokenSeconds * 1_000)
  }
}
