import { readFileSync } from 'node:fs'
import { adminBasePath, consoleHeader, signInCalls, ssoReturnPath } from '@lobbykey/contract/admin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { wantedLanguages } from '../languages.ts'
import { oneTimeFragment } from '../one-time-fragment.ts'
import { html, makePageStyles, sendPage, siteHeader } from '../page.ts'
import { type SignInLanguage, type SignInTexts, signInTexts } from './sign-in-texts.ts'

export interface SignInPageOptions {
  /** Of the button for single sign-on; null without one. */
  readonly ssoLabel: string | null
}

/**
 * `GET /sign-in`: signs an operator in, accepts an invitation, and confirms. A link's secret is in the URL's fragment, which browsers do not send;
 * the script removes it from the address bar and the history. `?to=` names the console page to continue to.
 *
 * `GET /sign-in/sso` is the same page, to which the provider of single sign-on sends browsers back: its script sends the answer from here, so that
 * the browser sends and stores the strict cookie.
 */
export async function signInPage(app: FastifyInstance, { ssoLabel }: SignInPageOptions): Promise<void> {
  const send = (request: FastifyRequest, reply: FastifyReply) => {
    const language = languageOf(wantedLanguages(request))
    const texts = signInTexts[language]
    return sendPage(reply.header('vary', 'accept-language'), {
      title: texts.title,
      header: siteHeader(null),
      body: bodyOf(texts, ssoLabel),
      styles,
      language,
    })
  }
  app.get('/sign-in', send)
  if (ssoLabel !== null) app.get(ssoReturnPath, send)
}

const paths = Object.fromEntries(Object.entries(signInCalls).map(([name, { path }]) => [name, adminBasePath + path]))

/** As the console chooses: readers of Traditional Chinese get their next language. */
function languageOf(wanted: readonly (string | undefined)[]): SignInLanguage {
  for (const tag of wanted) {
    if (tag === undefined || /^zh-(?:hant|tw|hk|mo)\b/i.test(tag)) continue
    const first = tag.split('-', 1)[0]?.toLowerCase()
    if (first === 'en' || first === 'de') return first
    if (first === 'zh') return 'zh-Hans'
  }
  return 'en'
}

// The forms stay hidden without the script, so that no browser submits a password by itself.
function bodyOf(t: SignInTexts, ssoLabel: string | null) {
  const withLabel = (text: string) => text.replace('#', () => ssoLabel ?? '')
  return html`<div id="page" data-paths="${JSON.stringify(paths)}" data-base="${adminBasePath}" data-header="${consoleHeader}" data-says="${JSON.stringify(t.says)}" data-sso="${ssoLabel ?? ''}" data-return="${ssoReturnPath}">
<h1 id="title">${t.title}</h1>
<noscript><p>${t.needsScript}</p></noscript>
<p id="sso" class="actions" hidden><button id="use-sso" class="button" type="button">${withLabel(t.useSso)}</button></p>
<form id="password-form" hidden>
<p><label for="email">${t.email}</label>
<input id="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false" required></p>
<p><label for="password">${t.password}</label>
<input id="password" type="password" autocomplete="current-password" required></p>
<p><label for="code">${t.code}</label>
<input id="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required></p>
<p class="actions"><button class="button" type="submit">${t.signIn}</button> <button id="use-passkey" class="button" type="button" hidden>${t.usePasskey}</button></p>
</form>
<form id="invitation-form" hidden>
<p id="invited"></p>
<div id="passkey-offer" hidden><h2>${t.withPasskey}</h2>
<p>${t.withPasskeySays}</p>
<p class="actions"><button id="make-passkey" class="button" type="button">${t.makePasskey}</button></p></div>
<h2>${t.withPassword}</h2>
<p><label for="new-password">${t.newPassword}</label>
<input id="new-password" type="password" autocomplete="new-password" required></p>
<p>${t.secret} <code id="secret"></code> <a id="uri">${t.openApp}</a></p>
<p><label for="new-code">${t.newCode}</label>
<input id="new-code" autocomplete="one-time-code" inputmode="numeric" required></p>
<p class="actions"><button class="button" type="submit">${t.setUp}</button></p>
</form>
<section id="account" hidden>
<p id="who"></p>
<p class="actions"><a id="open-console" class="button" href="/console">${t.openConsole}</a></p>
<div id="codes" hidden><h2>${t.codes}</h2>
<p>${t.codesSay}</p>
<pre id="code-list"></pre></div>
<h2>${t.confirmation}</h2>
<p id="confirmed"></p>
<form id="confirm-form">
<p id="confirm-code-field"><label for="confirm-code">${t.confirmCode}</label>
<input id="confirm-code" autocomplete="one-time-code" inputmode="numeric"></p>
<p class="actions"><button id="confirm" class="button" type="submit">${t.confirm}</button> <button id="confirm-passkey" class="button" type="button">${t.confirmPasskey}</button> <button id="confirm-sso" class="button" type="button" hidden>${withLabel(t.confirmSso)}</button></p>
</form>
<div id="passkeys" hidden><h2>${t.passkeys}</h2>
<ul id="passkey-list"></ul>
<form id="passkey-form">
<p id="first-passkey" hidden>${t.says.firstPasskey}</p>
<p><label for="passkey-name">${t.passkeyName}</label>
<input id="passkey-name" maxlength="100" autocomplete="off" placeholder="${t.passkeyNameHint}"></p>
<p class="actions"><button class="button" type="submit">${t.addPasskey}</button></p>
</form></div>
<p class="actions"><button id="sign-out" class="button" type="button">${t.signOut}</button> <button id="link-sso" class="button" type="button" hidden>${withLabel(t.linkSso)}</button></p>
</section>
<p id="said" role="status"></p></div>`
}

const script = readFileSync(new URL('sign-in-script.js', import.meta.url), 'utf8')

const styles = makePageStyles({ script: `{${oneTimeFragment}${script}}` })
