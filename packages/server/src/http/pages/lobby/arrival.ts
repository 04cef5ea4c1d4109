import { readFileSync } from 'node:fs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BrandRecord } from '../../../store/store.ts'
import { makeDressing } from '../brand/dressing.ts'
import { html, sendPage } from '../page.ts'
import { lobbyStyle } from './styles.ts'
import type { Speech } from './texts/speech.ts'

const script = readFileSync(new URL('arrival-script.js', import.meta.url), 'utf8')
const dressEntering = makeDressing({ style: lobbyStyle, script, canPost: true })
const dressByHand = makeDressing({ style: lobbyStyle, canPost: true })

/** What an arrival posts: what its URL carried. */
export type ArrivalFields = Readonly<Partial<Record<'agent_id' | 'token' | 'uid' | 'language', string>>>

/** How long the tab that lost a double tap waits before it asks for the session that the other one opened, ms. */
export const secondAskMs = 800

export interface Arrival {
  readonly fields: ArrivalFields
  readonly speech: Speech
  readonly frameAncestors: readonly string[]
  readonly brand: BrandRecord | null
  readonly status?: number
  /** Until the page goes on by itself. */
  readonly delayMs?: number
}

/**
 * The page that a lobby URL opens: it posts what the URL carried as soon as somebody looks at it, so that no GET, prefetch, prerender or link
 * preview spends a ticket (check 91). A button does the same where no script runs.
 */
export function sendArrival(request: FastifyRequest, reply: FastifyReply, arrival: Arrival): FastifyReply {
  const { fields, speech, frameAncestors, brand, status = 200, delayMs = 0 } = arrival
  const { texts, locale: language, direction } = speech
  const inputs = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
  const body = html`<form class="end" method="post" action="lobby" data-delay="${delayMs}"><h1>${texts.entering}</h1>
${inputs}<p class="foot"><button class="button primary">${texts.enter}</button></p></form>`
  // With no-referrer the browser would post with the origin "null".
  reply.header('referrer-policy', 'strict-origin')
  const dressing = isLookedAtByNobody(request) ? dressByHand(brand) : dressEntering(brand)
  sendPage(reply, { status, title: texts.entering, language, direction, body, ...dressing, frameAncestors })
  return reply
}

/** Fetchers of link previews. Some run scripts; all know how to press no button. In-app browsers begin with Mozilla and name no such word. */
const previewAgents =
  /^(?:WhatsApp|TelegramBot|Viber|Zalo)\b|facebookexternalhit|facebot|twitterbot|slackbot|slack-imgproxy|discordbot|linkedinbot|skypeuripreview|microsoftpreview|bingpreview|bingbot|googlebot|google-pagerenderer|applebot|kakaotalk-scrap|line-poker|pinterestbot|redditbot|yandexbot|baiduspider|vkshare|embedly|iframely|mattermost-bot|headlesschrome-preview/i

/** A page for what only fetches has no script. A prerendering browser gets it: the script waits there until the page is shown. */
function isLookedAtByNobody({ headers }: FastifyRequest): boolean {
  if (previewAgents.test(headers['user-agent'] ?? '')) return true
  if (headers['sec-purpose'] !== undefined) return false
  return [headers.purpose, headers['x-purpose'], headers['x-moz']].some((value) => /prefetch|prerender|preview/i.test(String(value ?? '')))
}
