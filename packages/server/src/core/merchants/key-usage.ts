import type { KeyUse, MerchantStore } from '../../store/store.ts'

const flushIntervalMs = 10_000
/** How often a key in constant use is written; the precision of its last use. */
const coarseMs = 300_000

/**
 * Records when each merchant key last verified a request, in the background: noting is one lookup in memory, and new uses are written
 * together. If a process loses a use, the next use makes up for it.
 */
export class KeyUsage {
  readonly #store: Pick<MerchantStore, 'noteKeyUses'>
  readonly #onError: (error: unknown) => void
  readonly #uses = new Map<string, { readonly agentId: string; usedAt: number; writtenAt: number }>()
  readonly #timer: NodeJS.Timeout

  constructor(options: { store: Pick<MerchantStore, 'noteKeyUses'>; onError: (error: unknown) => void }) {
    this.#store = options.store
    this.#onError = options.onError
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  note(agentId: string, keyId: string, now: number): void {
    const use = this.#uses.get(keyId)
    if (use === undefined) this.#uses.set(keyId, { agentId, usedAt: now, writtenAt: Number.NEGATIVE_INFINITY })
    else use.usedAt = now
  }

  /** Writes uses that are newer than the stored ones. */
  async flush(): Promise<void> {
    const due: KeyUse[] = []
    for (const [keyId, { agentId, usedAt, writtenAt }] of this.#uses) {
      if (usedAt - writtenAt >= coarseMs) due.push({ agentId, keyId, at: usedAt })
    }
    if (due.length === 0) return
    try {
      await this.#store.noteKeyUses(due)
    } catch (error) {
      this.#onError(error)
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
