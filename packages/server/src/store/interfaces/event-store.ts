export interface EventStore {
  append(events: readonly EventInput[]): Promise<void>
  /** Newest first. */
  list(filter: EventFilter): Promise<EventRecord[]>
}

export interface EventFilter {
  readonly kind?: string | undefined
  readonly agentId?: string | undefined
  readonly agentIds?: readonly string[] | undefined
  readonly subject?: string | undefined
  readonly actor?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly afterId?: number | undefined
  readonly beforeId?: number | undefined
  readonly limit: number
}

export type Surface = 'member-api' | 'seller-api' | 'verify-api' | 'pages' | 'cli' | 'admin-api' | 'console' | 'server'

/** A row of the append-only event table: something locked, created, changed or revoked; in rows of earlier releases also refused. Holds no secret. */
export interface EventInput {
  readonly at: number
  /** Dotted, noun first: `member.locked`, `seller.added`. */
  readonly kind: string
  readonly surface: Surface
  /**
   * Who did it: `operator:ID`, `token:ID`, `cli:USER@HOST`, `server`, `merchant:AGENT_ID`, `seller:ID`. Absent where the surface's own caller is meant, and in rows
   * from before there were actors.
   */
  readonly actor?: string | undefined
  readonly agentId?: string | undefined
  /** user_id, seller id, key id: whom or what it is about. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  readonly requestId?: string | undefined
  /** The code answered, as text. */
  readonly code?: string | undefined
  /** How many alike this row stands for. Default 1. */
  readonly count?: number | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Where an event comes from: whoever changes something is made with it, and says it with every change. */
export type EventOrigin = Pick<EventInput, 'surface' | 'actor' | 'address' | 'requestId'>

export interface EventRecord extends EventInput {
  readonly id: number
}
