import type { GatewayError } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import type { CallLog } from '../../core/records/call-log.ts'
import { refusalFacts, traceSteps } from '../../core/records/call-trace.ts'
import type { DecidedCall } from '../../core/records/decided-call.ts'
import { SellerRefusal } from '../../core/sellers/seller-refusal.ts'
import type { TraceInput, TraceStep } from '../../store/store.ts'
import { sellerCodeOf } from '../seller-envelope.ts'
import type { SellerCall, SellerOperation } from './seller-call.ts'

const acceptedCode = '0000'

interface Decided {
  /** Absent when the path is unknown. */
  readonly operation: SellerOperation | undefined
  /** Absent when the request was refused before its first step. */
  readonly call: SellerCall | undefined
  readonly error: GatewayError | null
}

/** Records a seller's call. Names the account by its ID and gives the reason that the caller does not get; no e-mail, password or token. */
export function recordSellerCall(log: CallLog, request: FastifyRequest, now: number, decided: Decided): void {
  const { operation, call, error } = decided
  const common = decidedCall(request, now, decided)
  const trace = operation === undefined ? undefined : () => traceOf(operation, common, call, error)
  if (error === null) log.accepted(common, trace)
  else
    log.refused(
      { ...common, kind: `seller.${call === undefined ? 'request' : common.call}`, error, reason: refusalOf(error)?.reason },
      trace,
    )
}

function decidedCall(request: FastifyRequest, at: number, { operation, call, error }: Decided): DecidedCall {
  const identity = call?.identity
  return {
    at,
    begun: call?.begun,
    surface: 'seller-api',
    call: operation?.name ?? 'request',
    code: error === null ? acceptedCode : sellerCodeOf(error),
    requestId: request.id,
    address: request.clientAddress,
    agentId: undefined,
    // A successful caller has proven a password or a token.
    isKnown: error === null || identity !== undefined,
    subject: refusalOf(error)?.sellerId ?? identity?.sellerId ?? call?.sellerId,
  }
}

function traceOf(operation: SellerOperation, decided: DecidedCall, call: SellerCall | undefined, error: GatewayError | null): TraceInput {
  const { at, requestId, surface, subject, address, code, isKnown } = decided
  const outcome = { code, key: error?.key, isFailed: error !== null, isStranger: !isKnown }
  const steps = stepsOf(operation, call, error)
  return { at, requestId, surface, call: operation.name, subject, address: address ?? undefined, ...outcome, steps }
}

function stepsOf(operation: SellerOperation, call: SellerCall | undefined, error: GatewayError | null): TraceStep[] {
  if (call === undefined) return [{ name: 'head', passed: false, ...(error === null ? {} : { facts: refusalFacts(error) }) }]
  const steps = traceSteps(operation.steps, call, { stepIndex: call.stepIndex, error, values: 'masked' })
  const last = steps.at(-1)
  const reason = refusalOf(error)?.reason
  if (reason === undefined || last === undefined) return steps
  return [...steps.slice(0, -1), { ...last, facts: [...(last.facts ?? []), ['reason', reason]] }]
}

function refusalOf(error: GatewayError | null): SellerRefusal | undefined {
  return error?.cause instanceof SellerRefusal ? error.cause : undefined
}
