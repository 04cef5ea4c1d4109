/** Processes that serve on this store, as each tells of itself. */
export interface ProcessStore {
  /** Writes the row anew. */
  beat(process: ProcessRecord): Promise<void>
  /** Those seen since then, by host and process ID. */
  list(since: number): Promise<ProcessRecord[]>
  leave(id: string): Promise<void>
}

export interface ProcessRecord extends ProcessState {
  readonly id: string
  readonly startedAt: number
  readonly seenAt: number
}

export interface ProcessState {
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly isReady: boolean
  /** Who keeps its rate limits. */
  readonly limits: 'redis' | 'node' | 'process'
  /** False where that keeper is away and it limits by itself. */
  readonly limitsShared: boolean
}
