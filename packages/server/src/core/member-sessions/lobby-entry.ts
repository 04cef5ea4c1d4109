import type { MemberSession, MemberSessionStore } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { hashTicket, hashUsedTicket } from '../members/lobby-ticket.ts'
import type { SessionTokenHasher } from '../members/session-token.ts'
import type { MerchantDirectory } from '../merchants/merchant-directory.ts'
import { verifyCallback } from '../merchants/verify-callback.ts'
import type { SessionHandles } from './session-handle.ts'

export interface LobbyEntryOptions {
  readonly sessions: MemberSessionStore
  readonly merchants: MerchantDirectory
  readonly hashToken: SessionTokenHasher
  /** What a cookie holds. */
  readonly handles: SessionHandles
  /** What a page holds where no cookie sticks. */
  readonly pageTokens: SessionHandles
  readonly clock: Clock
}

/** Somebody who was let in. */
export interface LobbyVisit {
  readonly session: MemberSession
  /** By a one-time ticket, which is used up; else by the session's token, which may be short enough to be guessed. */
  readonly isByTicket: boolean
}

/** Lets members into the lobby by what `data.url` carries, and knows them afterwards by a handle. */
export class LobbyEntry {
  readonly #options: LobbyEntryOptions

  constructor(options: LobbyEntryOptions) {
    this.#options = options
  }

  /**
   * Opens the session that the URL's `token` stands for. Whether that is the session's token or a one-time ticket is the merchant's launch mode alone: in
   * ticket mode the token opens nothing, and a ticket opens once (check 25), and again for whoever brings the same `arrival`, which the browser was given for
   * this: its first answer may have been lost. Null where nothing is opened.
   */
  async open(agentId: string, token: string, arrival: string | null = null): Promise<LobbyVisit | null> {
    const { merchants, sessions, hashToken, clock } = this.#options
    const merchant = merchants.find(agentId)
    if (merchant === null) return null
    const now = clock.now()
    const isByTicket = merchant.settings.launch === 'ticket'
    const session = isByTicket
      ? await sessions.redeemTicket(agentId, hashTicket(token), now, arrival === null ? null : hashUsedTicket(token, arrival))
      : await sessions.enter(hashToken(agentId, token), now)
    return session === null ? null : { session, isByTicket }
  }

  /** Origins that may frame the lobby of a merchant; none of one that is not there. */
  frameAncestors(agentId: string | undefined): readonly string[] {
    return agentId === undefined ? [] : (this.#options.merchants.find(agentId)?.settings.frameAncestors ?? [])
  }

  /** The return address that a lobby URL names, as judged; null where the merchant's list has none such: anybody can write a URL. */
  findCallback(agentId: string | undefined, callback: string | undefined): string | null {
    const merchant = agentId === undefined || callback === undefined ? null : this.#options.merchants.find(agentId)
    if (merchant === null || callback === undefined) return null
    try {
      return verifyCallback(callback, merchant.settings.callbackOrigins, true)
    } catch {
      return null
    }
  }

  /** Stands for a session in a cookie, in place of what the URL carried. */
  handleOf(session: MemberSession): string {
    return this.#options.handles.issue(session)
  }

  /** Stands for a session in a page of a browser that keeps no cookie. It is worth nothing as a cookie (check 99). */
  pageTokenOf(session: MemberSession): string {
    return this.#options.pageTokens.issue(session)
  }

  /** The session behind a page's token, as `find`. */
  findByPageToken(token: string): Promise<MemberSession | null> {
    return this.#find(this.#options.pageTokens, token)
  }

  /** The session behind a handle, also when it is over (`isLiveSession` tells); null when there is none any more. */
  find(handle: string): Promise<MemberSession | null> {
    return this.#find(this.#options.handles, handle)
  }

  async #find(handles: SessionHandles, handle: string): Promise<MemberSession | null> {
    const named = handles.find(handle)
    const session = named === null ? null : await this.#options.sessions.find(named.tokenHash)
    return session === null || named === null || session.createdAt > named.seenAt ? null : session
  }

  /** Notes that whoever is in the lobby was shown the end of the session. False when it has not ended. */
  acknowledgeEnd({ tokenHash }: MemberSession): Promise<boolean> {
    return this.#options.sessions.acknowledgeEnd(tokenHash, this.#options.clock.now())
  }
}

/** Whether a session has neither ended nor expired. */
export function isLiveSession({ endedAt, expiresAt }: MemberSession, now: number): boolean {
  return endedAt === null && now < expiresAt
}
