import { Agent } from 'undici'

/** Under which a request's headers carry the signal that its caller is gone; no header, since no text names it. */
export const hangUp: unique symbol = Symbol('hang-up')

export type SignedHeaders<T> = T & { readonly [hangUp]: AbortSignal }

type Request = Agent['request']

/**
 * The HTTP client of upstreams: a call whose caller hangs up is ended at once, so that the service hears of it. The proxy itself ends one only
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
