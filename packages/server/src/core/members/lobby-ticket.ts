import type { LobbyTicket } from '../../store/store.ts'
import { digest } from '../base/digest.ts'
import { randomText } from '../base/random.ts'

/** Lifetime of a ticket (check 25). */
const ticketMs = 60_000

/** A fresh ticket of 256 random bits: its text goes into the lobby URL, the rest into the store. It never outlives its session. */
export function issueTicket(now: number, sessionExpiresAt: number): { readonly text: string; readonly record: LobbyTicket } {
  const text = randomText(32)
  return { text, record: { hash: hashTicket(text), expiresAt: Math.min(now + ticketMs, sessionExpiresAt) } }
}

/**
 * What stands in the place of a used ticket's hash, for as long as the ticket was good: the browser that used it, and lost the answer on its way, may use it
 * again by the secret that its arrival was given; nobody else can (check 25).
 */
export function hashUsedTicket(text: string, arrival: string): Uint8Array {
  const parts = [text, arrival].map((part) => Buffer.from(hashTicket(part)).toString('base64'))
  return digest('sha256', parts.join(' '))
}

/** The stored hash of a ticket. A plain hash suffices for 256 random bits. */
export function hashTicket(text: string): Uint8Array {
  return digest('sha256', text)
}
