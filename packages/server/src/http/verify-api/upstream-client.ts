import { Agent } from 'undici'

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
    this.#agent.request({ ...options, headers, signal }, done)
  }) as unknown as Request

  destroy(): void {
    this.#agent.destroy().catch(() => {})
  }
}
