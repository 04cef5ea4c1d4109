import type { EventInput } from './event-store.ts'

/** Changes that wait for another person, and which have to. */
export interface ProposalStore {
  find(id: string): Promise<ProposalRecord | null>
  /** Newest first; a page from after one on. `agentIds`: of these merchants alone. `openAt`: those that wait for a decision then. */
  list(filter: {
    readonly limit: number
    readonly afterId?: string | undefined
    readonly agentIds?: readonly string[] | undefined
    readonly openAt?: number | undefined
  }): Promise<ProposalRecord[]>
  add(proposal: ProposalRecord, event: EventInput): Promise<void>
  /** Of many at once one decides; false when it is decided or over. */
  decide(
    id: string,
    decision: Pick<ProposalRecord, 'state' | 'decidedBy' | 'word'> & { readonly decidedAt: number },
    event: EventInput,
  ): Promise<boolean>
  /** How the approved change went. */
  settle(id: string, state: 'done' | 'failed', problem: string | null, event: EventInput | null): Promise<void>
  /** Empty from the beginning. */
  findPolicy(): Promise<ApprovalPolicy>
  /** False when it is not that of `expectedUpdatedAt` any more. */
  setPolicy(policy: ApprovalPolicy, expectedUpdatedAt: number, event: EventInput): Promise<boolean>
}

export interface ProposalRecord {
  /** Sorts by the time of its making. */
  readonly id: string
  readonly operation: string
  readonly input: Readonly<Record<string, unknown>>
  /** Null where it is no merchant's. */
  readonly agentId: string | null
  /** When what it changes was changed last, as the proposer saw it; null where that does not count. */
  readonly readAt: number | null
  readonly reason: string
  /** An event's actor. */
  readonly proposedBy: string
  /** Null for whoever sits at the store. */
  readonly proposerId: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly state: 'open' | 'approved' | 'done' | 'failed' | 'declined' | 'withdrawn'
  readonly decidedBy: string | null
  readonly decidedAt: number | null
  readonly word: string | null
  readonly problem: string | null
}

export interface ApprovalPolicy {
  readonly operations: readonly string[]
  /** Null for all merchants. */
  readonly agentIds: readonly string[] | null
  readonly updatedAt: number
}
