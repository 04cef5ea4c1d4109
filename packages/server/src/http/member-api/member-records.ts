import { catalogue, type GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { SignedCallDependencies, SignedCallProgress } from '../../core/members/signed-call.ts'
import type { CallLog } from '../../core/records/call-log.ts'
import { refusalFacts, traceSteps } from '../../core/records/call-trace.ts'
import type { DecidedCall } from '../../core/records/decided-call.ts'
import type { TraceValues } from '../../core/records/steps.ts'
import type { TraceInput } from '../../store/store.ts'
import type { MemberRequestState } from './read-steps.ts'
import type { ServedCall } from './signed-call-route.ts'

const acceptedCode = '200'

/** Records signed calls. Takes names from the body only once they are valid, and a merchant's that exists. */
export class MemberRecords {
  readonly #log: CallLog
  readonly #merchants: SignedCallDependencies['merchants']
  readonly #values: TraceValues
  readonly #sealRequest: (text: string) => string | undefined
  readonly #calls: readonly ServedCall[]

  constructor(options: {
    log: CallLog
    merchants: SignedCallDependencies['merchants']
    values: TraceValues
    sealRequest: (text: string) => string | undefined
    calls: readonly ServedCall[]
  }) {
    this.#log = options.log
    this.#merchants = options.merchants
    this.#values = options.values
    this.#sealRequest = options.sealRequest
    this.#calls = options.calls
  }

  accepted(served: ServedCall, state: SignedCallProgress): void {
    const call = decided(state, acceptedCode)
    this.#log.accepted(call, () => this.#trace(served, state, call, null))
  }

  /** @param state absent when the request was refused before its first step */
  refused(error: GatewayError, request: FastifyRequest, now: number, state?: MemberRequestState): void {
    const code = String(catalogue[error.key].memberCode ?? catalogue.internal.memberCode)
    const path = state?.call.path ?? request.routeOptions.url
    const served = this.#calls.find(({ call }) => call.path === path)
    const call = state === undefined ? unread(served, request, now, code) : decided(this.#named(state), code)
    const refusal = { ...call, kind: `member.${state === undefined ? 'request' : call.call}`, error }
    if (served === undefined) this.#log.refused(refusal)
    else {
      this.#log.refused(refusal, () => {
        if (state === undefined) return unreadTrace(call, error)
        const trace = this.#trace(served, state, call, error)
        return trace.steps.at(-1)?.name === 'signature' ? { ...trace, keptRequest: this.#sealRequest(textOf(request)) } : trace
      })
    }
  }

  /** Malformed fields name a merchant, too, whose page then shows why the call was refused. */
  #named(state: MemberRequestState): SignedCallProgress {
    const agentId = state.input?.agent_id
    if (state.fields !== undefined || typeof agentId !== 'string' || !this.#merchants.has(agentId)) return state
    const isListed = state.address !== null && this.#merchants.find(agentId)?.allow.has(state.address) === true
    return { ...state, agentId, isListed }
  }

  #trace({ steps }: ServedCall, state: SignedCallProgress, call: DecidedCall, error: GatewayError | null): TraceInput {
    const fields = state.fields as { agent_id: string; user_id?: string } | undefined
    return {
      ...traceHead(call, error),
      agentId: fields?.agent_id ?? call.agentId,
      subject: fields?.user_id,
      keyId: state.keyId,
      steps: traceSteps(steps, state, { stepIndex: state.stepIndex, error, values: this.#values }),
    }
  }
}

/** As it was sent, for a later explanation. */
function textOf({ body, url }: FastifyRequest): string {
  return Buffer.isBuffer(body) ? body.toString('utf8') : url
}

function decided(state: SignedCallProgress, code: string): DecidedCall {
  const { now: at, begun, call, requestId, address, agentId, isListed = false, keyId, fields } = state
  // Only a valid signature proves that the merchant named the member.
  const subject = keyId === undefined ? undefined : (fields as { user_id?: string }).user_id
  return {
    at,
    begun,
    surface: 'member-api',
    call: call.name,
    code,
    requestId,
    address,
    agentId,
    isKnown: isListed,
    subject,
    keyId,
    sign: fields?.sign,
  }
}

/** Refused by the request head alone: rate by address, media type, size, or unknown path. */
function unread(served: ServedCall | undefined, request: FastifyRequest, at: number, code: string): DecidedCall {
  const { id: requestId, clientAddress: address } = request
  const call = served?.call.name ?? 'request'
  return { at, surface: 'member-api', call, code, requestId, address, agentId: undefined, isKnown: false, subject: undefined }
}

function unreadTrace(call: DecidedCall, error: GatewayError): TraceInput {
  const name = error.key === 'rate_limited' ? 'rate by address' : 'head'
  return { ...traceHead(call, error), steps: [{ name, passed: false, facts: refusalFacts(error) }] }
}

function traceHead({ at, requestId, call, code, address, isKnown }: DecidedCall, error: GatewayError | null) {
  const outcome = { code, key: error?.key, isFailed: error !== null, isStranger: !isKnown }
  return { at, requestId, surface: 'member-api', call, address: address ?? undefined, ...outcome } as const
}
