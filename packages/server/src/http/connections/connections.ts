import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import type { AddressList } from '../../core/base/address-list.ts'
import { arrivals } from '../../core/base/arrivals.ts'
import { addressKey, normalizeAddress } from '../../core/base/network-address.ts'

export interface ConnectionBounds {
  /** Maximum of connections per peer, by address (a /64 of IPv6); 0 for no limit. */
  readonly perPeerMax: number
  /** These may use the total limit; null without trusted proxies. */
  readonly trustedProxies: AddressList | null
  /** Maximum of connections in total; null for no limit. */
  readonly max: number | null
}

/** How often waiting data is checked, ms. */
const sweepMs = 1_000
/**
 * Checks without progress after which a connection is closed (check 88). Counts checks rather than time, since a process that slept has observed
 * nothing.
 */
const stalledSweepsMax = 15
/** Maximum of bytes buffered for one reader. Answers are sent one at a time and in pieces, so only pushed data can reach it. */
const unsentBytesMax = 4_194_304
/** With trusted proxies, this share of all connections is reserved for them, and as much for everybody else. */
const keptShare = 1 / 8
/** Checks between two log lines about refused or cut connections. */
const reportSweeps = 10

/** A connection's unsent bytes at the last check. */
interface Progress {
  readonly sent: number
  readonly queued: number
  readonly stalledSweeps: number
}

/** libuv's count of bytes that the system has not accepted yet, on which Node's own timeouts rely. */
interface Queued {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

type Reason = 'perPeer' | 'all' | 'unread' | 'ahead'

/**
 * Limits a server's connections: how many per peer and in total, and how long and how much may wait for a peer that does not read. `Turns` limits the
 * requests within a connection.
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
    // Node refuses these before any of our code runs.
    if (max !== null) server.maxConnections = max
    server.on('drop', () => this.note('all'))
    server.on('connection', (socket: Socket) => this.#admit(socket))
    let timer: NodeJS.Timeout | undefined
    server.on('listening', () => {
      timer = setInterval(() => this.sweep(), sweepMs).unref()
    })
    server.on('close', () => clearInterval(timer))
  }

  /** Counts a refused or cut connection, for the log. */
  note(reason: Reason): void {
    this.#closed[reason]++
  }

  /** Checks waiting data, closes connections without progress, and logs how many were closed. */
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
        // Also drops unread data in the system's buffers.
        socket.resetAndDestroy()
      }
    }
    if (++this.#sweeps % reportSweeps === 0) this.#report()
  }

  #admit(socket: Socket): void {
    arrivals.note()
    const { perPeerMax, trustedProxies, max } = this.#bounds
    const address = normalizeAddress(socket.remoteAddress ?? '')
    // Already closed.
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
