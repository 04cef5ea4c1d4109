import { AsyncLocalStorage } from 'node:async_hooks'
import { isGatewayError } from '@lobbykey/contract'
import {
  type Context,
  createContextKey,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { systemClock } from '../core/base/clock.ts'
import type { CallDecision, CallEnd, CallPart, CallSpans, CallStart, PartSpan, SpanOptions } from '../core/base/spans.ts'
import { slowMs } from '../core/base/spans.ts'
import { readTraceHeaders } from '../core/base/trace-headers.ts'
import type { SpanQueue } from './span-queue.ts'

/** Spans kept of one call. A stream may have any number. */
const partsMax = 128

/** A call and its spans, until it is known whether they are exported. */
interface Call {
  span: Span | null
  context: Context
  /** Ended spans. */
  readonly parts: ReadableSpan[]
  isKept: boolean
  hasEnded: boolean
  /** Ms since 1970. All spans of a call have their times by the clock as it was when the call began, so that parts lie within it. */
  readonly now: () => number
}

const callKey = createContextKey('lobbykey call')

/**
 * The calls under way, and the decision when one ends: its spans are exported when the sampler chose its trace, or when it was refused or slow. They
 * are held until then, so that no part of a refused call is missing.
 */
export class CallRegistry implements SpanProcessor {
  readonly #queue: Pick<SpanQueue, 'add' | 'drop'>
  readonly #calls = new Map<string, Call>()
  readonly #callOf = new WeakMap<object, Call>()
  readonly #here = new AsyncLocalStorage<Context>()

  constructor(queue: Pick<SpanQueue, 'add' | 'drop'>) {
    this.#queue = queue
  }

  spansOf(tracer: Tracer): CallSpans {
    const calls = this.#calls
    return {
      begin: (start) => this.#begin(tracer, start),
      within: (requestId, work) => {
        const call = calls.get(requestId)
        return call === undefined ? work() : this.#here.run(call.context, work)
      },
      decided: (requestId, decision) => this.#decided(requestId, decision),
      end: (requestId, end) => this.#end(requestId, end),
      idsOf: (requestId) => {
        const context = calls.get(String(requestId))?.span?.spanContext()
        return context && { trace_id: context.traceId, span_id: context.spanId }
      },
      traceparentOf: (requestId) => {
        const span = calls.get(requestId)?.span
        return span ? traceparentOf(span) : undefined
      },
      current: () => {
        const context = this.#here.getStore()
        const call = context?.getValue(callKey) as Call | undefined
        return context === undefined || call === undefined || call.hasEnded ? null : this.#partIn(tracer, context, call)
      },
    }
  }

  #begin(tracer: Tracer, { requestId, attributes, ...headers }: CallStart): void {
    const offsetMs = systemClock.now() - performance.now()
    const now = () => offsetMs + performance.now()
    const call: Call = { span: null, context: ROOT_CONTEXT, parts: [], isKept: false, hasEnded: false, now }
    const context = remoteParent(headers).setValue(callKey, call)
    const span = tracer.startSpan(
      String(attributes['http.request.method']),
      { kind: SpanKind.SERVER, attributes, startTime: now() },
      context,
    )
    call.span = span
    call.context = trace.setSpan(context, span)
    this.#calls.set(requestId, call)
  }

  #decided(requestId: string, { attributes, isKept, isFailed }: CallDecision): void {
    const call = this.#calls.get(requestId)
    if (call === undefined) return
    call.span?.setAttributes(attributes)
    if (isFailed) call.span?.setStatus({ code: SpanStatusCode.ERROR })
    call.isKept ||= isKept
  }

  #end(requestId: string, { status, name, attributes }: CallEnd): void {
    const call = this.#calls.get(requestId)
    if (call?.span == null) return
    this.#calls.delete(requestId)
    call.span.updateName(name).setAttributes(attributes)
    if (status !== undefined) call.span.setAttribute('http.response.status_code', status)
    if (status !== undefined && status >= 500) call.span.setStatus({ code: SpanStatusCode.ERROR })
    call.isKept ||= status !== undefined && status >= 400
    call.span.end(call.now())
  }

  #partIn(tracer: Tracer, context: Context, { now }: Call): CallPart {
    return {
      start: (name: string, { kind, attributes = {} }: SpanOptions = {}): PartSpan => {
        const ofKind = kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL
        const span = tracer.startSpan(name, { kind: ofKind, attributes, startTime: now() }, context)
        return {
          traceparent: traceparentOf(span),
          run: (work) => this.#here.run(trace.setSpan(context, span), work),
          end: (error, more = {}) => {
            span.setAttributes(more)
            if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', typeOf(error))
            span.end(now())
          },
        }
      },
    }
  }

  onStart(span: object, context: Context): void {
    const call = context.getValue(callKey) as Call | undefined
    if (call !== undefined) this.#callOf.set(span, call)
  }

  onEnd(span: ReadableSpan): void {
    const call = this.#callOf.get(span)
    if (call === undefined) return
    const isWhole = span === (call.span as object)
    const [seconds, nanoseconds] = span.duration
    if (!isWhole && seconds * 1_000 + nanoseconds / 1_000_000 >= slowMs) call.isKept = true
    if (call.parts.length < partsMax || isWhole) call.parts.push(span)
    else this.#queue.drop(1)
    call.hasEnded ||= isWhole
    // Also what ends after the call, such as a write that came too late for its answer.
    if (!call.hasEnded) return
    const ended = call.parts.splice(0)
    if (call.isKept || (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) this.#queue.add(ended)
  }

  /** The queue is closed by its owner. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/** The caller's span, if its header is valid (https://www.w3.org/TR/trace-context/). */
function remoteParent(headers: { readonly traceparent: unknown; readonly tracestate: unknown }): Context {
  const { traceparent, tracestate } = readTraceHeaders(headers)
  if (traceparent === undefined) return ROOT_CONTEXT
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  const state = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    isRemote: true,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    ...state,
  })
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** Never the message, which may hold anything. */
function typeOf(error: unknown): string {
  if (isGatewayError(error)) return error.key
  const { code, name } = error as { code?: unknown; name?: unknown }
  return [code, name].find((one) => typeof one === 'string') ?? 'Error'
}
