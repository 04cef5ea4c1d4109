import { parameterError } from '@lobbykey/contract'
import type { ChangeStore } from '../../store/store.ts'

/** Up to which timestamps replay rows may be missing: of every merchant, and of those whose clocks were ahead. */
export interface ReplayFloorMark {
  readonly floor: number
  readonly ahead: Readonly<Record<string, number>>
}

/** Of a store that a backup was put in the place of: which requests it had seen is forgotten. */
export function restoredMark(now: number): string {
  return JSON.stringify({ floor: now, ahead: {} } satisfies ReplayFloorMark)
}

/**
 * A store that went back has forgotten which signed requests it has seen. Those from before that moment cannot be told from replays: they are refused, and
 * have to be signed anew.
 */
export class ReplayFloor {
  readonly #store: Pick<ChangeStore, 'listBreaks'>
  #floor = Number.NEGATIVE_INFINITY
  readonly #floors = new Map<string, number>()
  /** The latest timestamp of each merchant that was ahead of this node's clock. */
  readonly #ahead = new Map<string, number>()

  constructor(store: Pick<ChangeStore, 'listBreaks'>) {
    this.#store = store
  }

  /** Reads where the store went back. Also the handler of the change topic `store`. */
  async reload(): Promise<void> {
    for (const { detail } of await this.#store.listBreaks()) {
      if (detail === null) continue
      const { floor, ahead } = JSON.parse(detail) as ReplayFloorMark
      this.#floor = Math.max(this.#floor, floor)
      for (const [agentId, timestamp] of Object.entries(ahead)) {
        this.#floors.set(agentId, Math.max(this.#floors.get(agentId) ?? 0, timestamp))
      }
    }
  }

  /** Whose signature was right. */
  noteVerified(agentId: string, timestamp: number, now: number): void {
    if (timestamp > now && timestamp > (this.#ahead.get(agentId) ?? 0)) this.#ahead.set(agentId, timestamp)
  }

  /** For the change that tells other processes. */
  mark(now: number): string {
    for (const [agentId, timestamp] of this.#ahead) if (timestamp <= now) this.#ahead.delete(agentId)
    return JSON.stringify({ floor: now, ahead: Object.fromEntries(this.#ahead) } satisfies ReplayFloorMark)
  }

  /** @throws GatewayError invalid_parameter */
  verify(agentId: string, timestamp: number): void {
    if (timestamp > this.#floor && timestamp > (this.#floors.get(agentId) ?? 0)) return
    throw parameterError('timestamp', `${timestamp} is from before the server's records were restored; sign the request anew`)
  }
}
