import { GatewayError } from '@lobbykey/contract'
import { type AdminOperation, type Right, type Role, roles, type SignInMethod } from '@lobbykey/contract/admin'
import { merchantNotFound } from '../core/merchants/merchant-admin.ts'
import type { EventOrigin } from '../store/store.ts'

/** An authenticated caller of operations, over any interface. */
export interface Caller {
  /** Recorded in every event of the operation. */
  readonly origin: EventOrigin
  readonly rights: ReadonlySet<Right>
  /** The merchants that the caller is restricted to; null for no restriction. */
  readonly agentIds: readonly string[] | null
  /** Whether operations that need confirmation are allowed: a second factor was given recently, or the token permits them. */
  readonly isConfirmed: boolean
  /** The caller's own account; null for a local caller, at the store itself. */
  readonly operatorId: string | null
  /** The console session used; null for programs and local callers. */
  readonly sessionId: string | null
  /** How that session was opened. */
  readonly signInMethod: SignInMethod | null
  /** It acts for a proposal: operations that need approval may be rehearsed, or were approved. */
  readonly isProposed?: true
  /** Why it reads members' data, where it says so. */
  readonly purpose?: string | undefined
  /** Until when the second factor given in that session counts, ms. */
  readonly confirmedUntil: number | null
}

export function rightsOf(role: Role): ReadonlySet<Right> {
  return new Set<Right>(roles[role].rights)
}

/**
 * The merchants whose rows a list may show: the requested one, else those that the caller is restricted to; undefined for all.
 * @throws GatewayError merchant_not_found
 */
export function merchantsOf({ agentIds }: Caller, agentId: string | undefined): readonly string[] | undefined {
  if (agentId === undefined) return agentIds ?? undefined
  if (agentIds !== null && !agentIds.includes(agentId)) throw merchantNotFound(agentId)
  return [agentId]
}

/**
 * Whether the caller may do this. A caller restricted to merchants does not learn whether another merchant exists.
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
  if (operation.isForPeople && caller.operatorId !== null && caller.sessionId === null)
    throw new GatewayError('forbidden', { message: 'it is done by a person, signed in to the console; no token does it' })
  if (operation.isConfirmed && !caller.isConfirmed) throw new GatewayError('confirmation_required')
}

/** @param what needs it, for people @throws GatewayError forbidden */
export function requireRight({ rights }: Caller, right: Right, what: string): void {
  if (!rights.has(right)) throw new GatewayError('forbidden', { message: `${what} takes the right ${right}, which you do not have` })
}
