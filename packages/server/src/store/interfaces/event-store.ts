export interface EventStore {
  append(events: readonly EventInput[]): Promise<void>
  /** Newest first. */
  list(filter: { kind?: string; agentId?: string; subject?: string; limit: number }): Promise<EventRecord[]>
}

export type Surface = 'member-api' | 'seller-api' | 'verify-api' | 'pages' | 'cli' | 'server'

/** A row of the append-only event table: something refused, locked, created, changed or revoked. Holds no secret. */
export interface EventInput {
  readonly at: number
  /** Dotted, noun first: `member.locked`, `seller.login_refused`. */
  readonly kind: string
  readonly surface: Surface
  readonly agentId?: string | undefined
  /** user_id, seller id, key id: whom or what it is about. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  readonly requestId?: string | undefined
  /** The code answered, as text. */
  readonly code?: string | undefined
  /** How many alike this row stands for; floods of refusals share rows. Default 1. */
  readonly count?: number | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

export interface EventRecord extends EventInput {
  readonly id: number
}
