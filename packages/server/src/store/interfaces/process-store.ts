/** Processes that serve from this store, as they report themselves. */
export interface ProcessStore {
  /** Replaces the row. */
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
  /** What keeps its rate limits. */
  readonly limits: 'redis' | 'node' | 'process'
  /** False while that keeper is unreachable and the process limits by itself. */
  readonly limitsShared: boolean
  /** Seals that this process has yet to deliver, one sentence a destination; absent when there are none. */
  readonly sealBacklog?: readonly string[]
}
