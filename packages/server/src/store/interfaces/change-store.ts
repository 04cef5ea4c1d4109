export interface ChangeStore {
  /** The newest sequence number, 0 when there is none. */
  latestSeq(): Promise<number>
  /** Changes after `seq`, ascending. Numbers may be missing for a moment, since a transaction may commit later than one with a higher number. */
  since(seq: number, limit: number): Promise<Change[]>
  /** Known breaks of the sequence within the last hour: changes of the topic `store`, ascending. */
  listBreaks(): Promise<Change[]>
  /**
   * Continues after `seq` and a gap in a store that went back, so that no number is used twice and every process notices that its last row is gone.
   * Writes a change of the topic `store`.
   */
  resumeAfter(seq: number, written: Pick<WrittenChange, 'at' | 'detail'>): Promise<void>
  /** Calls the listener with this process's own changes, once they are durable and before any caller is answered. */
  onWritten(listener: (changes: readonly Change[]) => void): void
}

/** What a change is about; caches reload that subject. */
export type ChangeTopic =
  | 'merchant'
  | 'catalogue'
  | 'seller'
  | 'seller-session'
  | 'signing-key'
  | 'service'
  | 'brand'
  | 'member'
  | 'member-session'
  | 'operator'
  | 'api-token'
  | 'console-session'
  | 'invitation'
  | 'hand-over'
  | 'connection'
  | 'proposal'
  | 'store'

export interface WrittenChange {
  readonly topic: ChangeTopic
  /**
   * agent_id, seller id, sid, kid …; `*` for the whole topic. `member`: `<agent_id>:<user_id>` of a changed status or an erased member.
   * `member-session`: the hex token hash of a session that ended before its expiry, or that another login renewed under its token; `findMany` returns
   * whose it is, and why it ended. `store`: `*`.
   */
  readonly subject: string
  /** When it took effect. */
  readonly at: number
  /**
   * What processes remember in case the store loses it. `member`: the new status, or `erased`. `member-session`, `seller-session`: the end reason.
   * `operator`: JSON of the new role, agentIds, status and updatedAt. `api-token`: `revoked`. `console-session`, `invitation`, `hand-over`, `connection`: `ended`.
   * `merchant`, `service`, `brand`: `removed`. `proposal`: the new state. `store`: JSON of a ReplayFloorMark. Null where nothing is remembered, and in rows of
   * the previous release.
   */
  readonly detail: string | null
}

export interface Change extends WrittenChange {
  readonly seq: number
}
