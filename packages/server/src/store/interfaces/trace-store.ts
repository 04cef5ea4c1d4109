import type { StepFact } from '@lobbykey/contract'
import type { Surface } from './event-store.ts'

export interface TraceStore {
  append(traces: readonly TraceInput[]): Promise<void>
  /** The newest trace of this request. */
  find(requestId: string): Promise<StoredTrace | null>
  /** Newest first, by time. */
  list(filter: TraceFilter): Promise<StoredTrace[]>
  /** Of the `batchMax` oldest, deletes those before `since` and those beyond the newest `rowsMax`, likewise for strangers; returns how many. */
  trim(keep: { since: number; rowsMax: number; strangerRowsMax: number }, batchMax: number): Promise<number>
}

export interface TraceFilter {
  readonly agentIds?: readonly string[] | undefined
  readonly onlyFailed?: boolean | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Those with higher numbers. */
  readonly after?: TracePosition | undefined
  /** Those later in the list than this one. */
  readonly before?: TracePlace | undefined
  readonly limit: number
}

/** A trace's place in the list: at the same time strangers come last, then higher numbers first. */
export type TracePlace = Pick<StoredTrace, 'at' | 'isStranger' | 'id'>

/** Trace numbers; strangers' are numbered separately. */
export interface TracePosition {
  readonly known: number
  readonly strangers: number
}

/** One step of a decided call: its name, whether it passed, and the facts that decided it. */
export interface TraceStep {
  readonly name: string
  readonly passed: boolean
  readonly facts?: readonly StepFact[] | undefined
  /** The same in English, in rows of the release before. */
  readonly fact?: string | undefined
  /** The entry that the merchant's list lacked. */
  readonly unlisted?: string | undefined
}

/** How one call was decided, step by step. Contains no secret. */
export interface TraceInput {
  readonly at: number
  readonly requestId: string
  readonly surface: Surface
  /** `login`, `refresh`, … */
  readonly call: string
  readonly agentId?: string | undefined
  /** The user_id or seller id, once known. */
  readonly subject?: string | undefined
  readonly address?: string | undefined
  /** The merchant's key that verified the call. */
  readonly keyId?: string | undefined
  /** The answered code, and the key of the error behind it. */
  readonly code: string
  readonly key?: string | undefined
  readonly isFailed: boolean
  /** The caller was unauthenticated: its address is on no merchant's list, and it presented no valid credential. */
  readonly isStranger: boolean
  /** In order, up to the deciding one. */
  readonly steps: readonly TraceStep[]
  /** Encrypted; of a call that was refused for its signature. */
  readonly keptRequest?: string | undefined
}

export interface StoredTrace extends TraceInput {
  /** Number within its class. */
  readonly id: number
}
