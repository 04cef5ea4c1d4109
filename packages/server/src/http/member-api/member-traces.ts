import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { SignedCallState } from '../../core/members/signed-call.ts'
import { refusalFacts, traceSteps } from '../../core/records/call-trace.ts'
import type { TraceValues } from '../../core/records/steps.ts'
import type { TraceLog } from '../../core/records/trace-log.ts'
import type { TraceInput } from '../../store/store.ts'
import type { ServedCall } from './signed-call-route.ts'

/** What the trace log keeps of signed calls. */
export class MemberTraces {
  readonly #log: TraceLog
  readonly #values: TraceValues
  readonly #calls: readonly ServedCall[]

  constructor(options: { log: TraceLog; values: TraceValues; calls: readonly ServedCall[] }) {
    this.#log = options.log
    this.#values = options.values
    this.#calls = options.calls
  }

  passed(served: ServedCall, state: SignedCallState): void {
    this.#log.note(false, () => this.#build(served, state, null))
  }

  /** @param state absent when the request was refused before its first step */
  refused(error: GatewayError, request: FastifyRequest, now: number, state?: SignedCallState): void {
    const path = state?.call.path ?? request.routeOptions.url
    const served = this.#calls.find(({ call }) => call.path === path)
    if (served === undefined) return
    if (state !== undefined) this.#log.note(true, () => this.#build(served, state, error))
    else this.#log.note(true, () => unread(served, request, now, error))
  }

  #build({ steps }: ServedCall, state: SignedCallState, error: GatewayError | null): TraceInput {
    const fields = state.isChecked ? (state.fields as { agent_id?: string; user_id?: string }) : undefined
    return {
      at: state.now,
      requestId: state.requestId,
      surface: 'member-api',
      call: state.call.name,
      agentId: fields?.agent_id,
      subject: fields?.user_id,
      address: state.address ?? undefined,
      code: error === null ? '200' : String(catalogue[error.key].memberCode),
      key: error?.key,
      isFailed: error !== null,
      steps: traceSteps(steps, state, { stepIndex: state.stepIndex, error, values: this.#values }),
    }
  }
}

/** Refused by its head alone: the rate by address, its media type or its size. */
function unread({ call }: ServedCall, request: FastifyRequest, now: number, error: GatewayError): TraceInput {
  return {
    at: now,
    requestId: request.id,
    surface: 'member-api',
    call: call.name,
    address: request.clientAddress ?? undefined,
    code: String(catalogue[error.key].memberCode),
    key: error.key,
    isFailed: true,
    steps: [{ name: error.key === 'rate_limited' ? 'rate by address' : 'head', passed: false, fact: refusalFacts(error).join('; ') }],
  }
}
