import type { GatewayError, StepFact } from '@lobbykey/contract'
import type { TraceStep } from '../../store/store.ts'
import type { Step, TraceValues } from './steps.ts'

/** The steps up to the deciding one, each with its fact; the last also with what the caller was told. */
export function traceSteps<State>(
  steps: readonly Step<State>[],
  state: State,
  decided: { readonly stepIndex: number; readonly error: GatewayError | null; readonly values: TraceValues },
): TraceStep[] {
  const { stepIndex, error, values } = decided
  return steps.slice(0, stepIndex + 1).map((step, index) => {
    const passed = error === null || index < stepIndex
    const own = factOf(step, state, values)
    const facts = [...(own === undefined ? [] : [own]), ...(passed ? [] : refusalFacts(error))]
    const unlisted = passed ? undefined : error.details.unlisted
    return {
      name: step.name,
      passed,
      ...(facts.length === 0 ? {} : { facts }),
      ...(unlisted === undefined ? {} : { unlisted }),
    }
  })
}

/** What the caller was told besides the code. */
export function refusalFacts({ key, details }: GatewayError): StepFact[] {
  const { message, retryAfterMs } = details
  const again: StepFact[] = retryAfterMs === undefined ? [] : [['again', Math.ceil(retryAfterMs)]]
  return [message === undefined ? ['error', key] : ['told', message], ...again]
}

/** A failed step may not have established what its fact reads. */
function factOf<State>(step: Step<State>, state: State, values: TraceValues): StepFact | undefined {
  try {
    return step.fact?.(state, values)
  } catch {
    return undefined
  }
}

/**
 * A call's canonical string for a trace: `<8>` stands for a value of 8 characters. Tokens are always masked, because a token opens the lobby. The
 * string never contains the merchant's key.
 */
export function tracedCanonical(fields: object, names: readonly string[], values: TraceValues): string {
  return names
    .map((name) => [name, (fields as Readonly<Record<string, unknown>>)[name]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${values === 'shown' && name !== 'token' ? value : `<${[...String(value)].length}>`}`)
    .join('&')
}
