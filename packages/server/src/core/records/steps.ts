import type { StepFact } from '@lobbykey/contract'

/** Whether a trace shows the values of a canonical string or only their lengths. */
export type TraceValues = 'masked' | 'shown'

/** A named step of a call: throws a GatewayError, or establishes something for later steps. */
export interface Step<State> {
  readonly name: string
  /** A method rather than a property, so that a list may hold steps of more specific states that its first steps establish. */
  run(state: State): void | Promise<void>
  /** What the step decided on, for the trace; never a secret. Called later, whether the step passed or failed. */
  fact?(state: State, values: TraceValues): StepFact | undefined
}

/** Runs steps in order; the first that throws decides. Does not yield to the event loop for synchronous steps. */
export async function runSteps<State extends { stepIndex: number }>(steps: readonly Step<State>[], state: State): Promise<void> {
  for (const step of steps) {
    state.stepIndex++
    const pending = step.run(state)
    if (pending !== undefined) await pending
  }
}
