/**
 * OpenTelemetry: loaded by the gateway only when spans are to be exported, since the SDK takes 13 MB and 60 ms. (prom-client brings the API in any case.)
 *
 * The SDK makes and samples spans. Queue and exporter are ours: the tail decision needs its own, and `@opentelemetry/exporter-trace-otlp-http` brings
 * those for metrics and logs with it.
 */
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { randomText } from '../core/base/random.ts'
import type { CallSpans } from '../core/base/spans.ts'
import { version } from '../core/base/version.ts'
import { CallRegistry } from './call-registry.ts'
import { encodeSpans } from './encode-spans.ts'
import { type Collector, pairOf, sendSpans } from './send-spans.ts'
import { SpanQueue } from './span-queue.ts'

export interface SpanSettings {
  readonly otlpEndpoint: string
  /** `name=value` each. */
  readonly otlpHeaders: readonly string[]
  readonly otlpTimeoutMs: number
  readonly otelServiceName: string
  /** `name=value` each. */
  readonly otelResourceAttributes: readonly string[]
  /** A name of the OpenTelemetry specification. */
  readonly otelSampler: string
  /** Share of sampled traces, 0 to 1. */
  readonly otelSamplerRatio: number
}

export interface OpenedSpans {
  readonly spans: CallSpans
  readonly queue: Pick<SpanQueue, 'sentCount' | 'droppedCount' | 'flush' | 'close'>
}

/** @param onError told why spans could not be exported */
export function openSpans(settings: SpanSettings, onError: (error: unknown) => void): OpenedSpans {
  const collector: Collector = { endpoint: settings.otlpEndpoint, headers: settings.otlpHeaders, timeoutMs: settings.otlpTimeoutMs }
  const resource = {
    'service.name': settings.otelServiceName,
    'service.version': version,
    'service.instance.id': randomText(12),
    'process.pid': process.pid,
    ...Object.fromEntries(settings.otelResourceAttributes.map(pairOf)),
  }
  const queue = new SpanQueue((spans) => sendSpans(collector, encodeSpans(spans, resource)), onError)
  const registry = new CallRegistry(queue)
  // Calls that are not sampled are recorded until they end: they may turn out refused or slow.
  const sampler = createAlwaysRecordSampler(samplerOf(settings.otelSampler, settings.otelSamplerRatio))
  const provider = new TracerProvider({ sampler, spanProcessors: [registry], spanLimits: { attributeValueLengthLimit: 256 } })
  return { spans: registry.spansOf(provider.getTracer('lobbykey', version)), queue }
}

function samplerOf(name: string, ratio: number): Sampler {
  const root = name.endsWith('always_on')
    ? new AlwaysOnSampler()
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}
