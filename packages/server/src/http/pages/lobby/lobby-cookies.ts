import type { FastifyReply, FastifyRequest } from 'fastify'
import { OwnCookie } from '../../own-cookie.ts'
import { framedLobbyCookieNames, framedProbeCookieNames, lobbyCookieNames, probeCookieNames } from '../../own-cookies.ts'

const probeLifeMs = 600_000

/** Where a cookie is kept: for lobbies that open in a tab, or for those that a merchant's site frames. */
export type CookiePlace = 'tab' | 'frame'

/**
 * The lobby's cookies. In a tab Lax: a member comes from the merchant's site, and Strict would be held back on the way. In a frame `SameSite=None;
 * Partitioned`, of a name of its own, since a browser keeps both beside each other; over plain http there is no such cookie.
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

  /** The handle of who has entered; null without one, and with two. */
  read(request: FastifyRequest): string | null {
    const [tab, frame] = [this.#session.tab.read(request), this.#session.frame.read(request)]
    return tab !== null && frame !== null ? null : (tab ?? frame)
  }

  /** In place of any that is there already. */
  write(
    request: FastifyRequest,
    reply: FastifyReply,
    { place, handle, lifeMs }: { place: CookiePlace; handle: string; lifeMs: number },
  ): void {
    this.#session[place].write(reply, handle, lifeMs)
    const other = this.#session[place === 'tab' ? 'frame' : 'tab']
    if (other.isSent(request)) other.clear(reply)
  }

  /** Tries whether the browser keeps cookies here, before anything depends on it. It stands for nothing. */
  tryOut(reply: FastifyReply, place: CookiePlace): void {
    this.#probe[place].write(reply, '1', probeLifeMs)
  }

  doStick(request: FastifyRequest, place: CookiePlace): boolean {
    return this.#probe[place].isSent(request)
  }
}
