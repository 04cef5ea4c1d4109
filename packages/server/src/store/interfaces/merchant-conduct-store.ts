export interface MerchantConductStore {
  /** Keeps the later time of each, so that any number of processes may write, and a repeated write is harmless. */
  note(marks: readonly ConductMark[]): Promise<void>
  /** A merchant's, by topic. */
  load(agentId: string): Promise<ConductMark[]>
}

/** What a merchant's program does beyond signing. */
export type Habit = 'repeat' | 'fresh-token' | 'wrong-signature' | 'retry-after' | 'callback' | 'logged-out'

/** When a merchant's program was last seen doing something right, and when wrong; 0: never. */
export interface ConductMark {
  readonly agentId: string
  /** A habit, or the name of a signed call: whether its signatures are right. */
  readonly topic: string
  readonly rightAt: number
  readonly wrongAt: number
}
