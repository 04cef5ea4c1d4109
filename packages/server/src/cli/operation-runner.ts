import type { AdminInput, AdminOperationName, AdminOutput } from '@lobbykey/contract/admin'

export interface RunOptions {
  /** Check and answer, but change nothing. */
  readonly isDryRun?: boolean
  /** `updatedAt` from the last read; the change fails if it differs now. */
  readonly readAt?: string
}

/** Runs operations for a verb. */
export interface OperationRunner {
  /** @throws GatewayError */
  run<Name extends AdminOperationName>(name: Name, input: AdminInput<Name>, options?: RunOptions): Promise<AdminOutput<Name>>
}
