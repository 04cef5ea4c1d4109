export interface EventStore {
  append(events: readonly EventInput[]): Promise<void>
  /** Newest first, however far it has to look. */
  list(filter: EventFilter): Promise<EventRecord[]>
  /** Likewise, but looks at a bounded number of rows. */
  search(filter: EventFilter): Promise<LogPage<EventRecord, number>>
}

/** Rows of a log, newest first. */
export interface LogPage<Row, Place> {
  readonly rows: Row[]
  /** Before which place to look on, when the search ended before it found enough; null when it found enough, or everything. */
  readonly next: Place | null
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

/** A row of the append-only event table: a lock, creation, change or revocation; in rows of earlier releases also a refusal. Contains no secret. */
export interface EventInput {
  readonly at: number
  /** Dotted, noun first: `member.locked`, `seller.added`. */
  readonly kind: string
  readonly surface: Surface
  /**
   * Who did it: `operator:ID`, `token:ID`, `cli:USER@HOST`, `server`, `merchant:AGENT_ID`, `seller:ID`, and for single sign-on
   * `sso:SUBJECT` (somebody at the provider who has no account) and `provider:HOST` (the provider itself). Absent for the surface's own caller, and in
   * rows older than actors.
   */
  readonly actor?: string | undefined
  readonly agentId?: string | undefined
  /** The user_id, seller id or key id that it is about. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  readonly requestId?: string | undefined
  /** The answered code, as text. */
  readonly code?: string | undefined
  /** The number of identical occurrences in this row. Default 1. */
  readonly count?: number | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Where a change comes from. Set when an object that makes changes is constructed, and recorded with each change. */
export type EventOrigin = Pick<EventInput, 'surface' | 'actor' | 'address' | 'requestId'>

export interface EventRecord extends EventInput {
  readonly id: number
}
