/**
 * The demo lobby. `/lobby` with a token or ticket answers a page that posts it; the post swaps it for a cookie and redirects to the clean `/lobby`, so
 * that nothing in the address bar, the history or a Referer opens the session again (check 25), and no GET spends it (check 91). Where the browser
 * keeps no cookie, the post answers the lobby itself, and the page holds a token for the session until it is left.
 *
 * The page then follows its session: `/lobby/events` tells it of an end or a change, and `/lobby/ack` is told that the end was shown.
 */
import { isGatewayError } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../../core/base/clock.ts'
import { addressKey } from '../../../core/base/network-address.ts'
import type { BrandDirectory } from '../../../core/brands/brand-directory.ts'
import { GuessLimit } from '../../../core/limits/guess-limit.ts'
import type { Limiter } from '../../../core/limits/rate-limiter.ts'
import { isLiveSession, type LobbyEntry } from '../../../core/member-sessions/lobby-entry.ts'
import type { SessionDirectory } from '../../../core/member-sessions/session-directory.ts'
import { sessionIdOf } from '../../../core/member-sessions/session-facts.ts'
import type { SessionFeed } from '../../../core/member-sessions/session-feed.ts'
import type { BrandRecord, MemberSession } from '../../../store/store.ts'
import { inTime } from '../../answer-in-time.ts'
import { acceptOnlyForms, readForm } from '../../form-body.ts'
import { isFromOwnPage } from '../../own-origin.ts'
import { setRetryAfter } from '../../retry-after.ts'
import { wantedLanguages } from '../languages.ts'
import { type Html, html, sendPage } from '../page.ts'
import { type ArrivalFields, secondAskMs, sendArrival } from './arrival.ts'
import { endBody, liveBody, noteBody, welcomeText } from './bodies.ts'
import { type CookiePlace, isArrival, type KeptSession, LobbyCookies } from './lobby-cookies.ts'
import { lobbyUrl } from './lobby-url.ts'
import { endKindOf, openPageStream, type PageState, pageVersion, sendEndEvent } from './page-stream.ts'
import { lobbyStyles } from './styles.ts'
import type { EndKind } from './texts/lobby-texts.ts'
import { type Translation, translationFor } from './texts/translation.ts'

export interface LobbyPageOptions {
  readonly lobby: LobbyEntry
  readonly brands: BrandDirectory
  readonly directory: SessionDirectory
  readonly feed: SessionFeed
  readonly assertFresh: () => void | Promise<void>
  readonly limiter: Limiter
  readonly clock: Clock
  readonly publicUrl: string
}

/** The merchant whose lobby it is, as far as known. */
interface Site {
  readonly frameAncestors: readonly string[]
  readonly brand: BrandRecord | null
}

/** Failed URLs per second and address; a burst is two seconds' worth. */
const wrongUrlsPerSecond = 5

export async function lobbyPage(app: FastifyInstance, options: LobbyPageOptions): Promise<void> {
  const { lobby, brands, directory, feed, assertFresh, limiter, clock } = options
  const publicOrigin = new URL(options.publicUrl).origin
  const cookies = new LobbyCookies({ isHttps: options.publicUrl.startsWith('https:') })
  const guesses = new GuessLimit({ limiter, clock, wrongPerSecond: wrongUrlsPerSecond })
  acceptOnlyForms(app)

  const ownSession = async (request: FastifyRequest): Promise<MemberSession | null> => {
    const handle = cookies.read(request)
    return handle === null ? null : lobby.find(handle)
  }
  const sessionOf = (request: FastifyRequest, pageToken: string | undefined) =>
    pageToken === undefined ? ownSession(request) : lobby.findByPageToken(pageToken)
  const placeOf = (agentId: string): CookiePlace => (lobby.frameAncestors(agentId).length > 0 ? 'frame' : 'tab')

  const keptOf = (session: MemberSession): KeptSession => ({
    place: placeOf(session.agentId),
    handle: lobby.handleOf(session),
    expiresAt: session.expiresAt,
  })

  const siteOf = (agentId: string | undefined): Site => ({ frameAncestors: lobby.frameAncestors(agentId), brand: brands.find(agentId) })

  const callbackOf = (request: FastifyRequest): string | null => {
    const { agentId, callback } = arrivalOf(request)
    return lobby.findCallback(agentId, callback)
  }

  app.setErrorHandler((error, request, reply) => {
    const known = isGatewayError(error) ? error : null
    if (known?.key !== 'store_unavailable' && known?.key !== 'throttled') throw error
    const { agentId, language } = arrivalOf(request)
    const translation = requestedTranslation(request, language)
    const note = known.key === 'throttled' ? translation.texts.tooMany : translation.texts.busy
    setRetryAfter(reply, known.details.retryAfterMs ?? 1_000)
    const site = siteOf(agentId)
    send(reply, {
      site,
      status: known.key === 'throttled' ? 429 : 503,
      title: note.title,
      translation,
      body: noteBody(note, translation.texts, { supportUrl: site.brand?.supportUrl ?? null }),
    })
  })

  app.get('/lobby', { exposeHeadRoute: true }, async (request, reply) => {
    const { agent_id: agentId, token, uid } = request.query as Record<string, unknown>
    if (token === undefined) {
      const session = await inTime(ownSession(request), performance.now())
      if (session === null) return sendUnknown(request, reply)
      // Another login may have renewed the session, and its end. Otherwise nothing is written: this answer may be late, and another tab have entered since.
      const [kept, now] = [keptOf(session), clock.now()]
      if (isLiveSession(session, now) && !cookies.isHeld(request, kept)) cookies.write(request, reply, kept, now)
      return showSession(request, reply, session)
    }
    const translation = requestedTranslation(request)
    if (typeof agentId !== 'string' || typeof token !== 'string') return redirect(reply, lobbyUrl('lobby/over', translation))
    const arrival = cookies.tryOut(request, reply, placeOf(agentId))
    const callback = callbackOf(request)
    const fields: ArrivalFields = {
      agent_id: agentId,
      token,
      arrival,
      language: translation.locale,
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(callback === null ? {} : { callback }),
    }
    return sendArrival(request, reply, { fields, translation, ...siteOf(agentId) })
  })

  app.post('/lobby', async (request, reply) => {
    const since = performance.now()
    if (!isFromOwnPage(request, publicOrigin)) return refuseForeign(request, reply, siteOf(undefined))
    const form = readForm(request)
    const [agentId, token, pageToken, arrival = ''] = [form.get('agent_id'), form.get('token'), form.get('page'), form.get('arrival')]
    const translation = requestedTranslation(request, form.get('language'))
    if (pageToken !== undefined) {
      const session = await inTime(lobby.findByPageToken(pageToken), since)
      return session === null
        ? redirect(reply, lobbyUrl('lobby/over', translation, agentId))
        : showSession(request, reply, session, pageToken)
    }
    if (agentId === undefined) return redirect(reply, lobbyUrl('lobby/over', translation))
    if (token !== undefined) {
      const key = `lobby-guess|${addressKey(request.clientAddress ?? 'unknown')}`
      guesses.verifyRoom(key)
      await assertFresh()
      const visit = await inTime(lobby.open(agentId, token, isArrival(arrival) ? arrival : null), since)
      if (visit !== null) {
        // A ticket has 256 unguessable bits and is used up: its answer is not limited.
        if (!visit.isByTicket) await guesses.settle(key, true)
        if (!cookies.doStick(request, placeOf(agentId))) return showSession(request, reply, visit.session, lobby.pageTokenOf(visit.session))
        cookies.write(request, reply, keptOf(visit.session), clock.now())
        return redirect(reply, lobbyUrl('lobby', translation, agentId))
      }
      // Applies to visitors with a session, too: their own session is no licence to guess others'.
      await guesses.settle(key, false)
    }
    // A used ticket, tapped twice or opened again from the history, leads its visitor to the session if that is still live.
    const uid = form.get('uid')
    const own = await inTime(ownSession(request), since)
    if (own !== null && own.agentId === agentId && own.userId === uid) return redirect(reply, lobbyUrl('lobby', translation, agentId))
    const callback = callbackOf(request)
    if (token === undefined || uid === undefined) return redirect(reply, lobbyUrl('lobby/over', translation, agentId, callback))
    // The other tap's answer may still be on its way, with its cookie.
    const fields: ArrivalFields = { agent_id: agentId, uid, language: translation.locale, ...(callback === null ? {} : { callback }) }
    return sendArrival(request, reply, { fields, translation, ...siteOf(agentId), status: 404, delayMs: secondAskMs })
  })

  app.get('/lobby/over', sendUnknown)

  app.get('/lobby/left', (request, reply) => {
    const translation = requestedTranslation(request)
    const site = siteOf(arrivalOf(request).agentId)
    const body = noteBody(translation.texts.left, translation.texts, { supportUrl: site.brand?.supportUrl ?? null })
    return send(reply, { status: 410, title: translation.texts.left.title, translation, body, site })
  })

  app.get('/lobby/events', { config: { isQuiet: true } }, async (request, reply) => {
    const site = request.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin') return reply.code(403).send()
    const { session, version } = request.query as Record<string, unknown>
    return follow(request, reply, { shown: session, version: String(version) })
  })

  app.post('/lobby/events', { config: { isQuiet: true } }, async (request, reply) => {
    if (!isFromOwnPage(request, publicOrigin)) return reply.code(403).send()
    const form = readForm(request)
    return follow(request, reply, { pageToken: form.get('page') ?? '', shown: form.get('session'), version: String(form.get('version')) })
  })

  app.post('/lobby/ack', { config: { isQuiet: true } }, async (request, reply) => {
    if (isFromOwnPage(request, publicOrigin)) {
      const session = await sessionOf(request, readForm(request).get('page'))
      if (session !== null) await lobby.acknowledgeEnd(session)
    }
    return reply.code(204).header('cache-control', 'no-store').send()
  })

  function sendUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const callback = callbackOf(request) ?? undefined
    return sendEnd(reply, {
      kind: 'unknown',
      translation: requestedTranslation(request),
      callback,
      site: siteOf(arrivalOf(request).agentId),
    })
  }

  /** The lobby of a session, or how it ended. `pageToken`: of a page without a cookie. */
  async function showSession(
    request: FastifyRequest,
    reply: FastifyReply,
    session: MemberSession,
    pageToken?: string,
  ): Promise<FastifyReply> {
    const since = performance.now()
    const translation = requestedTranslation(request, session.language)
    const site = siteOf(session.agentId)
    const end = { translation, callback: session.opaque.callback ?? null, site }
    if (!isLiveSession(session, clock.now())) return sendEnd(reply, { kind: endKindOf(session), ...end })
    await assertFresh()
    const found = await inTime(Promise.resolve(directory.find(session.tokenHash)), since)
    if (found.state !== 'live') return sendEnd(reply, { kind: 'unknown', ...end })
    const held = pageToken === undefined ? null : { token: pageToken, leaveUrl: lobbyUrl('lobby/left', translation, session.agentId) }
    const body = liveBody(found.facts, translation, clock.now(), { held, supportUrl: site.brand?.supportUrl ?? null })
    // Its form, which reloads it, has to send an origin.
    if (held !== null) reply.header('referrer-policy', 'strict-origin')
    return send(reply, { status: 200, title: welcomeText(found.facts, translation.texts), translation, body, site })
  }

  async function follow(
    request: FastifyRequest,
    reply: FastifyReply,
    { pageToken, shown, version }: { pageToken?: string; shown: unknown; version: string },
  ): Promise<FastifyReply> {
    try {
      const session = await sessionOf(request, pageToken)
      if (session === null) sendEndEvent(reply, 'unknown')
      else if (sessionIdOf(session) !== shown) sendEndEvent(reply, 'elsewhere')
      else openPageStream({ feed, session, reply, shownVersion: version, look: () => look(session, () => sessionOf(request, pageToken)) })
    } catch (error) {
      const retryAfterMs = (isGatewayError(error) ? error.details.retryAfterMs : undefined) ?? 1_000
      setRetryAfter(reply, retryAfterMs)
      return reply.code(503).send()
    }
    return reply
  }

  async function look(followed: MemberSession, find: () => Promise<MemberSession | null>): Promise<PageState> {
    const session = await find()
    // An expired one may have been swept already.
    if (session === null) return { end: isLiveSession(followed, clock.now()) ? 'unknown' : 'expired' }
    if (!isLiveSession(session, clock.now())) return { end: endKindOf(session) }
    const found = await directory.find(session.tokenHash)
    return { version: found.state === 'live' ? pageVersion(found.facts) : 'none' }
  }
}

function refuseForeign(request: FastifyRequest, reply: FastifyReply, site: Site): FastifyReply {
  const translation = requestedTranslation(request)
  const body = endBody('unknown', translation.texts, { supportUrl: site.brand?.supportUrl ?? null })
  return send(reply, { status: 403, title: translation.texts.ends.unknown.title, translation, body, site })
}

/** In the language of the session, else of the URL, else of the browser. */
function requestedTranslation(request: FastifyRequest, known?: string): Translation {
  return translationFor(...wantedLanguages(request, known))
}

interface ArrivalOf {
  readonly agentId: string | undefined
  readonly language?: string | undefined
  readonly callback: string | undefined
}

/** Whose lobby was asked for, how to speak there, and where the way back leads, in a form or a URL. */
function arrivalOf(request: FastifyRequest): ArrivalOf {
  if (request.method !== 'POST') {
    const { agent_id: agentId, callback } = request.query as Record<string, unknown>
    return { agentId: typeof agentId === 'string' ? agentId : undefined, callback: typeof callback === 'string' ? callback : undefined }
  }
  const form = readForm(request)
  return { agentId: form.get('agent_id'), language: form.get('language'), callback: form.get('callback') }
}

function redirect(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(303).header('location', location).header('cache-control', 'no-store').send()
}

interface End {
  readonly kind: EndKind
  readonly translation: Translation
  readonly callback?: string | null | undefined
  readonly site: Site
}

function sendEnd(reply: FastifyReply, { kind, translation, callback, site }: End): FastifyReply {
  const body = endBody(kind, translation.texts, { callback, supportUrl: site.brand?.supportUrl ?? null })
  return send(reply, {
    status: kind === 'unknown' ? 404 : 410,
    title: translation.texts.ends[kind].title,
    translation,
    body: kind === 'unknown' ? body : html`<div data-page="over">${body}</div>`,
    site,
  })
}

interface Page {
  readonly status: number
  readonly title: string
  readonly translation: Translation
  readonly body: Html
  readonly site: Site
}

function send(
  reply: FastifyReply,
  { translation: { locale: language, direction }, site: { frameAncestors, brand }, ...page }: Page,
): FastifyReply {
  sendPage(reply, { ...page, language, direction, frameAncestors, ...lobbyStyles(brand) })
  return reply
}
