import { readFileSync } from 'node:fs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BrandRecord } from '../../../store/store.ts'
import { makeBrandStyles } from '../brand/brand-styles.ts'
import { html, sendPage } from '../page.ts'
import { lobbyUrl } from './lobby-url.ts'
import { lobbyStyle } from './styles.ts'
import type { Translation } from './texts/translation.ts'

const script = readFileSync(new URL('arrival-script.js', import.meta.url), 'utf8')
const arrivalStyles = makeBrandStyles({ style: lobbyStyle, script, canPost: true })
const buttonStyles = makeBrandStyles({ style: lobbyStyle, canPost: true })

/** What the arrival page posts: the values from the lobby URL, and what distinguishes this browser's arrivals from others'. */
export type ArrivalFields = Readonly<Partial<Record<'agent_id' | 'token' | 'uid' | 'language' | 'arrival' | 'callback', string>>>

/** How long the tab that lost a double tap waits before it asks for the session that the other one opened, ms. */
export const secondAskMs = 800

export interface Arrival {
  readonly fields: ArrivalFields
  readonly translation: Translation
  readonly frameAncestors: readonly string[]
  readonly brand: BrandRecord | null
  readonly status?: number
  /** Delay until the page continues by itself. */
  readonly delayMs?: number
}

/**
 * The page of a lobby URL: it posts the URL's values as soon as it is visible, so that no GET, prefetch, prerender or link preview spends a ticket
 * (check 91). Without scripts a button does the same.
 */
export function sendArrival(request: FastifyRequest, reply: FastifyReply, arrival: Arrival): FastifyReply {
  const { fields, translation, frameAncestors, brand, status = 200, delayMs = 0 } = arrival
  const { texts, locale: language, direction } = translation
  const inputs = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
  const body = html`<form class="end" method="post" action="lobby" data-delay="${delayMs}" data-home="${lobbyUrl('lobby', translation, fields.agent_id)}"><h1>${texts.entering}</h1>
${inputs}<p class="foot"><button class="button primary">${texts.enter}</button></p></form>`
  // With no-referrer the browser would post with the origin "null".
  reply.header('referrer-policy', 'strict-origin')
  const styles = isPrefetchOrPreview(request) ? buttonStyles(brand) : arrivalStyles(brand)
  sendPage(reply, { status, title: texts.entering, language, direction, body, ...styles, frameAncestors })
  return reply
}

/** Fetchers of link previews. Some run scripts, but none presses a button. In-app browsers begin with Mozilla and contain none of these words. */
const previewAgents =
  /^(?:WhatsApp|TelegramBot|Viber|Zalo)\b|facebookexternalhit|facebot|twitterbot|slackbot|slack-imgproxy|discordbot|linkedinbot|skypeuripreview|microsoftpreview|bingpreview|bingbot|googlebot|google-pagerenderer|applebot|kakaotalk-scrap|line-poker|pinterestbot|redditbot|yandexbot|baiduspider|vkshare|embedly|iframely|mattermost-bot|headlesschrome-preview/i

/** Prefetchers and previews get a page without a script. A prerendering browser gets the script, which waits until the page is visible. */
function isPrefetchOrPreview({ headers }: FastifyRequest): boolean {
  if (previewAgents.test(headers['user-agent'] ?? '')) return true
  if (headers['sec-purpose'] !== undefined) return false
  return [headers.purpose, headers['x-purpose'], headers['x-moz']].some((value) => /prefetch|prerender|preview/i.test(String(value ?? '')))
}
