import { catalogue, type GatewayError, type SellerTokens } from '@lobbykey/contract'
import type { FastifyRequest } from 'fastify'
import { refusalFacts, traceSteps } from '../../core/records/call-trace.ts'
import { SellerRefusal } from '../../core/sellers/seller-refusal.ts'
import type { TraceInput, TraceStep } from '../../store/store.ts'
import type { SellerCall, SellerOperation } from './seller-call.ts'

interface Decided {
  /** Absent when the request was refused before its first step. */
  readonly call: SellerCall | undefined
  readonly error: GatewayError | null
}

/**
 * How a seller's call was decided. Like the event table it names an account by its ID and tells the
 * reason that the caller is not told; no e-mail, password or token.
 */
export function sellerTrace(operation: SellerOperation, request: FastifyRequest, now: number, { call, error }: Decided): () => TraceInput {
  return () => ({
    at: now,
    requestId: request.id,
    surface: 'seller-api',
    call: operation.name,
    subject: error?.cause instanceof SellerRefusal ? error.cause.sellerId : (call?.identity?.sellerId ?? sellerOf(call?.answer)),
    address: request.clientAddress ?? undefined,
    code: error === null ? '0000' : (catalogue[error.key].sellerCode ?? catalogue.internal.sellerCode ?? ''),
    key: error?.key,
    isFailed: error !== null,
    steps: stepsOf(operation, call, error),
  })
}

function stepsOf(operation: SellerOperation, call: SellerCall | undefined, error: GatewayError | null): TraceStep[] {
  if (call === undefined) return [{ name: 'head', passed: false, fact: error === null ? undefined : refusalFacts(error).join('; ') }]
  const steps = traceSteps(operation.steps, call, { stepIndex: call.stepIndex, error, values: 'masked' })
  const last = steps.at(-1)
  if (!(error?.cause instanceof SellerRefusal) || last === undefined) return steps
  return [...steps.slice(0, -1), { ...last, fact: [last.fact, error.cause.reason].filter(Boolean).join('; ') }]
}

/** Whose tokens these are: the subject of the one that was just issued. */
function sellerOf(answer: object | undefined): string | undefined {
  const { accessToken } = (answer ?? {}) as Partial<SellerTokens>
  if (accessToken === undefined) return undefined
  return (JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub
}
