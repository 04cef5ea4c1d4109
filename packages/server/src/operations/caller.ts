import { GatewayError } from '@lobbykey/contract'
import { type AdminOperation, type Right, type Role, roles, type SignInMethod } from '@lobbykey/contract/admin'
import { merchantNotFound } from '../core/merchants/merchant-admin.ts'
import type { EventOrigin } from '../store/store.ts'

/** Who asks for an operation, whichever face it comes through: known and authenticated. */
export interface Caller {
  /** Stands in every event that the operation leaves. */
  readonly origin: EventOrigin
  readonly rights: ReadonlySet<Right>
  /** The merchants that the caller is held to; null for none. */
  readonly agentIds: readonly string[] | null
  /** Whether confirmed operations may be done: a second factor was given just now, or the token was made for it. */
  readonly isConfirmed: boolean
  /** The caller's own account; null for whoever sits at the store itself. */
  readonly operatorId: string | null
  /** The console session that it asks in; null for programs and for whoever sits at the store. */
  readonly sessionId: string | null
  /** How that session was opened. */
  readonly signInMethod: SignInMethod | null
  /** It speaks for a proposal: what takes approval may be tried, or was approved. */
  readonly isProposed?: true
  /** Until when the second factor given in that session counts, ms. */
  readonly confirmedUntil: number | null
}

/** A change that must find things as they were read: what it changes was changed last then, in ms; null where the face does not ask for it. */
export type Expectation = number | null

export function rightsOf(role: Role): ReadonlySet<Right> {
  return new Set<Right>(roles[role].rights)
}

/**
 * The merchants whose rows a list may show: the one asked for, else those that the caller is held to; undefined for all.
 * @throws GatewayError merchant_not_found
 */
export function merchantsOf({ agentIds }: Caller, agentId: string | undefined): readonly string[] | undefined {
  if (agentId === undefined) return agentIds ?? undefined
  if (agentIds !== null && !agentIds.includes(agentId)) throw merchantNotFound(agentId)
  return [agentId]
}

/**
 * Whether the caller may do this. Of another's merchant a caller held to merchants does not hear that it is there.
 * @throws GatewayError forbidden, merchant_not_found, confirmation_required
 */
export function verifyRight(operation: AdminOperation, input: Readonly<Record<string, unknown>>, caller: Caller): void {
  requireRight(caller, operation.right, 'it')
  if (caller.agentIds !== null) {
    if (operation.reach === 'platform')
      throw new GatewayError('forbidden', { message: 'it is about more than the merchants that you are held to' })
    if (operation.reach === 'merchant' && !caller.agentIds.includes(String(input.agentId))) throw merchantNotFound(String(input.agentId))
  }
  for (const [field, right] of Object.entries(operation.fieldRights ?? {})) {
    if (input[field] !== undefined && input[field] !== false) requireRight(caller, right, field)
  }
  if (operation.isConfirmed && !caller.isConfirmed) throw new GatewayError('confirmation_required')
}

/** @throws GatewayError forbidden */
function requireRight({ rights }: Caller, right: Right, what: string): void {
  if (!rights.has(right)) throw new GatewayError('forbidden', { message: `${what} takes the right ${right}, which you do not have` })
}
