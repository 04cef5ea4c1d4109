import { GatewayError, parameterError, printable } from '@lobbykey/contract'
import { hasRight, type Right, roles } from '@lobbykey/contract/admin'
import type { ApiTokenRecord, ApiTokenStore, EventOrigin, OperatorRecord } from '../../store/store.ts'
import { AddressList, isCovered, parseBlock } from '../base/address-list.ts'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { randomId, randomText } from '../base/random.ts'

/** Identifies a leaked token to people and secret scanners. */
const prefix = 'lk_'
const tokenForm = /^lk_[A-Za-z0-9_-]{43}$/
const dayMs = 86_400_000
/** How often the last use of a token is recorded, ms. */
const noteEveryMs = 60_000

export interface NewToken {
  readonly name: string
  /** Absent: all rights of the maker. */
  readonly rights?: readonly Right[] | undefined
  /** Absent: the maker's merchants. */
  readonly agentIds?: readonly string[] | null | undefined
  readonly allow: readonly string[]
  readonly allowConfirmed: boolean
  readonly days: number
}

/** What a token permits now: never more than its operator has now. */
export interface TokenIdentity {
  readonly operator: OperatorRecord
  readonly token: ApiTokenRecord
  readonly rights: ReadonlySet<Right>
  readonly agentIds: readonly string[] | null
}

/**
 * API tokens, which programs use in an operator's name. Stored as hashes, and looked up in the store at every use, so that a revocation takes effect
 * at once.
 */
export class ApiTokens {
  readonly #store: ApiTokenStore
  readonly #clock: Clock

  constructor(options: { readonly store: ApiTokenStore; readonly clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /**
   * @param operator in whose name the token acts
   * @param giver the caller's rights, which bound the token's: a token never makes a stronger one, nor one that lasts longer or works from elsewhere
   * @returns the token, which is shown only here. @throws GatewayError invalid_parameter, forbidden
   */
  async add(
    operator: OperatorRecord,
    giver: Pick<TokenIdentity, 'rights' | 'agentIds'> & { readonly token?: ApiTokenRecord | undefined },
    wanted: NewToken,
    origin: EventOrigin,
  ): Promise<{ readonly token: string; readonly record: ApiTokenRecord }> {
    const { rights, agentIds } = verifyGrant(operator, giver, wanted)
    const wrong = wanted.allow.find((entry) => parseBlock(entry) === null)
    if (wrong !== undefined) throw parameterError('allow', `${printable(wrong)} must be an IP address or CIDR block`)
    const most = giver.token?.allow ?? []
    const beyond = most.length === 0 ? undefined : wanted.allow.find((entry) => !isCovered(entry, most))
    if (beyond !== undefined)
      throw new GatewayError('forbidden', { message: `${beyond} is beyond the addresses of this token: ${most.join(', ')}` })
    const allow = wanted.allow.length === 0 ? most : wanted.allow
    const now = this.#clock.now()
    const token = prefix + randomText(32)
    const record: ApiTokenRecord = {
      id: `${now.toString(36).padStart(9, '0')}-${randomId()}`,
      operatorId: operator.id,
      name: wanted.name,
      tokenHash: hashToken(token),
      rights,
      agentIds,
      allow,
      allowConfirmed: wanted.allowConfirmed,
      createdAt: now,
      expiresAt: Math.min(now + wanted.days * dayMs, giver.token?.expiresAt ?? Number.POSITIVE_INFINITY),
      revokedAt: null,
      lastUsedAt: null,
      lastUsedAddress: null,
    }
    const { name, allowConfirmed } = wanted
    const details = {
      operatorId: operator.id,
      name,
      rights,
      agentIds,
      allow,
      allowConfirmed,
      expiresAt: new Date(record.expiresAt).toISOString(),
    }
    await this.#store.add(record, { at: now, kind: 'token.added', ...origin, subject: record.id, details })
    return { token, record }
  }

  /** @param operatorId the required owner; null for any. @throws GatewayError not_found */
  async revoke(id: string, operatorId: string | null, origin: EventOrigin): Promise<void> {
    const now = this.#clock.now()
    if (!(await this.#store.revoke(id, operatorId, now, { at: now, kind: 'token.revoked', ...origin, subject: id }))) {
      throw new GatewayError('not_found', { message: `there is no token ${printable(id)} in use` })
    }
  }

  /** Ends every token of an operator. @returns how many */
  async revokeAll(operatorId: string, origin: EventOrigin): Promise<number> {
    const now = this.#clock.now()
    return this.#store.revokeAll(operatorId, now, { at: now, kind: 'token.revoked', ...origin })
  }

  /** Whom a token from this address acts for. @throws GatewayError not_signed_in, without a reason */
  async authenticate(token: string, address: string | null): Promise<TokenIdentity> {
    const found = tokenForm.test(token) ? await this.#store.findByHash(hashToken(token)) : null
    const now = this.#clock.now()
    if (found === null || found.token.revokedAt !== null || found.token.expiresAt <= now || found.operator.status !== 'enabled') {
      throw new GatewayError('not_signed_in')
    }
    const { token: record, operator } = found
    if (record.allow.length > 0 && (address === null || !new AddressList(record.allow).has(address)))
      throw new GatewayError('not_signed_in')
    if (record.lastUsedAt === null || now - record.lastUsedAt >= noteEveryMs || record.lastUsedAddress !== address) {
      await this.#store.noteUse(record.id, now, address)
    }
    return identityOf(record, operator)
  }
}

/** What a token permits while its operator is as given. */
export function identityOf(token: ApiTokenRecord, operator: OperatorRecord): TokenIdentity {
  return {
    operator,
    token,
    rights: new Set(token.rights.filter((right) => hasRight(operator.role, right))),
    agentIds: intersection(token.agentIds, operator.agentIds),
  }
}

/** The rights and merchants of a new token: what is asked for, or all that can be given. @throws GatewayError forbidden */
export function verifyGrant(
  operator: OperatorRecord,
  giver: Pick<TokenIdentity, 'rights' | 'agentIds'>,
  wanted: Pick<NewToken, 'rights' | 'agentIds'>,
): Pick<TokenIdentity, 'agentIds'> & { readonly rights: readonly Right[] } {
  const isGivable = (right: Right) => mayGive(operator, giver, right)
  const rights = wanted.rights ?? roles[operator.role].rights.filter(isGivable)
  const beyond = rights.find((right) => !isGivable(right))
  if (beyond !== undefined)
    throw new GatewayError('forbidden', { message: `the right ${beyond} is not yours to give, or not ${operator.email}'s` })
  const most = intersection(giver.agentIds, operator.agentIds)
  const agentIds = wanted.agentIds === undefined ? most : wanted.agentIds
  if (!isWithin(agentIds, most)) throw new GatewayError('forbidden', { message: `it can be restricted to ${most?.join(', ')} at most` })
  return { rights, agentIds }
}

/** Whether a token of the operator's may get the right from the giver. */
export function mayGive({ role }: OperatorRecord, giver: Pick<TokenIdentity, 'rights'>, right: Right): boolean {
  return hasRight(role, right) && giver.rights.has(right)
}

function hashToken(token: string): Uint8Array {
  return digest('sha256', token)
}

/** Null means all. */
function isWithin(part: readonly string[] | null, whole: readonly string[] | null): boolean {
  return whole === null || part?.every((agentId) => whole.includes(agentId)) === true
}

/** Merchants of both; null means all. */
export function intersection(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (a === null) return b
  return b === null ? a : a.filter((agentId) => b.includes(agentId))
}
