import type { SessionFacts } from '../../../core/member-sessions/session-facts.ts'
import { sessionIdOf } from '../../../core/member-sessions/session-facts.ts'
import { type Html, html } from '../page.ts'
import { amountRangeText, amountText, currencyText, durationText, nameOf, timeText } from './formats.ts'
import { pageVersion } from './page-stream.ts'
import { type EndKind, endKinds, type LobbyTexts, type Note } from './texts/lobby-texts.ts'
import type { Translation } from './texts/translation.ts'

/** A page's session where cookies do not work, and its URL for a reload, which loses the session. */
export interface HeldSession {
  readonly token: string
  readonly leaveUrl: string
}

/** Links of a page: back to where the member came from, and to support; null where there is none. */
export interface PageLinks {
  /** Undefined where no session is known: the page's script may remember it. */
  readonly callback?: string | null | undefined
  readonly supportUrl: string | null
}

interface LivePage {
  readonly held: HeldSession | null
  readonly supportUrl: string | null
}

/** The lobby of a live session. */
export function liveBody(facts: SessionFacts, { texts, locale }: Translation, now: number, { held, supportUrl }: LivePage): Html {
  const { session, isBetLocked } = facts
  const { amount, callback = null } = session.opaque
  const warning = isBetLocked ? html`<p class="warn">${texts.betLocked}</p>` : html``
  const { title, detail } = targetTexts(facts, texts, locale)
  const currency = currencyText(session.currency, locale)
  const money =
    amount === undefined
      ? tile(texts.currency, isolated(currency))
      : tile(texts.balance, amountHtml(amountText(amount, session.currency, locale)), currency)
  const links = { callback, supportUrl }
  const endings = endKinds.map((kind) => html`<template id="end-${kind}">${endBody(kind, texts, links)}</template>`)
  const hold = held === null ? html`` : html` data-token="${held.token}" data-leave="${held.leaveUrl}"`
  return html`<div data-page="live"${hold} data-session="${sessionIdOf(session)}" data-version="${pageVersion(facts)}">
<header class="hero"><h1>${welcomeText(facts, texts)}</h1><p class="soft">${texts.entered}</p></header>
${warning}
<div class="tiles">
${tile(texts.game, isolated(title), detail)}
<div class="tile"><p>${texts.timeLeft}</p>
<p class="large clock"><span id="left" role="timer" dir="ltr" data-ms="${session.expiresAt - now}">${durationText(session.expiresAt - now, locale)}</span></p>
<p>${texts.until} <span id="until">${timeText(session.expiresAt, locale)}</span></p></div>
${money}
</div>
<section><h2>${texts.limits}</h2>${limitsTable(facts, texts, locale)}</section>
${linkRow(links, texts)}
</div>${endings}`
}

/** A guest's name is a number that we chose. */
export function welcomeText({ session, userName }: SessionFacts, texts: LobbyTexts): string {
  return texts.welcome(session.kind === 'guest' ? texts.guest : userName)
}

/** The page without a live session. */
export function endBody(kind: EndKind, texts: LobbyTexts, links: PageLinks): Html {
  return noteBody(texts.ends[kind], texts, links)
}

export function noteBody(note: Note, texts: LobbyTexts, links: PageLinks): Html {
  return html`<div class="end" role="alert"><span class="mark" aria-hidden="true"><svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M15 3h3a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2h-3M10 8l-4 4 4 4M6 12h9"/></svg></span>
<h1 tabindex="-1">${note.title}</h1><p class="soft">${note.text}</p>${linkRow(links, texts)}</div>`
}

function targetTexts({ target }: SessionFacts, texts: LobbyTexts, locale: string): { title: string; detail: string } {
  if (target.kind === 'lobby') return { title: texts.lobby, detail: '' }
  const title = nameOf(target.game.names, locale, target.game.gameId)
  if (target.kind === 'table') return { title, detail: nameOf(target.table.names, locale, texts.table(target.table.instId)) }
  return { title, detail: target.kind === 'random' ? texts.randomTable : '' }
}

function tile(name: string, value: Html, detail = ''): Html {
  const more = detail === '' ? html`` : html`<p>${isolated(detail)}</p>`
  return html`<div class="tile"><p>${name}</p><p class="large">${value}</p>${more}</div>`
}

/** Isolates external text, so that it does not change the direction of what surrounds it. */
function isolated(text: string): Html {
  return html`<bdi>${text}</bdi>`
}

/** Keeps the order from least to most, and the place of the currency symbol, also in right-to-left text. */
function amountHtml(text: string): Html {
  return html`<bdi dir="ltr">${text.replaceAll(/[\u061c\u200e\u200f]/g, '')}</bdi>`
}

function limitsTable({ limits }: SessionFacts, texts: LobbyTexts, locale: string): Html {
  const rows = limits.flatMap(({ game, limits: chosen }) => {
    const [first] = chosen
    if (first === undefined) return []
    const name = game === null ? first.currency : `${nameOf(game.names, locale, game.gameId)} · ${first.currency}`
    const ranges = chosen.map(({ minLimit, maxLimit }) => amountRangeText(minLimit, maxLimit, first.currency, locale))
    return [html`<tr><th scope="row">${isolated(name)}</th><td>${ranges.map((range) => html`<span>${amountHtml(range)}</span>`)}</td></tr>`]
  })
  return rows.length === 0 ? html`<p class="soft">${texts.noLimits}</p>` : html`<table>${rows}</table>`
}

/** Return leaves a frame as well, so that the merchant's site is not framed within itself. Support opens in another tab, so that the lobby stays open. */
function linkRow({ callback, supportUrl }: PageLinks, texts: LobbyTexts): Html {
  const target = callback === undefined ? html`hidden` : html`href="${callback ?? ''}"`
  const back =
    callback === null ? html`` : html`<a class="button primary" id="back" rel="noreferrer" target="_top" ${target}>${texts.back}</a>`
  const help =
    supportUrl === null
      ? html``
      : html`<a class="button help" rel="noreferrer noopener" target="_blank" href="${supportUrl}">${texts.support}</a>`
  return callback === null && supportUrl === null ? html`` : html`<p class="foot">${back} ${help}</p>`
}
