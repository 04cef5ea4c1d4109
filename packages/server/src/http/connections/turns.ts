import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests that a connection may send ahead of their answers. Who sends more is cut: no proxy and no browser sends any. */
export const aheadMax = 4
/** Requests after which a connection is closed, behind its last answer: what a connection gathers is bounded, and workers share anew. */
const requestsMax = 10_000
/** Requests that came ahead and are begun in one turn of the event loop, over all connections. */
const begunInTurnMax = 32

/** A connection: what it was asked last, and what it sent ahead. */
interface Line {
  readonly socket: Socket
  last: ServerResponse | null
  waiting: { readonly request: IncomingMessage; readonly response: ServerResponse }[]
  taken: number
  /** What comes now is ignored: it is behind the last request that is answered. */
  isOver: boolean
  ignored: number
  hasEnded: boolean
  isCut: boolean
}

/** Node's parser. It asks `onIncoming` what to do with each request it has read; 2 says that what follows is no HTTP, which ends its work. */
interface Parsed {
  readonly parser?: { onIncoming?: () => number } | null
}

/**
 * Gives connections turns (check 85). A request is begun when all before it on its connection have been answered and the answers are on
 * their way; those sent ahead wait, and are begun a few in a turn of the event loop, one connection after another. Node by itself begins
 * everything that a packet holds at once, and nobody else is served until it has.
 */
export class Turns {
  readonly #handle: RequestListener
  readonly #onCut: () => void
  readonly #lines = new Map<Socket, Line>()
  #isDraining = false
  #ready: Line[] = []

  /** @param onCut called when a connection is cut for what it sent ahead */
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
      // Behind the packet that it came in: of one that holds too many, none is begun.
      process.nextTick(this.#start, line, request, response)
      return
    }
    if (line.waiting.length === aheadMax) return this.#cut(line)
    if (line.waiting.push({ request, response }) === 1) before?.once('close', () => this.#queue(line))
  }

  /** From now on every connection ends with the answer to what it asked last: what is under way, and what is asked before it has heard. */
  drain(): void {
    this.#isDraining = true
    for (const line of this.#lines.values()) {
      if (line.last !== null && !isDone(line.last)) endWith(line, line.last)
    }
  }

  /**
   * Ignores whatever else arrives on a connection, and says what is still to be answered there: the newest request's answer, null when it
   * is out, and whether others stand before it. Undefined when the connection was ended before.
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
      // An answer that ended the connection is the last: what was sent after its request is not done.
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
    // Else all that has arrived would be read still, two thousand requests in a packet, and there is no public way to stop it.
    const { parser } = line.socket as Parsed
    if (parser) parser.onIncoming = () => 2
    line.socket.destroy()
  }
}

function endWith(line: Line, last: ServerResponse): void {
  last.shouldKeepAlive = false
  line.isOver = true
}

/** Whether nothing of it waits in our buffers any more. */
function isDone(response: ServerResponse): boolean {
  return response.writableFinished || response.destroyed
}
