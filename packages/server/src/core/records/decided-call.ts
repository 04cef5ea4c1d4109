import type { GatewayError } from '@lobbykey/contract'
import type { Surface } from '../../store/store.ts'

/** A call and its outcome, as the records need it. What a caller says of itself stands here only once it is known to be somebody. */
export interface DecidedCall {
  readonly at: number
  /** When it began to be decided, as `performance.now()` tells; absent where a request was refused by its head alone. */
  readonly begun?: number | undefined
  readonly surface: Surface
  /** `login`, `refresh`, …; `request` for what is no call that there is. */
  readonly call: string
  /** As answered. */
  readonly code: string
  readonly requestId: string
  /** Normalised. */
  readonly address: string | null
  /** The merchant that the call names, if there is one. */
  readonly agentId: string | undefined
  /** The caller is on that merchant's address list, or had a credential that is ours: nobody else can fill its shares. */
  readonly isKnown: boolean
  /** A member whom a right signature names; a seller or service that there is. */
  readonly subject: string | undefined
  /** The merchant's key that verified it. */
  readonly keyId?: string | undefined
}

export interface RefusedCall extends DecidedCall {
  /** Begins the kind of what is recorded: `member.login`. */
  readonly kind: string
  readonly error: GatewayError
  /** Why, where the caller is not told. */
  readonly reason?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Whose share of the records a call counts against: its merchant's, else its subject's, else that of all who named nobody on this surface. */
export function shareOwner({ surface, agentId, subject }: DecidedCall): string {
  // As it is: no merchant's name has a bar, and this is asked of every call.
  if (agentId !== undefined) return agentId
  return subject === undefined ? `nobody|${surface}` : `subject|${subject}`
}
