import type { FastifyReply, FastifyRequest } from 'fastify'
import { randomText } from '../../../core/base/random.ts'
import { OwnCookie } from '../../own-cookie.ts'
import { framedLobbyCookieNames, framedProbeCookieNames, lobbyCookieNames, probeCookieNames } from '../../own-cookies.ts'

const probeLifeMs = 600_000
const arrivalBytes = 16

/** Whether the cookie is for a lobby in a tab, or framed by a merchant's site. */
export type CookiePlace = 'tab' | 'frame'

/** What a browser is to hold. */
export interface KeptSession {
  readonly place: CookiePlace
  readonly handle: string
  readonly expiresAt: number
}

/** Whether a text can be what an arrival was given. */
export function isArrival(text: string): boolean {
  return /^[\w-]{22}$/.test(text)
}

/**
 * The lobby's cookies. In a tab Lax, since a member arrives from the merchant's site, where Strict would withhold it. In a frame `SameSite=None;
 * Partitioned`, with a separate name, since browsers keep both; over plain http there is no such cookie. The session's cookie is `HANDLE=SECONDS`, the
 * latter when it expires; earlier releases read the handle alone.
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
    const value = tab !== null && frame !== null ? null : (tab ?? frame)
    return value?.split('=', 1)[0] ?? null
  }

  /** Whether the browser holds all of this already. */
  isHeld(request: FastifyRequest, kept: KeptSession): boolean {
    return this.#session[kept.place].read(request) === cookieText(kept)
  }

  /** Replaces an existing one. */
  write(request: FastifyRequest, reply: FastifyReply, kept: KeptSession, now: number): void {
    const { place, expiresAt } = kept
    this.#session[place].write(reply, cookieText(kept), expiresAt - now)
    const other = this.#session[place === 'tab' ? 'frame' : 'tab']
    if (other.isSent(request)) other.clear(reply)
  }

  /**
   * Tries whether the browser keeps cookies here, before anything depends on it. What it holds stands for no session: it tells this browser's arrivals from
   * others'.
   */
  tryOut(request: FastifyRequest, reply: FastifyReply, place: CookiePlace): string {
    const held = this.#probe[place].read(request)
    const arrival = held !== null && isArrival(held) ? held : randomText(arrivalBytes)
    this.#probe[place].write(reply, arrival, probeLifeMs)
    return arrival
  }

  doStick(request: FastifyRequest, place: CookiePlace): boolean {
    return this.#probe[place].isSent(request)
  }
}

function cookieText({ handle, expiresAt }: KeptSession): string {
  return `${handle}=${Math.ceil(expiresAt / 1_000)}`
}
