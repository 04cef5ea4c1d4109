import { GatewayError } from '@lobbykey/contract'
import type { EventInput, EventOrigin, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { randomId, randomText } from '../base/random.ts'
import type { Sealer } from '../base/sealer.ts'

/** How long an unopened link stays valid, ms. */
const handOverMs = 24 * 3_600_000

/**
 * One-time links that carry a secret to its recipient without showing it to whoever made it. The encrypted secret is revealed once and deleted
 * in the same transaction.
 */
export class HandOvers {
  readonly #store: Pick<Store, 'handOvers'>
  readonly #sealer: Sealer
  readonly #clock: Clock

  constructor(options: { readonly store: Pick<Store, 'handOvers'>; readonly sealer: Sealer; readonly clock: Clock }) {
    this.#store = options.store
    this.#sealer = options.sealer
    this.#clock = options.clock
  }

  /** @param what describes the secret to the recipient: "the key k1 of merchant acme" @param publicUrl of the partners' port */
  async make(
    secret: string,
    { what, agentId = null }: { readonly what: string; readonly agentId?: string | null },
    { origin, publicUrl }: { readonly origin: EventOrigin; readonly publicUrl: string },
  ): Promise<{ readonly url: string; readonly expiresAt: number }> {
    const now = this.#clock.now()
    const [id, token] = [randomId(), randomText(32)]
    const record = {
      id,
      tokenHash: digest('sha256', token),
      sealedSecret: this.#sealer.seal(Buffer.from(secret), purposeOf(id)),
      what,
      agentId,
      createdAt: now,
      expiresAt: now + handOverMs,
    }
    const event: EventInput = { at: now, kind: 'hand-over.added', ...origin, subject: id, details: { what } }
    await this.#store.handOvers.add(record, agentId === null ? event : { ...event, agentId })
    return { url: `${publicUrl}/hand-over#${token}`, expiresAt: record.expiresAt }
  }

  /** Reveals the secret to one of any number of concurrent callers. @throws GatewayError invitation_over */
  async open(token: string, visitor: { readonly address: string | null; readonly requestId: string }) {
    const now = this.#clock.now()
    const taken = await this.#store.handOvers.take(digest('sha256', token), now, ({ id, what, agentId }) => ({
      at: now,
      kind: 'hand-over.opened',
      surface: 'pages',
      address: visitor.address ?? undefined,
      requestId: visitor.requestId,
      subject: id,
      ...(agentId === null ? {} : { agentId }),
      details: { what },
    }))
    if (taken === null) throw new GatewayError('invitation_over', { message: 'ask whoever sent you the link for a new secret' })
    return {
      what: taken.what,
      agentId: taken.agentId,
      secret: Buffer.from(this.#sealer.open(taken.sealedSecret, purposeOf(taken.id))).toString(),
    }
  }
}

function purposeOf(id: string): string {
  return `hand-over:${id}`
}
