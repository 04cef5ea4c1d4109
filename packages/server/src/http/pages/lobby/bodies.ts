import type { SessionFacts } from '../../../core/member-sessions/session-facts.ts'
import { sessionIdOf } from '../../../core/member-sessions/session-facts.ts'
import { type Html, html } from '../page.ts'
import { amountRangeText, amountText, currencyText, durationText, languageText, nameOf, timeText } from './formats.ts'
import { pageVersion } from './page-stream.ts'
import { type EndKind, endKinds, type LobbyTexts, type Speech } from './texts.ts'

/** What a page holds of its session where no cookie does, and where it is when it is loaded again, which forgets it. */
export interface HeldSession {
  readonly token: string
  readonly leaveUrl: string
}

/** The lobby of a live session. */
export function liveBody(facts: SessionFacts, { texts, locale }: Speech, now: number, held: HeldSession | null): Html {
  const { session, isBetLocked } = facts
  const { amount, custom_language: customLanguage, callback = null } = session.opaque
  const isGuest = session.kind === 'guest'
  const tag = isGuest ? html`<span class="tag">${texts.guest}</span>` : html``
  const warning = isBetLocked ? html`<p class="warn">${texts.betLocked}</p>` : html``
  const { title, detail } = targetTexts(facts, texts, locale)
  const rows: readonly (readonly [string, string])[] = [
    ...(amount === undefined ? [] : [[texts.balance, amountText(amount, session.currency, locale)] as const]),
    [texts.currency, currencyText(session.currency, locale)],
    [texts.language, [languageText(session.language, locale), customLanguage].filter((part) => part !== undefined).join(' · ')],
    [texts.platform, texts.platforms[session.platform] ?? session.platform],
    [texts.merchant, session.agentId],
  ]
  const endings = endKinds.map((kind) => html`<template id="end-${kind}">${endBody(kind, texts, callback)}</template>`)
  const hold = held === null ? html`` : html` data-token="${held.token}" data-leave="${held.leaveUrl}"`
  return html`<div data-page="live"${hold} data-session="${sessionIdOf(session)}" data-version="${pageVersion(facts)}">
<header class="hero"><h1>${texts.welcome(facts.userName)}</h1><p class="soft">${texts.entered} ${tag}</p></header>
${warning}
<div class="tiles">
<div class="tile"><p>${texts.game}</p><p class="large">${title}</p><p>${detail}</p></div>
<div class="tile"><p>${texts.timeLeft}</p>
<p class="large clock" id="left" role="timer" data-ms="${session.expiresAt - now}">${durationText(session.expiresAt - now, locale)}</p>
<p>${texts.until} <span id="until">${timeText(session.expiresAt, locale)}</span></p></div>
</div>
<section><h2>${texts.account}</h2><table>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table></section>
<section><h2>${texts.limits}</h2>${limitsTable(facts, texts, locale)}</section>
${backButton(callback, texts, 'foot')}
</div>${endings}`
}

/** What is shown when there is no live session. `callback`: where the member came from, as far as that is known. */
export function endBody(kind: EndKind, texts: LobbyTexts, callback: string | null): Html {
  return noteBody(texts.ends[kind], texts, callback)
}

export function noteBody(note: { readonly title: string; readonly text: string }, texts: LobbyTexts, callback: string | null): Html {
  return html`<div class="end" role="alert"><span class="mark" aria-hidden="true"><svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M15 3h3a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2h-3M10 8l-4 4 4 4M6 12h9"/></svg></span>
<h1 tabindex="-1">${note.title}</h1><p class="soft">${note.text}</p>${backButton(callback, texts, 'foot')}</div>`
}

function targetTexts({ target }: SessionFacts, texts: LobbyTexts, locale: string): { title: string; detail: string } {
  if (target.kind === 'lobby') return { title: texts.lobby, detail: '' }
  const title = nameOf(target.game.names, locale, target.game.gameId)
  if (target.kind === 'table') return { title, detail: `${texts.table}: ${nameOf(target.table.names, locale, target.table.instId)}` }
  return { title, detail: target.kind === 'random' ? texts.randomTable : '' }
}

function limitsTable({ limits }: SessionFacts, texts: LobbyTexts, locale: string): Html {
  const rows = limits.flatMap(({ key, game, limits: chosen }) => {
    const [first] = chosen
    if (first === undefined) return []
    const name = game === null ? key : `${nameOf(game.names, locale, game.gameId)} · ${first.currency}`
    const ranges = chosen.map(({ minLimit, maxLimit }) => amountRangeText(minLimit, maxLimit, first.currency, locale))
    return [html`<tr><th scope="row">${name}</th><td>${ranges.map((range) => html`<span>${range}</span>`)}</td></tr>`]
  })
  return rows.length === 0 ? html`<p class="soft">${texts.noLimits}</p>` : html`<table>${rows}</table>`
}

function backButton(callback: string | null, texts: LobbyTexts, className: string): Html {
  if (callback === null) return html``
  return html`<p class="${className}"><a class="button primary" rel="noreferrer" href="${callback}">${texts.back}</a></p>`
}
