import { Agent } from 'undici'
import { type PartSpan, spans } from '../../core/base/spans.ts'

/** Property of a request's headers with the signal that its caller is gone; a symbol, so that it is never sent. */
export const hangUp: unique symbol = Symbol('hang-up')

export type SignedHeaders<T> = T & { readonly [hangUp]: AbortSignal }

type Request = Agent['request']

/**
 * The HTTP client of upstreams: when a caller disconnects, it ends the call at once, so that the service notices. The proxy alone would end it only
 * when the service begins to answer.
 */
export class UpstreamClient {
  readonly #agent: Agent

  constructor(connectMsMax: number) {
    this.#agent = new Agent({ connect: { timeout: connectMsMax } })
  }

  readonly request = ((options: Parameters<Request>[0], done: (error: Error | null, answer: unknown) => void) => {
    const { [hangUp]: signal, ...headers } = options.headers as unknown as SignedHeaders<Record<string, string>>
    const span = startSpan(options)
    if (span === undefined) this.#agent.request({ ...options, headers, signal }, done)
    else {
      this.#agent.request({ ...options, headers: { ...headers, traceparent: span.traceparent }, signal }, (error, answer) => {
        if (error !== null) span.end(error)
        else span.end(undefined, { 'http.response.status_code': answer.statusCode })
        done(error, answer)
      })
    }
  }) as unknown as Request

  destroy(): void {
    this.#agent.destroy().catch(() => {})
  }
}

/** Until the answer begins. Without the path, which may hold anything. */
function startSpan({ method, origin }: Parameters<Request>[0]): PartSpan | undefined {
  if (spans === null) return undefined
  const { hostname, port, protocol } = new URL(String(origin))
  const attributes = { 'http.request.method': method, 'server.address': hostname, 'server.port': Number(port) || defaultPort(protocol) }
  return spans.current()?.start(method, { kind: 'client', attributes })
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80
}
