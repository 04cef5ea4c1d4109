import type { GatewayError } from '@lobbykey/contract'
import type { Surface } from '../../store/store.ts'

/** A call and its outcome, for the records. Holds a caller's claim only when it names somebody who exists. */
export interface DecidedCall {
  readonly at: number
  /** When deciding began, by `performance.now()`; absent when the request head alone was refused. */
  readonly begun?: number | undefined
  readonly surface: Surface
  /** `login`, `refresh`, …; `request` for unknown calls. */
  readonly call: string
  /** The answered code. */
  readonly code: string
  readonly requestId: string
  /** Normalised. */
  readonly address: string | null
  /** The merchant that the call names, if it exists. */
  readonly agentId: string | undefined
  /** The caller is on that merchant's address list or presented a valid credential, so nobody else can use up its shares. */
  readonly isKnown: boolean
  /** A member named by a valid signature, or an existing seller or service. */
  readonly subject: string | undefined
  /** The merchant's key that verified the call. */
  readonly keyId?: string | undefined
  /** As sent, right or wrong. */
  readonly sign?: string | undefined
}

export interface RefusedCall extends DecidedCall {
  /** Prefix of the recorded kind: `member.login`. */
  readonly kind: string
  readonly error: GatewayError
  /** The reason, where the caller is not told. */
  readonly reason?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** How long deciding has taken so far, ms; 0 when the request head alone was refused. */
export function tookMs({ begun }: DecidedCall): number {
  return begun === undefined ? 0 : performance.now() - begun
}

/** Whose share of the records a call uses: its merchant's, else its subject's, else the one shared by all anonymous callers of the surface. */
export function shareOwner({ surface, agentId, subject }: DecidedCall): string {
  // Used unescaped, since this runs on every call: no merchant's name contains a bar.
  if (agentId !== undefined) return agentId
  return subject === undefined ? `nobody|${surface}` : `subject|${subject}`
}
