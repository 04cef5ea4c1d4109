import { parameterError } from '@lobbykey/contract'
import type { ChangeStore } from '../../store/store.ts'

/** Timestamps up to which replay rows may be missing: for every merchant, and for those whose clocks were ahead. */
export interface ReplayFloorMark {
  readonly floor: number
  readonly ahead: Readonly<Record<string, number>>
}

/** The mark of a restored store, which has forgotten the requests it had seen. */
export function restoredMark(now: number): string {
  return JSON.stringify({ floor: now, ahead: {} } satisfies ReplayFloorMark)
}

/**
 * A store that went back has forgotten the signed requests it had seen. Earlier requests could be replays, so they are refused and must be
 * signed again.
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

  /** Reads when the store went back. Also the handler of the change topic `store`. */
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

  /** Notes a request with a valid signature. */
  noteVerified(agentId: string, timestamp: number, now: number): void {
    if (timestamp > now && timestamp > (this.#ahead.get(agentId) ?? 0)) this.#ahead.set(agentId, timestamp)
  }

  /** The detail of the change that informs other processes. */
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
