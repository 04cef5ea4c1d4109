import type { Attributes, AttributeValue, HrTime } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

/** Spans as an OTLP request in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). @param resource what all are of */
export function encodeSpans(spans: readonly ReadableSpan[], resource: Attributes): string {
  const scope = spans[0]?.instrumentationScope
  const scopeSpans = [{ scope: { name: scope?.name, version: scope?.version }, spans: spans.map(encodeSpan) }]
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: encodeAttributes(resource) }, scopeSpans }] })
}

function encodeSpan(span: ReadableSpan): object {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  const parent = span.parentSpanContext
  return {
    traceId,
    spanId,
    traceState: traceState?.serialize(),
    parentSpanId: parent?.spanId,
    // Bits 8 and 9: whether the parent is another process's is known, and it is.
    flags: traceFlags | 0x100 | (parent?.isRemote === true ? 0x200 : 0),
    name: span.name,
    // The API counts from internal = 0, OTLP from unspecified = 0.
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: encodeAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    status: { code: span.status.code },
  }
}

function nanoseconds([seconds, rest]: HrTime): string {
  return `${seconds}${String(rest).padStart(9, '0')}`
}

function encodeAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }))
}

/** Lists are none of ours. */
function encodeValue(value: AttributeValue | undefined): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value !== 'number') return { stringValue: String(value) }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
