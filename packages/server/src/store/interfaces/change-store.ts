export interface ChangeStore {
  /** The newest sequence number, 0 when there is none. */
  latestSeq(): Promise<number>
  /** Changes after `seq`, ascending. Numbers may be missing for a moment: a transaction that took one may commit later than the next. */
  since(seq: number, limit: number): Promise<Change[]>
  /** Where the store went back, as far as that is kept (an hour): changes of the topic `store`, ascending. */
  listBreaks(): Promise<Change[]>
  /**
   * Goes on after `seq` and a gap, in a store that went back: so that no number is given twice, and every process sees that the row it stands on is gone.
   * Writes a change of the topic `store`.
   */
  resumeAfter(seq: number, written: Pick<WrittenChange, 'at' | 'detail'>): Promise<void>
  /** Tells this process's own changes, once each is durable and before anybody is answered. */
  onWritten(listener: (changes: readonly Change[]) => void): void
}

/** What a change is about: who keeps a copy in memory re-reads that subject. */
export type ChangeTopic =
  | 'merchant'
  | 'catalogue'
  | 'seller'
  | 'seller-session'
  | 'signing-key'
  | 'service'
  | 'member'
  | 'member-session'
  | 'operator'
  | 'api-token'
  | 'console-session'
  | 'invitation'
  | 'store'

export interface WrittenChange {
  readonly topic: ChangeTopic
  /**
   * agent_id, seller id, sid, kid …; `*` for all of the topic. `member`: `<agent_id>:<user_id>`, whose status was set or who was erased.
   * `member-session`: the token hash in hex of a session that was ended before its expiry, or renewed by another login under its
   * token; `findMany` tells which, whose, and why. `store`: `*`.
   */
  readonly subject: string
  /** When it took effect. */
  readonly at: number
  /**
   * What processes remember of it, should the store forget. `member`: the new status, or `erased`. `member-session`, `seller-session`: why it was ended.
   * `operator`: JSON of role, agentIds, status and updatedAt as they were set. `api-token`: `revoked`. `console-session`, `invitation`: `ended`. `store`: JSON of a ReplayFloorMark. Null where nothing is remembered, and from the release before.
   */
  readonly detail: string | null
}

export interface Change extends WrittenChange {
  readonly seq: number
}
