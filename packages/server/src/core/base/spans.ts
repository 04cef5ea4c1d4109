import type { Attributes } from '@opentelemetry/api'

/**
 * OpenTelemetry spans of the calls that this process serves. Only `telemetry/` makes them; it is loaded when `OTEL_EXPORTER_OTLP_ENDPOINT` is set.
 * Everybody else asks here whether there are any, which costs one comparison.
 */
export let spans: CallSpans | null = null

export function useSpans(opened: CallSpans | null): void {
  spans = opened
}

/** A call, or a part of one, that takes this long is slow, ms. */
export const slowMs = 1_000

export interface SpanOptions {
  /** `client`: a call to another system. */
  readonly kind?: 'client'
  readonly attributes?: Attributes
}

/** A call begins. */
export interface CallStart {
  readonly requestId: string
  readonly attributes: Attributes
  /** The request's headers of these names, as they were sent. */
  readonly traceparent: unknown
  readonly tracestate: unknown
}

export interface CallDecision {
  readonly attributes: Attributes
  /** It is exported whatever the sampler says. */
  readonly isKept: boolean
  /** A failure of this server. */
  readonly isFailed: boolean
}

export interface CallEnd {
  /** Undefined when the caller left before. */
  readonly status: number | undefined
  readonly name: string
  readonly attributes: Attributes
}

/** The spans of calls, by request id. An unknown id is ignored. */
export interface CallSpans {
  begin(start: CallStart): void
  /** Runs `work` as part of the call, so that `current` finds it, also in what `work` awaits. */
  within<T>(requestId: string, work: () => T): T
  decided(requestId: string, decision: CallDecision): void
  /** Ends the call. The first end counts. */
  end(requestId: string, end: CallEnd): void
  /** The call's span, for log lines; undefined when there is none. */
  idsOf(requestId: unknown): { readonly trace_id: string; readonly span_id: string } | undefined
  /** The call's `traceparent` for a service behind; undefined when there is none. */
  traceparentOf(requestId: string): string | undefined
  /** The part of a call that the running code belongs to; null outside of calls, and when its call has ended. */
  current(): CallPart | null
}

/** What spans can be below: a call, or a span of it. */
export interface CallPart {
  start(name: string, options?: SpanOptions): PartSpan
}

export interface PartSpan {
  readonly traceparent: string
  /** Runs `work` so that spans it starts are below this one. */
  run<T>(work: () => T): T
  /** @param error what made the part fail; of it, only its type is kept */
  end(error?: unknown, attributes?: Attributes): void
}

/** Does `work` in a span, if it is part of a call that has spans. */
export function inSpan<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const span = spans === null ? undefined : spans.current()?.start(name, options)
  return span === undefined ? work() : endAfter(span, work)
}

async function endAfter<T>(span: PartSpan, work: () => Promise<T>): Promise<T> {
  try {
    const result = await span.run(work)
    span.end()
    return result
  } catch (error) {
    span.end(error ?? 'error')
    throw error
  }
}
