import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Maximum of bytes buffered for a slow reader; beyond it the stream ends, and the reader reconnects. */
const waitingBytesMax = 524_288
/** How soon a reader reconnects after losing the stream, ms. */
const retryMs = 1_000

export interface StreamEvent {
  readonly name: string
  readonly data: object
  /** The reader sends it as Last-Event-ID when it reconnects. */
  readonly id?: string | undefined
}

/** An open response of server-sent events (HTML Living Standard, section 9.2). */
export class EventStream {
  readonly #readable = new Readable({ read() {} })
  #isEnded = false

  /** Starts the response. `onClose` runs once, whichever side closes it. */
  constructor(reply: FastifyReply, onClose: () => void) {
    this.#readable.once('close', onClose)
    this.#readable.push(`retry: ${retryMs}\n\n`)
    // Stops proxies from buffering the response.
    reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store').header('x-accel-buffering', 'no')
    reply.send(this.#readable)
  }

  send({ name, data, id }: StreamEvent): void {
    // A push after the end is an error that would discard what was sent before.
    if (this.#isEnded || this.#readable.destroyed) return
    if (this.#readable.readableLength > waitingBytesMax) {
      this.#readable.destroy()
      return
    }
    this.#readable.push(`event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`)
  }

  /** Ends the response after what was sent; later events are dropped. */
  end(): void {
    if (this.#isEnded || this.#readable.destroyed) return
    this.#isEnded = true
    this.#readable.push(null)
  }
}
