import { readFileSync } from 'node:fs'
import { adminBasePath, consoleHeader, signInCalls } from '@lobbykey/contract/admin'
import type { FastifyInstance } from 'fastify'
import { oneTimeFragment } from '../one-time-fragment.ts'
import { html, makePageStyles, sendPage } from '../page.ts'

/**
 * `GET /sign-in`: signs an operator in, accepts an invitation, and confirms. A link's secret is in the URL's fragment, which browsers do not send;
 * the script removes it from the address bar and the history. `?to=` names the console page to continue to.
 */
export async function signInPage(app: FastifyInstance): Promise<void> {
  app.get('/sign-in', (_request, reply) => sendPage(reply, { title: 'Sign in', body, styles }))
}

const paths = Object.fromEntries(Object.entries(signInCalls).map(([name, { path }]) => [name, adminBasePath + path]))

// The forms stay hidden without the script, so that no browser submits a password by itself.
const body = html`<div id="page" data-paths="${JSON.stringify(paths)}" data-base="${adminBasePath}" data-header="${consoleHeader}">
<h1 id="title">Sign in</h1>
<noscript><p>This page needs JavaScript, to keep your link out of the address bar and of every log.</p></noscript>
<form id="password-form" hidden>
<p><label for="email">E-mail</label>
<input id="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false" required></p>
<p><label for="password">Password</label>
<input id="password" type="password" autocomplete="current-password" required></p>
<p><label for="code">Code of your app, or a recovery code</label>
<input id="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required></p>
<p class="actions"><button class="button" type="submit">Sign in</button> <button id="use-passkey" class="button" type="button" hidden>Use a passkey</button></p>
</form>
<form id="invitation-form" hidden>
<p id="invited"></p>
<div id="passkey-offer" hidden><h2>With a passkey</h2>
<p>Your device or security key makes it, and asks for your finger, face or PIN.</p>
<p class="actions"><button id="make-passkey" class="button" type="button">Make a passkey</button></p></div>
<h2>With a password and an app</h2>
<p><label for="new-password">New password (15 to 256 characters)</label>
<input id="new-password" type="password" autocomplete="new-password" required></p>
<p>Add this secret to an authenticator app: <code id="secret"></code> <a id="uri">Open the app</a></p>
<p><label for="new-code">Six digits that the app shows</label>
<input id="new-code" autocomplete="one-time-code" inputmode="numeric" required></p>
<p class="actions"><button class="button" type="submit">Set it up</button></p>
</form>
<section id="account" hidden>
<p id="who"></p>
<p class="actions"><a id="open-console" class="button" href="/console">Open the console</a></p>
<div id="codes" hidden><h2>Recovery codes</h2>
<p>Each works once, in place of a code of the app. They are shown only now: print them or keep them where your password is not.</p>
<pre id="code-list"></pre></div>
<h2>Confirmation</h2>
<p id="confirmed"></p>
<form id="confirm-form">
<p id="confirm-code-field"><label for="confirm-code">What the app shows, to confirm</label>
<input id="confirm-code" autocomplete="one-time-code" inputmode="numeric"></p>
<p class="actions"><button id="confirm" class="button" type="submit">Confirm</button> <button id="confirm-passkey" class="button" type="button">Confirm with a passkey</button></p>
</form>
<div id="passkeys" hidden><h2>Passkeys</h2>
<ul id="passkey-list"></ul>
<form id="passkey-form">
<p><label for="passkey-name">Name of a new passkey, if you like</label>
<input id="passkey-name" maxlength="100" autocomplete="off" placeholder="Its kind and today’s date"></p>
<p class="actions"><button class="button" type="submit">Add a passkey</button></p>
</form></div>
<p><button id="sign-out" class="button" type="button">Sign out</button></p>
</section>
<p id="said" role="status"></p></div>`

const script = readFileSync(new URL('sign-in-script.js', import.meta.url), 'utf8')

const styles = makePageStyles({ script: `{${oneTimeFragment}${script}}` })
