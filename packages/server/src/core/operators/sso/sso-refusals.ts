import type { EventInput, EventStore } from '../../../store/store.ts'
import type { Clock } from '../../base/clock.ts'

/** Whom the provider vouches for may be anybody, so that what they make this server store is bounded. Each refusal is in the refusals, too. */
const sameAgainMs = 600_000
const rememberedMax = 1_000

/** Events of people who were refused after the provider had vouched for them: one for each person and reason in ten minutes. */
export class SsoRefusals {
  readonly #events: Pick<EventStore, 'append'>
  readonly #clock: Clock
  readonly #untils = new Map<string, number>()

  constructor(options: { readonly events: Pick<EventStore, 'append'>; readonly clock: Clock }) {
    this.#events = options.events
    this.#clock = options.clock
  }

  async record(subject: string, reason: string, event: Omit<EventInput, 'at' | 'kind'>): Promise<void> {
    const now = this.#clock.now()
    const key = `${reason} ${subject}`
    if ((this.#untils.get(key) ?? now) > now) return
    if (this.#untils.size >= rememberedMax) for (const [known, until] of this.#untils) if (until <= now) this.#untils.delete(known)
    if (this.#untils.size >= rememberedMax) return
    this.#untils.set(key, now + sameAgainMs)
    const details = { ...event.details, reason }
    await this.#events.append([{ ...event, at: now, kind: 'operator.sso_refused', details }])
  }
}
