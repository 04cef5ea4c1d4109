import { useSyncExternalStore } from 'react'

/** The page's connection to the server. `ended`: the session is over, and the page keeps its content until somebody has signed in again. */
export type Connection = 'unknown' | 'open' | 'lost' | 'ended'

let connection: Connection = 'unknown'
const listeners = new Set<() => void>()

export function setConnection(next: Connection): void {
  if (next === connection) return
  connection = next
  for (const listener of listeners) listener()
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => connection,
  )
}
