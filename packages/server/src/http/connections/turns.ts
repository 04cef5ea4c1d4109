import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests that a connection may pipeline. More cut the connection: proxies and browsers pipeline none. */
export const aheadMax = 4
/** Requests after which a connection is closed, following its last answer: this bounds its state and rebalances workers. */
const requestsMax = 10_000
/** Pipelined requests started per turn of the event loop, over all connections. */
const begunInTurnMax = 32

/** A connection: its last request, and the pipelined ones. */
interface Line {
  readonly socket: Socket
  last: ServerResponse | null
  waiting: { readonly request: IncomingMessage; readonly response: ServerResponse }[]
  taken: number
  /** Ignore further requests: the last one to be answered has arrived. */
  isOver: boolean
  ignored: number
  hasEnded: boolean
  isCut: boolean
}

/** Node's parser. It asks `onIncoming` what to do with each request; 2 means that what follows is not HTTP, which stops it. */
interface Parsed {
  readonly parser?: { onIncoming?: () => number } | null
}

/**
 * Gives connections turns (check 85). A request starts when all earlier ones on its connection have been answered and the answers are sent; pipelined
 * ones wait, and a few start per turn of the event loop, one connection after another. Node alone would start everything in a packet at once, and
 * serve nobody else meanwhile.
 */
export class Turns {
  readonly #handle: RequestListener
  readonly #onCut: () => void
  readonly #lines = new Map<Socket, Line>()
  #isDraining = false
  #ready: Line[] = []

  /** @param onCut called when a connection is cut for pipelining too much */
  constructor(handle: RequestListener, onCut: () => void) {
    this.#handle = handle
    this.#onCut = onCut
  }

  readonly take: RequestListener = (request, response) => {
    const line = this.#lineOf(request.socket)
    if (line.isOver) {
      if (++line.ignored > aheadMax) this.#cut(line)
      return
    }
    const before = line.last
    line.last = response
    if (++line.taken === requestsMax || this.#isDraining) endWith(line, response)
    if (line.waiting.length === 0 && (before === null || isDone(before))) {
      // After the whole packet is parsed: if it contains too many, none is started.
      process.nextTick(this.#start, line, request, response)
      return
    }
    if (line.waiting.length === aheadMax) return this.#cut(line)
    if (line.waiting.push({ request, response }) === 1) before?.once('close', () => this.#queue(line))
  }

  /** From now on every connection closes after the answer to its last request: the current one, or one sent before the peer knew. */
  drain(): void {
    this.#isDraining = true
    for (const line of this.#lines.values()) {
      if (line.last !== null && !isDone(line.last)) endWith(line, line.last)
    }
  }

  /**
   * Ignores further input on a connection, and returns what is still to be answered: the newest request's answer, null when it is sent, and whether
   * earlier ones are pending. Undefined when the connection has already ended.
   */
  end(socket: Socket): { readonly last: ServerResponse | null; readonly isFirst: boolean } | undefined {
    const line = this.#lineOf(socket)
    if (line.hasEnded) return undefined
    line.hasEnded = true
    line.isOver = true
    return { last: line.last === null || isDone(line.last) ? null : line.last, isFirst: line.waiting.length === 0 }
  }

  #lineOf(socket: Socket): Line {
    let line = this.#lines.get(socket)
    if (line === undefined) {
      line = { socket, last: null, waiting: [], taken: 0, isOver: false, ignored: 0, hasEnded: false, isCut: false }
      this.#lines.set(socket, line)
      socket.once('close', () => this.#lines.delete(socket))
    }
    return line
  }

  readonly #start = (line: Line, request: IncomingMessage, response: ServerResponse): void => {
    if (!line.isCut) this.#handle(request, response)
  }

  #queue(line: Line): void {
    if (this.#ready.push(line) === 1) setImmediate(this.#begin)
  }

  readonly #begin = (): void => {
    const lines = this.#ready.slice(0, begunInTurnMax)
    this.#ready = this.#ready.slice(begunInTurnMax)
    if (this.#ready.length > 0) setImmediate(this.#begin)
    for (const line of lines) {
      // An answer that ended the connection is the last: later requests are not run.
      const next = line.socket.writable ? line.waiting.shift() : undefined
      if (next === undefined) {
        line.waiting = []
        continue
      }
      if (line.waiting.length > 0) next.response.once('close', () => this.#queue(line))
      this.#handle(next.request, next.response)
    }
  }

  #cut(line: Line): void {
    if (!line.socket.destroyed) this.#onCut()
    line.isOver = true
    line.isCut = true
    line.waiting = []
    // Otherwise everything that has arrived would still be parsed, two thousand requests in a packet, and there is no public way to stop that.
    const { parser } = line.socket as Parsed
    if (parser) parser.onIncoming = () => 2
    line.socket.destroy()
  }
}

function endWith(line: Line, last: ServerResponse): void {
  last.shouldKeepAlive = false
  line.isOver = true
}

/** Whether none of it is left in our buffers. */
function isDone(response: ServerResponse): boolean {
  return response.writableFinished || response.destroyed
}
