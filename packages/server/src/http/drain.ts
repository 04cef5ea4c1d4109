import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http'

/**
 * The last seconds of a process (check 90): it is asked to end, says so on `/readyz`, and still serves, until whoever deals out requests has
 * heard of it. Every answer then ends its connection, so that the next request goes elsewhere instead of into a connection that closes.
 */
export class Drain {
  #hasBegun = false

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  begin(): void {
    this.#hasBegun = true
  }
}

/** Answers that say `Connection: close` once the drain has begun, those under way included. */
export function drainableResponse(drain: Drain): typeof ServerResponse {
  class DrainableResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override writeHead(
      status: number,
      reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
      headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
    ): this {
      if (drain.hasBegun) this.shouldKeepAlive = false
      return super.writeHead(status, reason as string, headers)
    }
  }
  return DrainableResponse
}
