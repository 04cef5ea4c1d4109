import type { FastifyReply, FastifyRequest } from 'fastify'
import { OwnCookie } from '../../own-cookie.ts'
import { framedLobbyCookieNames, framedProbeCookieNames, lobbyCookieNames, probeCookieNames } from '../../own-cookies.ts'

const probeLifeMs = 600_000

/** Whether the cookie is for a lobby in a tab, or framed by a merchant's site. */
export type CookiePlace = 'tab' | 'frame'

/**
 * The lobby's cookies. In a tab Lax, since a member arrives from the merchant's site, where Strict would withhold it. In a frame `SameSite=None;
 * Partitioned`, with a separate name, since browsers keep both; over plain http there is no such cookie.
 */
export class LobbyCookies {
  readonly #session: Readonly<Record<CookiePlace, OwnCookie>>
  readonly #probe: Readonly<Record<CookiePlace, OwnCookie>>

  constructor({ isHttps }: { readonly isHttps: boolean }) {
    const tab = { isHttps, sameSite: 'Lax' } as const
    const frame = isHttps ? ({ isHttps, sameSite: 'None' } as const) : tab
    this.#session = { tab: new OwnCookie(lobbyCookieNames, tab), frame: new OwnCookie(framedLobbyCookieNames, frame) }
    this.#probe = { tab: new OwnCookie(probeCookieNames, tab), frame: new OwnCookie(framedProbeCookieNames, frame) }
  }

  /** The visitor's handle; null without one, and with two. */
  read(request: FastifyRequest): string | null {
    const [tab, frame] = [this.#session.tab.read(request), this.#session.frame.read(request)]
    return tab !== null && frame !== null ? null : (tab ?? frame)
  }

  /** Replaces an existing one. */
  write(
    request: FastifyRequest,
    reply: FastifyReply,
    { place, handle, lifeMs }: { place: CookiePlace; handle: string; lifeMs: number },
  ): void {
    this.#session[place].write(reply, handle, lifeMs)
    const other = this.#session[place === 'tab' ? 'frame' : 'tab']
    if (other.isSent(request)) other.clear(reply)
  }

  /** Tests whether the browser keeps cookies here, before anything depends on it. The value means nothing. */
  tryOut(reply: FastifyReply, place: CookiePlace): void {
    this.#probe[place].write(reply, '1', probeLifeMs)
  }

  doStick(request: FastifyRequest, place: CookiePlace): boolean {
    return this.#probe[place].isSent(request)
  }
}
