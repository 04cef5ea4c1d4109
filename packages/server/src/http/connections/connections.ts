import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import type { AddressList } from '../../core/base/address-list.ts'
import { arrivals } from '../../core/base/arrivals.ts'
import { addressKey, normalizeAddress } from '../../core/base/network-address.ts'

export interface ConnectionBounds {
  /** Connections that one peer may hold, by address (a /64 of IPv6); 0 for any number. */
  readonly perPeerMax: number
  /** May hold as many as there are for all of them; null without any. */
  readonly trustedProxies: AddressList | null
  /** For all peers together; null for any number. */
  readonly max: number | null
}

/** How often what waits is looked at, ms. */
const sweepMs = 1_000
/** Looks without progress after which a connection is closed (check 88). Looks are counted, not time: a process that slept saw nothing. */
const stalledSweepsMax = 15
/** Bytes that may wait in our buffer for one reader. Answers come one at a time and in pieces, so only what pushes gets there. */
const unsentBytesMax = 4_194_304
/** Where there are trusted proxies, this part of all places is kept for them, and as much for everybody else. */
const keptShare = 1 / 8
/** Looks between two lines on connections that were refused or cut. */
const reportSweeps = 10

/** What was seen of a connection's unsent bytes, at the last look. */
interface Progress {
  readonly sent: number
  readonly queued: number
  readonly stalledSweeps: number
}

/** libuv's count of what the system has not taken yet; Node's own time-outs go by it. */
interface Queued {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

type Reason = 'perPeer' | 'all' | 'unread' | 'ahead'

/**
 * The connections of a server, bounded: how many one peer and all may hold, and how long and how much may wait for one that does not read.
 * What a connection may ask at once is bounded by `Turns`.
 */
export class Connections {
  readonly #bounds: ConnectionBounds
  readonly #log: FastifyBaseLogger
  readonly #open = new Map<Socket, Progress | null>()
  readonly #byPeer = new Map<string, number>()
  #trusted = 0
  #closed: Record<Reason, number> = { perPeer: 0, all: 0, unread: 0, ahead: 0 }
  #sweeps = 0

  constructor(bounds: ConnectionBounds, log: FastifyBaseLogger) {
    this.#bounds = bounds
    this.#log = log
  }

  get count(): number {
    return this.#open.size
  }

  watch(server: Server): void {
    const { max } = this.#bounds
    // Node refuses these before it has made anything of them.
    if (max !== null) server.maxConnections = max
    server.on('drop', () => this.note('all'))
    server.on('connection', (socket: Socket) => this.#admit(socket))
    let timer: NodeJS.Timeout | undefined
    server.on('listening', () => {
      timer = setInterval(() => this.sweep(), sweepMs).unref()
    })
    server.on('close', () => clearInterval(timer))
  }

  /** Counts a connection that was refused or cut, for the log. */
  note(reason: Reason): void {
    this.#closed[reason]++
  }

  /** Looks once at what waits, closes what has not moved for fifteen looks, and tells the log what was closed. */
  sweep(): void {
    for (const [socket, before] of this.#open) {
      if (socket.writableLength === 0) {
        if (before !== null) this.#open.set(socket, null)
        continue
      }
      const now = progressOf(socket, before)
      if (now.stalledSweeps < stalledSweepsMax && socket.writableLength <= unsentBytesMax) {
        this.#open.set(socket, now)
      } else {
        this.note('unread')
        // What is unread in the system's buffers is let go of too.
        socket.resetAndDestroy()
      }
    }
    if (++this.#sweeps % reportSweeps === 0) this.#report()
  }

  #admit(socket: Socket): void {
    arrivals.note()
    const { perPeerMax, trustedProxies, max } = this.#bounds
    const address = normalizeAddress(socket.remoteAddress ?? '')
    // It has gone already.
    if (address === null) {
      socket.destroy()
      return
    }
    const isTrusted = trustedProxies?.has(address) === true
    const peer = addressKey(address)
    const held = this.#byPeer.get(peer) ?? 0
    if (!isTrusted && perPeerMax > 0 && held >= perPeerMax) {
      this.#refuse(socket, 'perPeer')
      return
    }
    if (max !== null && trustedProxies !== null) {
      const alike = isTrusted ? this.#trusted : this.#open.size - this.#trusted
      if (alike >= max - Math.ceil(max * keptShare)) {
        this.#refuse(socket, 'all')
        return
      }
    }
    this.#open.set(socket, null)
    this.#byPeer.set(peer, held + 1)
    if (isTrusted) this.#trusted++
    socket.once('close', () => {
      this.#open.delete(socket)
      const left = (this.#byPeer.get(peer) ?? 1) - 1
      if (left === 0) this.#byPeer.delete(peer)
      else this.#byPeer.set(peer, left)
      if (isTrusted) this.#trusted--
    })
  }

  #refuse(socket: Socket, reason: Reason): void {
    this.note(reason)
    socket.resetAndDestroy()
  }

  #report(): void {
    const { perPeer, all, unread, ahead } = this.#closed
    if (perPeer + all + unread + ahead === 0) return
    this.#closed = { perPeer: 0, all: 0, unread: 0, ahead: 0 }
    const line = { tooManyOfOnePeer: perPeer, tooManyInAll: all, unread, tooManyRequestsAhead: ahead, open: this.#open.size }
    this.#log.warn(line, 'connections were closed')
  }
}

function progressOf(socket: Socket, before: Progress | null): Progress {
  const sent = socket.bytesWritten - socket.writableLength
  const queued = (socket as Queued)._handle?.writeQueueSize ?? 0
  const isStalled = before !== null && sent <= before.sent && queued >= before.queued
  return { sent, queued, stalledSweeps: isStalled ? before.stalledSweeps + 1 : 0 }
}
