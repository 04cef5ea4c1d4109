import type { EventInput } from './event-store.ts'

/** Changes that wait for another person's approval, and which operations need one. */
export interface ProposalStore {
  find(id: string): Promise<ProposalRecord | null>
  /** Newest first; a page starting after one. `agentIds`: only these merchants'. `openAt`: those undecided at that time, and those approved by `stuckSince` and not done. */
  list(filter: {
    readonly limit: number
    readonly afterId?: string | undefined
    readonly agentIds?: readonly string[] | undefined
    readonly openAt?: number | undefined
    readonly stuckSince?: number | undefined
  }): Promise<ProposalRecord[]>
  add(proposal: ProposalRecord, event: EventInput): Promise<void>
  /** One of many concurrent decisions wins; false when it is expired, or decided (but not approved by `stuckSince` and still not done). */
  decide(
    id: string,
    decision: Pick<ProposalRecord, 'state' | 'decidedBy' | 'word'> & { readonly decidedAt: number; readonly stuckSince: number },
    event: EventInput,
  ): Promise<boolean>
  /** Records the result of the approved change. */
  settle(
    id: string,
    result: { readonly state: 'done' | 'failed'; readonly problem: string | null; readonly at: number },
    event: EventInput | null,
  ): Promise<void>
  /** Gives an open one the state it had before; false when it is not open. */
  decideAgain(id: string, state: ProposalRecord['state'], event: EventInput): Promise<boolean>
  /** Empty until set. */
  findPolicy(): Promise<ApprovalPolicy>
  /** False when it was not last changed at `expectedUpdatedAt`. */
  setPolicy(policy: ApprovalPolicy, expectedUpdatedAt: number, event: EventInput): Promise<boolean>
}

export interface ProposalRecord {
  /** Sorts by creation time. */
  readonly id: string
  readonly operation: string
  readonly input: Readonly<Record<string, unknown>>
  /** Null when it concerns no merchant. */
  readonly agentId: string | null
  /** The last change of what it modifies, as the proposer saw it; null where that does not matter. */
  readonly readAt: number | null
  readonly reason: string
  /** Actor of the event. */
  readonly proposedBy: string
  /** Null for somebody with direct access to the store. */
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
