import { setTimeout as pause } from 'node:timers/promises'
import { GatewayError, isGatewayError } from '@lobbykey/contract'
import type { EventOrigin, OperatorRecord, OperatorSsoStore, OperatorStore, SsoIdentity } from '../../../store/store.ts'
import type { Clock } from '../../base/clock.ts'
import type { Sealer } from '../../base/sealer.ts'
import { within } from '../../base/within.ts'
import { OperatorAdmin } from '../operator-admin.ts'
import { accessOf, type SsoRules } from './sso-claims.ts'
import type { ProviderAnswer, SsoProvider } from './sso-provider.ts'

export interface SsoVouchingOptions {
  readonly store: { readonly operators: OperatorStore; readonly operatorSso: OperatorSsoStore }
  readonly sealer: Sealer
  readonly clock: Clock
  /** Null where single sign-on is not set up: nobody can vouch for the accounts that use it. */
  readonly provider: SsoProvider | null
  readonly rules: SsoRules
  /** How long the provider's word counts, ms. */
  readonly recheckMs: number
}

/** How long a caller waits for a check, ms: less than the five seconds in which everybody gets an answer. */
const waitMsMax = 4_000
/** How long a check may take altogether before another process may begin one, ms: longer than its requests together. */
const checkMsMax = 15_000
const lookMs = 100
/** How long the provider is not asked about an account again after it did not answer, ms. */
const failureMs = 5_000

/**
 * Whether the provider of single sign-on still vouches for an operator. Every session and token of such an account works only while the provider's last
 * word is recent. Then it is asked again: by refresh token here, at the first use; otherwise by the browser (`SsoSignIn`). Without an answer nothing
 * works: there is no grace beyond the interval, or whoever can keep this server from the provider would keep their access.
 */
export class SsoVouching {
  readonly #options: SsoVouchingOptions
  readonly #running = new Map<string, Promise<OperatorRecord>>()
  /** When it did not answer about an account, by ID; only those of the last `failureMs`. */
  readonly #failedAt = new Map<string, number>()

  constructor(options: SsoVouchingOptions) {
    this.#options = options
  }

  /**
   * The operator with the role and merchants of now, if the provider vouches for it or is not needed.
   * @throws GatewayError sso_check_due, sso_no_role, sso_unavailable
   */
  async verify(operator: OperatorRecord): Promise<OperatorRecord> {
    if (operator.sso === null || this.#isRecent(operator)) return operator
    if (operator.sso.issuer !== this.#options.provider?.issuer) {
      throw new GatewayError('sso_check_due', { message: `${operator.sso.issuer} is not this server's provider of single sign-on` })
    }
    const { id } = operator
    let check = this.#running.get(id)
    if (check === undefined) {
      check = this.#check(operator, operator.sso).finally(() => this.#running.delete(id))
      this.#running.set(id, check)
    }
    // A check goes on without its callers: the provider has a new refresh token for us, which must not be lost.
    return within(waitMsMax, check, () => new GatewayError('sso_unavailable', { retryAfterMs: 1_000 }))
  }

  /**
   * Takes over what the provider says about an account now: role, merchants, refresh token; or that it has no role, which ends its sessions.
   * @returns the account as it is then. @throws GatewayError sso_no_role, sso_check_due
   */
  async apply(operator: OperatorRecord, identity: SsoIdentity, answer: ProviderAnswer): Promise<OperatorRecord> {
    const { store, sealer, clock, rules } = this.#options
    const access = accessOf(answer, rules)
    if (access === null) {
      await this.#withdraw(operator, identity, 'no_role', true)
      throw new GatewayError('sso_no_role')
    }
    const changed = await this.#change(operator, identity, access)
    const { refreshToken } = answer
    const sealed = refreshToken === null ? undefined : sealer.seal(Buffer.from(refreshToken), purposeOf(operator.id))
    const now = clock.now()
    if (!(await store.operatorSso.noteVouched(operator.id, identity, now, sealed))) throw new GatewayError('sso_check_due')
    return { ...changed, sso: { ...identity, vouchedAt: now } }
  }

  #isRecent({ sso }: OperatorRecord): boolean {
    const { provider, clock, recheckMs } = this.#options
    if (sso === null || sso.vouchedAt === null || sso.issuer !== provider?.issuer) return false
    // Neither long ago nor, after a clock was set back, in the future.
    return Math.abs(clock.now() - sso.vouchedAt) < recheckMs
  }

  async #check(operator: OperatorRecord, identity: SsoIdentity): Promise<OperatorRecord> {
    const { store, sealer, clock, provider } = this.#options
    const now = clock.now()
    for (const [id, at] of this.#failedAt) if (Math.abs(now - at) >= failureMs) this.#failedAt.delete(id)
    if (this.#failedAt.has(operator.id)) throw new GatewayError('sso_unavailable', { retryAfterMs: failureMs })
    const claim = await store.operatorSso.claimCheck(operator.id, now, now + checkMsMax)
    if (claim.state === 'none') throw new GatewayError('sso_check_due')
    if (claim.state === 'busy') return this.#awaitOther(operator.id)
    try {
      const refreshToken = Buffer.from(sealer.open(claim.sealedRefresh, purposeOf(operator.id))).toString()
      const answer = await (provider as SsoProvider).refresh(refreshToken, identity.subject)
      if (typeof answer === 'object') return await this.apply(operator, identity, answer)
      await this.#withdraw(operator, identity, answer === 'refused' ? 'refresh_refused' : 'refresh_silent', false)
      throw new GatewayError('sso_check_due')
    } catch (error) {
      const isAnswered = isGatewayError(error) && (error.key === 'sso_check_due' || error.key === 'sso_no_role')
      if (!isAnswered) {
        this.#failedAt.set(operator.id, now)
        await store.operatorSso.releaseCheck(operator.id)
      }
      throw error
    }
  }

  /** Another process is asking. @throws GatewayError sso_check_due, sso_unavailable */
  async #awaitOther(operatorId: string): Promise<OperatorRecord> {
    const { store } = this.#options
    for (let waited = 0; waited < waitMsMax; waited += lookMs) {
      await pause(lookMs)
      const operator = await store.operators.find(operatorId)
      if (operator === null || operator.sso === null || operator.sso.vouchedAt === null) throw new GatewayError('sso_check_due')
      if (this.#isRecent(operator)) return operator
    }
    throw new GatewayError('sso_unavailable', { retryAfterMs: 1_000 })
  }

  async #change(
    operator: OperatorRecord,
    identity: SsoIdentity,
    access: Pick<OperatorRecord, 'role' | 'agentIds'>,
  ): Promise<OperatorRecord> {
    const { store, clock } = this.#options
    const isSame = operator.role === access.role && JSON.stringify(operator.agentIds) === JSON.stringify(access.agentIds)
    if (isSame) return operator
    const admin = new OperatorAdmin({ store: store.operators, clock, origin: originOfProvider(identity) })
    return admin.change(operator.id, access, 'operator.updated', null)
  }

  async #withdraw(operator: OperatorRecord, identity: SsoIdentity, reason: string, endsSessions: boolean): Promise<void> {
    const now = this.#options.clock.now()
    const event = { at: now, kind: 'operator.sso_withdrawn', ...originOfProvider(identity), subject: operator.id, details: { reason } }
    await this.#options.store.operatorSso.withdraw(operator.id, { now, endsSessions }, event)
  }
}

/** The origin of what the provider decides, in nobody's name. */
export function originOfProvider({ issuer }: Pick<SsoIdentity, 'issuer'>): EventOrigin {
  return { surface: 'server', actor: `provider:${URL.parse(issuer)?.host ?? ''}` }
}

function purposeOf(operatorId: string): string {
  return `operator-sso:${operatorId}`
}
