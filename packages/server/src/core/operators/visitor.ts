import type { EventInput, EventOrigin } from '../../store/store.ts'

/** A browser's user, as far as the network shows. */
export interface Visitor {
  /** Normalised; null when unknown. */
  readonly address: string | null
  readonly requestId: string
  readonly userAgent: string | null
  /** Fires when the client disconnects. */
  readonly signal: AbortSignal
}

/** The event origin of an operator's actions in a browser. */
export function originOf(operatorId: string, { address, requestId }: Pick<Visitor, 'address' | 'requestId'>): EventOrigin {
  return { surface: 'console', actor: `operator:${operatorId}`, address: address ?? undefined, requestId }
}

/** What an event's actor is, and its ID: `operator:x`, `token:x`, `cli:ann@host`. */
export function readActor(actor = ''): { readonly kind: string; readonly id: string } {
  const [kind = '', id = ''] = actor.split(/:(.*)/s)
  return { kind, id }
}

export function accountEvent(kind: string, operatorId: string, at: number, visitor: Visitor, details?: EventInput['details']): EventInput {
  return { at, kind, ...originOf(operatorId, visitor), subject: operatorId, details }
}
