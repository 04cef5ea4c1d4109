/**
 * The demo lobby. `/lobby` with a token or ticket swaps it for a cookie and redirects to the clean `/lobby`, so that nothing in the address
 * bar, the history or a Referer opens the session again (check 25). The page then follows its session: `/lobby/events` tells it of an end
 * or a change, and `/lobby/ack` is told that the end was shown.
 */
import { isGatewayError } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../core/base/clock.ts'
import { addressKey } from '../../../core/base/network-address.ts'
import { GuessLimit } from '../../../core/limits/guess-limit.ts'
import type { Limiter } from '../../../core/limits/rate-limiter.ts'
import { isLiveSession, type LobbyEntry } from '../../../core/member-sessions/lobby-entry.ts'
import type { SessionDirectory } from '../../../core/member-sessions/session-directory.ts'
import { sessionIdOf } from '../../../core/member-sessions/session-facts.ts'
import type { SessionFeed } from '../../../core/member-sessions/session-feed.ts'
import type { MemberSession } from '../../../store/store.ts'
import { inTime } from '../../answer-in-time.ts'
import { OwnCookie } from '../../own-cookie.ts'
import { lobbyCookieNames } from '../../own-cookies.ts'
import { type Html, html, sendPage } from '../page.ts'
import { endBody, liveBody, noteBody } from './bodies.ts'
import { endKindOf, openPageStream, type PageState, pageVersion, sendEndEvent } from './page-stream.ts'
import { lobbyStyles } from './styles.ts'
import { type EndKind, type Speech, speechOf } from './texts.ts'

export interface LobbyPageOptions {
  readonly lobby: LobbyEntry
  readonly directory: SessionDirectory
  readonly feed: SessionFeed
  readonly assertFresh: () => void | Promise<void>
  readonly limiter: Limiter
  readonly clock: Clock
  readonly isHttps: boolean
}

/** URLs a second that open nothing, from one address; a burst is two seconds' worth. */
const wrongUrlsPerSecond = 5

export async function lobbyPage(app: FastifyInstance, options: LobbyPageOptions): Promise<void> {
  const { lobby, directory, feed, assertFresh, limiter, clock } = options
  // Lax: a member comes from the merchant's site, and under Strict the browser would hold the cookie back on the very redirect that follows. What
  // changes anything is a POST, for which Lax holds it back from other sites too.
  const cookie = new OwnCookie(lobbyCookieNames, { isHttps: options.isHttps, sameSite: 'Lax' })
  const guesses = new GuessLimit({ limiter, clock, wrongPerSecond: wrongUrlsPerSecond })
  const ownSession = async (request: FastifyRequest): Promise<MemberSession | null> => {
    const handle = cookie.read(request)
    return handle === null ? null : lobby.find(handle)
  }

  app.setErrorHandler((error, request, reply) => {
    const { texts, locale } = askedSpeech(request)
    const known = isGatewayError(error) ? error : null
    if (known?.key !== 'store_unavailable' && known?.key !== 'throttled') throw error
    const note = known.key === 'throttled' ? texts.tooMany : texts.busy
    reply.header('retry-after', Math.ceil((known.details.retryAfterMs ?? 1_000) / 1_000))
    send(reply, { status: known.key === 'throttled' ? 429 : 503, title: note.title, locale, body: noteBody(note, texts, null) })
  })

  app.get('/lobby', async (request, reply) => {
    const since = performance.now()
    const { agent_id: agentId, token, uid } = request.query as Record<string, unknown>
    if (agentId !== undefined || token !== undefined) {
      const key = `lobby-guess|${addressKey(request.clientAddress ?? 'unknown')}`
      guesses.verifyRoom(key)
      await assertFresh()
      const visit = typeof agentId === 'string' && typeof token === 'string' ? await inTime(lobby.open(agentId, token), since) : null
      if (visit !== null) {
        // A ticket has 256 bits that nobody guesses, and is used up: its answer is not held back.
        if (!visit.isByTicket) await guesses.settle(key, true)
        cookie.write(reply, visit.handle, visit.session.expiresAt - clock.now())
        return redirect(reply, 'lobby')
      }
      // Of somebody who is in already too: a session of one's own is no leave to guess at others'.
      await guesses.settle(key, false)
      // A used ticket, opened again by the browser's history, leads whom it let in before to the session that lives on.
      const own = await inTime(ownSession(request), since)
      if (own !== null && own.agentId === agentId && own.userId === uid) return redirect(reply, 'lobby')
      return redirect(reply, `lobby/over?language=${encodeURIComponent(askedSpeech(request).locale)}`)
    }

    const session = await inTime(ownSession(request), since)
    if (session === null) return sendEnd(reply, 'unknown', askedSpeech(request), null)
    const speech = askedSpeech(request, session.language)
    if (!isLiveSession(session, clock.now())) return sendEnd(reply, endKindOf(session), speech, session.opaque.callback ?? null)
    await assertFresh()
    const found = await inTime(Promise.resolve(directory.find(session.tokenHash)), since)
    if (found.state !== 'live') return sendEnd(reply, 'unknown', speech, session.opaque.callback ?? null)
    const body = liveBody(found.facts, speech, clock.now())
    return send(reply, { status: 200, title: speech.texts.welcome(found.facts.userName), locale: speech.locale, body })
  })

  app.get('/lobby/over', (request, reply) => sendEnd(reply, 'unknown', askedSpeech(request), null))

  app.get('/lobby/events', { config: { isQuiet: true } }, async (request, reply) => {
    const { session: shown, version } = request.query as Record<string, unknown>
    try {
      const session = await ownSession(request)
      if (session === null) sendEndEvent(reply, 'unknown')
      else if (sessionIdOf(session) !== shown) sendEndEvent(reply, 'elsewhere')
      else openPageStream({ feed, session, reply, shownVersion: String(version), look: () => look(request, session) })
    } catch (error) {
      const retryAfterMs = (isGatewayError(error) ? error.details.retryAfterMs : undefined) ?? 1_000
      return reply
        .code(503)
        .header('retry-after', Math.ceil(retryAfterMs / 1_000))
        .send()
    }
    return reply
  })

  app.post('/lobby/ack', { config: { isQuiet: true } }, async (request, reply) => {
    const handle = cookie.read(request)
    // Lax holds the cookie back from other sites' forms; this says the same again where a browser tells who asks.
    const site = request.headers['sec-fetch-site']
    if (handle !== null && (site === undefined || site === 'same-origin')) await lobby.acknowledgeEnd(handle)
    return reply.code(204).header('cache-control', 'no-store').send()
  })

  const look = async (request: FastifyRequest, followed: MemberSession): Promise<PageState> => {
    const session = await ownSession(request)
    // One that has expired may be swept already.
    if (session === null) return { end: isLiveSession(followed, clock.now()) ? 'unknown' : 'expired' }
    if (!isLiveSession(session, clock.now())) return { end: endKindOf(session) }
    const found = await directory.find(session.tokenHash)
    return { version: found.state === 'live' ? pageVersion(found.facts) : 'none' }
  }
}

/** How to speak: as the session says, as the URL says, as the browser says. */
function askedSpeech(request: FastifyRequest, known?: string): Speech {
  const { language } = request.query as Record<string, unknown>
  const accepted = (request.headers['accept-language'] ?? '').split(',').map((part) => part.split(';', 1)[0]?.trim())
  return speechOf(known, typeof language === 'string' ? language : undefined, ...accepted.slice(0, 10))
}

function redirect(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(303).header('location', location).header('cache-control', 'no-store').send()
}

function sendEnd(reply: FastifyReply, kind: EndKind, { texts, locale }: Speech, callback: string | null): FastifyReply {
  const status = kind === 'unknown' ? 404 : 410
  const body = endBody(kind, texts, callback)
  return send(reply, {
    status,
    title: texts.ends[kind].title,
    locale,
    body: kind === 'unknown' ? body : html`<div data-page="over">${body}</div>`,
  })
}

function send(reply: FastifyReply, page: { status: number; title: string; locale: string; body: Html }): FastifyReply {
  sendPage(reply, { ...page, language: page.locale, styles: lobbyStyles })
  return reply
}
