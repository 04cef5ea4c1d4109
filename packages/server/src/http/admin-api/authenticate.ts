import { GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../core/base/clock.ts'
import type { AdminSite } from '../../core/operators/admin-site.ts'
import { type ApiTokens, identityOf } from '../../core/operators/api-tokens.ts'
import { type ConsoleSessions, confirmedUntil, type SessionIdentity } from '../../core/operators/console-sessions.ts'
import type { OperatorAddresses } from '../../core/operators/operator-addresses.ts'
import type { SsoVouching } from '../../core/operators/sso/sso-vouching.ts'
import { originOf } from '../../core/operators/visitor.ts'
import { type Caller, rightsOf } from '../../operations/caller.ts'
import { countHeader } from '../count-header.ts'
import type { OwnCookie } from '../own-cookie.ts'
import type { CallerLimits } from './caller-limits.ts'
import { verifyConsoleRequest } from './console-request.ts'

export interface CallerAuthenticationOptions {
  readonly tokens: ApiTokens
  readonly sessions: ConsoleSessions
  readonly addresses: OperatorAddresses
  readonly vouching: SsoVouching
  readonly site: AdminSite
  readonly cookie: OwnCookie
  readonly clock: Clock
  readonly limits: CallerLimits
}

/** Authenticates callers of the admin API: programs by their token, people by the console's cookie, which counts only when no token is sent. */
export class CallerAuthentication {
  readonly #options: CallerAuthenticationOptions

  constructor(options: CallerAuthenticationOptions) {
    this.#options = options
  }

  /**
   * @throws GatewayError not_signed_in, throttled, operator_address_refused, foreign_origin, sso_check_due, sso_no_role, sso_unavailable,
   * store_unavailable
   */
  async identify(request: FastifyRequest): Promise<Caller> {
    if (request.headers.authorization === undefined) return this.#byCookie(request)
    if (countHeader(request, 'authorization') > 1) throw new GatewayError('not_signed_in')
    const token = /^Bearer ([^\s]{1,128})$/i.exec(request.headers.authorization)?.[1]
    if (token === undefined) throw new GatewayError('not_signed_in')
    const { tokens, limits, addresses, vouching } = this.#options
    const find = () => tokens.authenticate(token, request.clientAddress)
    const found = await limits.guess('token', request.clientAddress, find)
    const { operator, token: record, rights, agentIds } = identityOf(found.token, await vouching.verify(found.operator))
    addresses.verify(operator.role, request.clientAddress)
    return {
      origin: {
        surface: 'admin-api',
        actor: `token:${record.id}`,
        address: request.clientAddress ?? undefined,
        requestId: request.id,
      },
      rights,
      agentIds,
      isConfirmed: record.allowConfirmed,
      operatorId: operator.id,
      sessionId: null,
      signInMethod: null,
      confirmedUntil: null,
    }
  }

  /** The cookie's session. @throws GatewayError as `identify` */
  async session(request: FastifyRequest): Promise<SessionIdentity> {
    const { session, operator } = await this.sessionAsIs(request)
    const vouched = await this.#options.vouching.verify(operator)
    this.#options.addresses.verify(vouched.role, request.clientAddress)
    return { session, operator: vouched }
  }

  /**
   * The same, whether or not the provider of single sign-on vouches for its operator: to ask it, and to sign out.
   * @throws GatewayError not_signed_in, throttled, operator_address_refused, foreign_origin, store_unavailable
   */
  async sessionAsIs(request: FastifyRequest): Promise<SessionIdentity> {
    const { sessions, addresses, cookie, site, limits } = this.#options
    const token = cookie.read(request)
    if (token === null) throw new GatewayError('not_signed_in')
    verifyConsoleRequest(request, site)
    const identity = await limits.guess('session', request.clientAddress, () => sessions.identify(token))
    addresses.verify(identity.operator.role, request.clientAddress)
    request.operatorId = identity.operator.id
    return identity
  }

  async #byCookie(request: FastifyRequest): Promise<Caller> {
    const { operator, session } = await this.session(request)
    const until = confirmedUntil(session, this.#options.clock.now())
    return {
      origin: originOf(operator.id, { address: request.clientAddress, requestId: request.id }),
      rights: rightsOf(operator.role),
      agentIds: operator.agentIds,
      isConfirmed: until !== null,
      operatorId: operator.id,
      sessionId: session.id,
      signInMethod: session.method,
      confirmedUntil: until,
    }
  }
}
