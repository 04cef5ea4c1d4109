export interface ChangeStore {
  /** The newest sequence number, 0 when there is none. */
  latestSeq(): Promise<number>
  /** Changes after `seq`, ascending. Numbers may be missing for a moment: a transaction that took one may commit later than the next. */
  since(seq: number, limit: number): Promise<Change[]>
}

/** What a change is about: who keeps a copy in memory re-reads that subject. */
export type ChangeTopic = 'merchant' | 'catalogue' | 'seller-session' | 'signing-key' | 'service' | 'member' | 'member-session'

export interface Change {
  readonly seq: number
  readonly topic: ChangeTopic
  /**
   * agent_id, sid, kid …; `*` for all of the topic. `member`: `<agent_id>:<user_id>`, whose status was set or who was erased.
   * `member-session`: the token hash in hex of a session that was ended before its expiry, or renewed by another login under its
   * token; `findMany` tells which, whose, and why.
   */
  readonly subject: string
}
