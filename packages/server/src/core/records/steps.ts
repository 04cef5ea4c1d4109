/** Whether a trace shows the values of a canonical string, or only how long they are. */
export type TraceValues = 'masked' | 'shown'

/** A named step of a call: throws a GatewayError, or establishes something for those after it. */
export interface Step<State> {
  readonly name: string
  /** A method, so that a list may hold steps of more specific states: the list's first steps have established them. */
  run(state: State): void | Promise<void>
  /** What it goes by, for the trace; never a secret. Called later, whether it passed or failed. */
  fact?(state: State, values: TraceValues): string | undefined
}

/** Runs steps in order; the first that throws decides. Does not yield to the event loop for a step that is synchronous. */
export async function runSteps<State extends { stepIndex: number }>(steps: readonly Step<State>[], state: State): Promise<void> {
  for (const step of steps) {
    state.stepIndex++
    const pending = step.run(state)
    if (pending !== undefined) await pending
  }
}
