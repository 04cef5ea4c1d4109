import { GatewayError, parameterError, printable, verifyField } from '@lobbykey/contract'
import { operatorName, type Role } from '@lobbykey/contract/admin'
import type { Enablement, EventOrigin, OperatorRecord, OperatorStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { difference } from '../base/difference.ts'
import { emailLengthMax, normalizeEmail } from '../base/email-address.ts'
import { randomId } from '../base/random.ts'

export interface OperatorAdminOptions {
  readonly store: OperatorStore
  readonly clock: Clock
  readonly origin: EventOrigin
}

export interface OperatorChanges {
  readonly name?: string
  readonly role?: Role
  readonly agentIds?: readonly string[] | null
  readonly status?: Enablement
}

/** Manages operator accounts, but neither their credentials nor the meaning of roles. */
export class OperatorAdmin {
  readonly #options: OperatorAdminOptions

  constructor(options: OperatorAdminOptions) {
    this.#options = options
  }

  /** Ordered by e-mail. */
  list(page: { readonly limit: number; readonly afterEmail?: string | undefined }): Promise<OperatorRecord[]> {
    return this.#options.store.list(page)
  }

  /** @throws GatewayError not_found */
  async get(id: string): Promise<OperatorRecord> {
    const operator = await this.#options.store.find(id)
    if (operator === null) throw notFound(id)
    return operator
  }

  /** @throws GatewayError not_found */
  async getByEmail(email: string): Promise<OperatorRecord> {
    const operator = await this.#options.store.findByEmail(normalizeEmail(email) ?? '')
    if (operator === null) throw notFound(email)
    return operator
  }

  /** Adds an account that nobody can sign in to yet. @throws GatewayError invalid_parameter, already_exists */
  async add(fields: { email: string; name: string; role: Role; agentIds: readonly string[] | null }): Promise<OperatorRecord> {
    const { store, clock, origin } = this.#options
    const email = normalizeEmail(fields.email)
    if (email === null) throw parameterError('email', `must be one e-mail address of at most ${emailLengthMax} characters`)
    verifyField('name', operatorName, fields.name)
    verifyMerchantRestriction(fields)
    const now = clock.now()
    const operator: OperatorRecord = { ...fields, id: randomId(), email, status: 'enabled', sso: null, createdAt: now, updatedAt: now }
    const details = { email, role: operator.role, agentIds: operator.agentIds }
    const outcome = await store.add(operator, { at: now, kind: 'operator.added', ...origin, subject: operator.id, details })
    if (outcome === 'exists') throw new GatewayError('already_exists', { message: `operator ${email} already exists` })
    return operator
  }

  /**
   * Takes effect at once, since every call reads the account from the store. @throws GatewayError not_found, invalid_parameter, changed_meanwhile,
   * conflict
   */
  async change(id: string, changes: OperatorChanges, kind: string, expectedUpdatedAt: number | null): Promise<OperatorRecord> {
    const { store, clock, origin } = this.#options
    const before = await this.get(id)
    const after: OperatorRecord = { ...before, ...changes, updatedAt: Math.max(clock.now(), before.updatedAt + 1) }
    if (changes.name !== undefined) verifyField('name', operatorName, changes.name)
    verifyMerchantRestriction(after)
    const { updatedAt: _before, ...described } = before
    const details = difference(described, { ...described, ...changes })
    const event = { at: clock.now(), kind, ...origin, subject: id, details }
    const outcome = await store.update(after, expectedUpdatedAt ?? before.updatedAt, event)
    switch (outcome) {
      case 'updated':
        return after
      case 'not-found':
        throw notFound(id)
      case 'changed':
        throw new GatewayError('changed_meanwhile', { message: `operator ${before.email} was changed meanwhile` })
      case 'last-owner':
        throw new GatewayError('conflict', {
          message: `${before.email} is the last owner with credentials of its own; make another one first`,
        })
    }
  }
}

/** A partner's engineer without a merchant list would see every partner. @throws GatewayError invalid_parameter */
export function verifyMerchantRestriction({ role, agentIds }: { readonly role: Role; readonly agentIds: readonly string[] | null }): void {
  if (role === 'partner' && agentIds === null) throw parameterError('agentIds', 'must name the merchants of a partner')
}

function notFound(text: string): GatewayError {
  return new GatewayError('not_found', { message: `there is no operator ${printable(text)}` })
}
