import type { Adapter, AdapterPayload } from 'oidc-provider'

const byModel = new Map<string, Map<string, AdapterPayload>>()

/**
 * State in a Map. oidc-provider's own in-memory adapter keeps only the newest 1,000 entries and cannot serve a load. A database would be slower, so
 * this is the peer's upper limit.
 */
export class OidcMemoryAdapter implements Adapter {
  readonly #entries: Map<string, AdapterPayload>

  constructor(model: string) {
    this.#entries = byModel.get(model) ?? new Map()
    byModel.set(model, this.#entries)
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#entries.set(id, payload)
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#entries.get(id)
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#entries.values().find((payload) => payload.uid === uid)
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#entries.values().find((payload) => payload.userCode === userCode)
  }

  async consume(id: string): Promise<void> {
    const payload = this.#entries.get(id)
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000)
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(id)
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#entries) if (payload.grantId === grantId) this.#entries.delete(id)
  }
}
