import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { text } from 'node:stream/consumers'

export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState: string | undefined
  readonly name: string
  /** By OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** By OTLP: 0 unset, 2 error. */
  readonly statusCode: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly resource: Readonly<Record<string, string | number | boolean>>
}

/** A collector of OTLP as JSON over HTTP, on 127.0.0.1. `answer` replaces its answer. */
export class SpanCollector {
  readonly spans: CollectedSpan[] = []
  /** Bodies as they came. */
  readonly texts: string[] = []
  readonly headers: Record<string, unknown>[] = []
  answer: RequestListener | null = null
  readonly #server: Server
  #port = 0

  private constructor() {
    this.#server = createServer(async (request, response) => {
      this.headers.push({ ...request.headers, path: request.url })
      const body = await text(request)
      this.texts.push(body)
      if (this.answer !== null) return this.answer(request, response)
      this.spans.push(...decode(body))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  }

  static async start(): Promise<SpanCollector> {
    const collector = new SpanCollector()
    collector.#server.listen(0, '127.0.0.1')
    await once(collector.#server, 'listening')
    const address = collector.#server.address()
    collector.#port = typeof address === 'object' && address !== null ? address.port : 0
    return collector
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Spans of HTTP requests. */
  get roots(): CollectedSpan[] {
    return this.spans.filter(({ kind }) => kind === 2)
  }

  childrenOf({ spanId }: CollectedSpan): CollectedSpan[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId === spanId)
  }

  clear(): void {
    for (const list of [this.spans, this.texts, this.headers]) list.length = 0
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

interface Pair {
  readonly key: string
  readonly value: { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean }
}

function decode(body: string): CollectedSpan[] {
  const request = JSON.parse(body) as {
    resourceSpans: { resource: { attributes: Pair[] }; scopeSpans: { spans: Record<string, unknown>[] }[] }[]
  }
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: String(span.traceId),
        spanId: String(span.spanId),
        parentSpanId: span.parentSpanId as string | undefined,
        traceState: span.traceState as string | undefined,
        name: String(span.name),
        kind: Number(span.kind),
        attributes: valuesOf(span.attributes as Pair[]),
        statusCode: (span.status as { code: number }).code,
        startNs: BigInt(span.startTimeUnixNano as string),
        endNs: BigInt(span.endTimeUnixNano as string),
        resource: valuesOf(resource.attributes),
      })),
    ),
  )
}

function valuesOf(pairs: readonly Pair[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    pairs.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? '') : Number(intValue)),
    ]),
  )
}
