import type { Surface } from './event-store.ts'

export interface TraceStore {
  append(traces: readonly TraceInput[]): Promise<void>
  /** The newest of this request. */
  find(requestId: string): Promise<StoredTrace | null>
  /** Newest first, by time. */
  list(filter: TraceFilter): Promise<StoredTrace[]>
  /**
   * Of the `batchMax` oldest, deletes those from before `since` and those beyond the newest `rowsMax`, and the same of strangers; says how
   * many went.
   */
  trim(keep: { since: number; rowsMax: number; strangerRowsMax: number }, batchMax: number): Promise<number>
}

export interface TraceFilter {
  readonly agentIds?: readonly string[] | undefined
  readonly onlyFailed?: boolean | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Those with greater numbers. */
  readonly after?: TracePosition | undefined
  /** Those that come after this one in the list. */
  readonly before?: TracePlace | undefined
  readonly limit: number
}

/** Where a trace stands in the list: of one moment, strangers come after others, and greater numbers first. */
export type TracePlace = Pick<StoredTrace, 'at' | 'isStranger' | 'id'>

/** Numbers of traces: strangers' have their own. */
export interface TracePosition {
  readonly known: number
  readonly strangers: number
}

/** One step of a decided call: what it is called, whether it passed, and the fact that it went by. */
export interface TraceStep {
  readonly name: string
  readonly passed: boolean
  readonly fact?: string | undefined
}

/** How one call was decided, step by step. Holds no secret. */
export interface TraceInput {
  readonly at: number
  readonly requestId: string
  readonly surface: Surface
  /** `login`, `refresh`, … */
  readonly call: string
  readonly agentId?: string | undefined
  /** user_id or seller id, once it is known. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  /** The code answered, and the key of the error behind it. */
  readonly code: string
  readonly key?: string | undefined
  readonly isFailed: boolean
  /** The caller had shown nothing: no address on a merchant's list, no credential that is ours. */
  readonly isStranger: boolean
  /** In order, up to the one that decided. */
  readonly steps: readonly TraceStep[]
  /** Sealed, of a call that was refused for its signature. */
  readonly keptRequest?: string | undefined
}

export interface StoredTrace extends TraceInput {
  /** Among those of its class. */
  readonly id: number
}
