import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** What may wait for a slow reader, bytes; beyond it the stream ends, and its reader comes again. */
const waitingBytesMax = 524_288
/** How soon a reader that lost the stream comes again, ms. */
const retryMs = 1_000

export interface StreamEvent {
  readonly name: string
  readonly data: object
  /** What the reader sends as Last-Event-ID when it comes again. */
  readonly id?: string | undefined
}

/** An open answer of server-sent events (HTML Living Standard, section 9.2). */
export class EventStream {
  readonly #readable = new Readable({ read() {} })
  #isEnded = false

  /** Begins the answer. `onClose` runs once, whoever ends it. */
  constructor(reply: FastifyReply, onClose: () => void) {
    this.#readable.once('close', onClose)
    this.#readable.push(`retry: ${retryMs}\n\n`)
    // For proxies that would collect an answer before they pass it on.
    reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store').header('x-accel-buffering', 'no')
    reply.send(this.#readable)
  }

  send({ name, data, id }: StreamEvent): void {
    // A push after the end is an error that would take what was sent before along.
    if (this.#isEnded || this.#readable.destroyed) return
    if (this.#readable.readableLength > waitingBytesMax) {
      this.#readable.destroy()
      return
    }
    this.#readable.push(`event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`)
  }

  /** Ends the answer after what was sent; what is sent later goes nowhere. */
  end(): void {
    if (this.#isEnded || this.#readable.destroyed) return
    this.#isEnded = true
    this.#readable.push(null)
  }
}
