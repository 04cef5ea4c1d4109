import type { EventInput, EventOrigin } from '../../store/store.ts'

/** Whoever is at a browser, as far as the network tells. */
export interface Visitor {
  /** Normalised; null when there is none. */
  readonly address: string | null
  readonly requestId: string
  readonly userAgent: string | null
  /** Fires when it hangs up. */
  readonly signal: AbortSignal
}

/** Where what an operator does in a browser comes from. */
export function originOf(operatorId: string, { address, requestId }: Pick<Visitor, 'address' | 'requestId'>): EventOrigin {
  return { surface: 'console', actor: `operator:${operatorId}`, address: address ?? undefined, requestId }
}

export function accountEvent(kind: string, operatorId: string, at: number, visitor: Visitor, details?: EventInput['details']): EventInput {
  return { at, kind, ...originOf(operatorId, visitor), subject: operatorId, details }
}
