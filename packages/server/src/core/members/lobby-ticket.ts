import type { LobbyTicket } from '../../store/store.ts'
import { digest } from '../base/digest.ts'
import { randomText } from '../base/random.ts'

/** How long a ticket is good for (check 25). */
export const ticketMs = 60_000

/** A fresh ticket of 256 random bits: its text goes into the lobby URL, the rest into the store. It never outlives its session. */
export function issueTicket(now: number, sessionExpiresAt: number): { readonly text: string; readonly record: LobbyTicket } {
  const text = randomText(32)
  return { text, record: { hash: hashTicket(text), expiresAt: Math.min(now + ticketMs, sessionExpiresAt) } }
}

/** What the store knows a ticket by. A plain hash is enough: 256 random bits cannot be searched for. */
export function hashTicket(text: string): Uint8Array {
  return digest('sha256', text)
}
