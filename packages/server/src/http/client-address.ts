import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AddressList } from '../core/base/address-list.ts'
import { normalizeAddress } from '../core/base/network-address.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's address, normalised (`normalizeAddress`); null when there is none. Decisions must use no other. */
    clientAddress: string | null
  }
}

/** Sets `request.clientAddress` on every request. Without trusted proxies it is the peer's address, and headers are ignored. */
export function decorateClientAddress(app: FastifyInstance, trustedProxies: AddressList | null): void {
  app.decorateRequest('clientAddress', null)
  app.addHook('onRequest', (request, _reply, done) => {
    request.clientAddress = findClientAddress(request, trustedProxies)
    done()
  })
}

function findClientAddress(request: FastifyRequest, trustedProxies: AddressList | null): string | null {
  const peer = peerOf(request.socket)
  const header = request.headers['x-forwarded-for']
  if (trustedProxies === null || header === undefined) return peer
  return clientBehindProxies(peer, Array.isArray(header) ? header.join(',') : header, trustedProxies)
}

/** By connection, since the peer stays the same for many requests. */
const peers = new WeakMap<Socket, string | null>()

function peerOf(socket: Socket): string | null {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const peer = normalizeAddress(socket.remoteAddress ?? '')
  peers.set(socket, peer)
  return peer
}

/**
 * Walks X-Forwarded-For from right to left while the address that added the entry is a trusted proxy (check 54). Everything left of the first
 * untrusted address is the caller's own claim and ignored; an invalid entry ends the walk.
 */
export function clientBehindProxies(peer: string | null, forwardedFor: string, trustedProxies: AddressList): string | null {
  let address = peer
  for (const entry of forwardedFor.split(',').reverse()) {
    if (address === null || !trustedProxies.has(address)) return address
    const next = normalizeAddress(withoutPort(entry.trim()))
    if (next === null) return address
    address = next
  }
  return address
}

function withoutPort(entry: string): string {
  return /^\[([^\]]+)\](?::\d{1,5})?$/.exec(entry)?.[1] ?? /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(entry)?.[1] ?? entry
}
