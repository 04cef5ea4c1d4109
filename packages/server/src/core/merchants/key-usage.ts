import type { KeyUse, MerchantStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

const flushIntervalMs = 10_000
/** Of keys in constant use a flush writes so many, those first that have waited longest. */
const busyMax = 100
/** With more keys each is written less often, but at least every so often. */
const coarseMs = 300_000
/** What was not used for so long is in no constant use. */
const quietMs = 10_000

export interface KeyUsageOptions {
  readonly store: Pick<MerchantStore, 'noteKeyUses'>
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

interface NotedUse extends KeyUse {
  readonly waitedMs: number
}

/**
 * Records when each merchant key last verified a request, in the background: noting is one lookup in memory, and new uses are written
 * together. If a process loses a use, the next use makes up for it.
 */
export class KeyUsage {
  readonly #options: KeyUsageOptions
  readonly #uses = new Map<string, { readonly agentId: string; usedAt: number; writtenAt: number }>()
  readonly #timer: NodeJS.Timeout

  constructor(options: KeyUsageOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  note(agentId: string, keyId: string, now: number): void {
    const use = this.#uses.get(keyId)
    if (use === undefined) this.#uses.set(keyId, { agentId, usedAt: now, writtenAt: Number.NEGATIVE_INFINITY })
    else use.usedAt = now
  }

  /** Writes uses that are newer than the stored ones. */
  async flush(): Promise<void> {
    const { store, clock, onError } = this.#options
    const now = clock.now()
    const due: KeyUse[] = []
    const busy: NotedUse[] = []
    for (const [keyId, { agentId, usedAt, writtenAt }] of this.#uses) {
      if (usedAt <= writtenAt) continue
      const waitedMs = usedAt - writtenAt
      if (waitedMs >= coarseMs || now - usedAt >= quietMs) due.push({ agentId, keyId, at: usedAt })
      else busy.push({ agentId, keyId, at: usedAt, waitedMs })
    }
    due.push(...(busy.length > busyMax ? busy.sort((a, b) => b.waitedMs - a.waitedMs).slice(0, busyMax) : busy))
    if (due.length === 0) return
    try {
      await store.noteKeyUses(due)
    } catch (error) {
      onError(error)
      return
    }
    for (const { keyId, at } of due) {
      const use = this.#uses.get(keyId)
      if (use !== undefined) use.writtenAt = at
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }
}
