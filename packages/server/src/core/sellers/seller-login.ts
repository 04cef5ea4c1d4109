import { isGatewayError, parameterError, passwordBytesMax, type SellerLoginFields, type SellerTokens } from '@lobbykey/contract'
import type { SellerRecord, SellerSession, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { emailLengthMax, normalizeEmail } from '../base/email-address.ts'
import { randomAlphanumeric } from '../base/random.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { PasswordLane, Place } from '../passwords/password-lane.ts'
import { preparePassword } from '../passwords/password-policy.ts'
import type { SigningKeys } from '../tokens/signing-keys.ts'
import { jtiHash, type TokenIssuer } from '../tokens/token-issuer.ts'
import type { CredentialCheck, SellerCaller } from './credential-check.ts'

export interface SellerLoginOptions {
  readonly store: Pick<Store, 'sellers' | 'sellerSessions'>
  readonly clock: Clock
  readonly check: CredentialCheck
  readonly hasher: PasswordHasher
  readonly lane: PasswordLane
  readonly throttle: LoginThrottle
  readonly keys: SigningKeys
  readonly issuer: TokenIssuer
  readonly accessTokenSeconds: number
  readonly refreshIdleSeconds: number
  readonly refreshAbsoluteSeconds: number
}

export interface SellerLoginOutcome {
  readonly sellerId: string
  readonly tokens: SellerTokens
  /** Another session of the seller has an access token with more than half its life left, which could have been used. */
  readonly isNeedless: boolean
}

/** Seller login: exchanges e-mail and password for a new token family. Checks the form first, then runs `CredentialCheck`. */
export class SellerLogin {
  readonly #options: SellerLoginOptions

  constructor(options: SellerLoginOptions) {
    this.#options = options
  }

  /** @throws GatewayError invalid_parameter, throttled, login_busy, bad_credentials; the signal's reason when the caller is gone */
  async login(fields: SellerLoginFields, caller: SellerCaller): Promise<SellerLoginOutcome> {
    const { lane, check } = this.#options
    const patience = lane.patience(caller.signal)
    const email = normalizeEmail(fields.email)
    if (email === null) throw parameterError('email', `must be one e-mail address of at most ${emailLengthMax} characters`)
    const password = preparePassword(fields.password)
    if (password === null) throw parameterError('password', `must be a string of 1 to ${passwordBytesMax} bytes without NUL`)

    const request = { caller, patience, isProven: false }
    return check.run({ email, password }, request, (seller, place) => this.#open(seller, password, caller, place))
  }

  /** Starts a token family. Null if the account was disabled or its password changed since it was read. */
  async #open(seller: SellerRecord, password: string, caller: SellerCaller, place: Place): Promise<SellerLoginOutcome | null> {
    const { store, hasher, throttle, issuer } = this.#options
    const jti = issuer.firstJti()
    const session = this.#newSession(seller, jti, caller)
    const addressKey = caller.address === null ? null : throttle.addressKey(caller.address)
    const created = await store.sellerSessions.create(session, addressKey, seller.updatedAt)
    if (created === 'refused') return null
    if (hasher.needsRehash(seller.passwordHash)) await this.#rehash(seller, password, place)
    return { sellerId: seller.id, tokens: await issuer.issue(session, jti), isNeedless: created === 'needless' }
  }

  #newSession(seller: SellerRecord, jti: string, caller: SellerCaller): SellerSession {
    const { clock, keys, accessTokenSeconds, refreshIdleSeconds, refreshAbsoluteSeconds } = this.#options
    const now = clock.now()
    const issuedAt = Math.floor(now / 1_000) * 1_000
    return {
      sid: randomAlphanumeric(22),
      sellerId: seller.id,
      refreshHash: jtiHash(jti),
      previousRefreshHash: null,
      issuedAt,
      kid: keys.current().kid,
      createdAt: now,
      idleExpiresAt: issuedAt + refreshIdleSeconds * 1_000,
      absoluteExpiresAt: issuedAt + refreshAbsoluteSeconds * 1_000,
      accessExpiresAt: issuedAt + accessTokenSeconds * 1_000,
      endedAt: null,
      endReason: null,
      address: caller.address,
    }
  }

  /** Strengthens the stored hash; the login succeeds even if there is no room for that. */
  async #rehash(seller: SellerRecord, password: string, place: Place): Promise<void> {
    const { store, hasher } = this.#options
    try {
      const stronger = await place.run(() => hasher.hash(password))
      await store.sellers.replaceHash(seller.id, seller.passwordHash, stronger)
    } catch (error) {
      if (!isGatewayError(error) || error.key !== 'login_busy') throw error
    }
  }
}
