import { adminBasePath, consoleHeader, signInCalls } from '@lobbykey/contract/admin'
import type { FastifyInstance } from 'fastify'
import { html, makePageStyles, sendPage } from './page.ts'

/**
 * `GET /sign-in`: signs an operator in, or takes an invitation. What a link carries is in the URL's fragment, which a browser sends to nobody; the script
 * takes it out of the address bar and the history.
 */
export async function signInPage(app: FastifyInstance): Promise<void> {
  app.get('/sign-in', (_request, reply) => sendPage(reply, { title: 'Sign in', body, styles }))
}

// Without its script the forms stay hidden, so that no browser sends a password in a way of its own.
const body = html`<h1 id="title">Sign in</h1>
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
<div id="codes" hidden><h2>Recovery codes</h2>
<p>Each works once, in place of a code of the app. They are shown only now: print them or keep them where your password is not.</p>
<pre id="code-list"></pre></div>
<p class="actions"><button id="add-passkey" class="button" type="button" hidden>Add a passkey</button> <button id="sign-out" class="button" type="button">Sign out</button></p>
</section>
<p id="said" role="status"></p>`

const paths = Object.fromEntries(Object.entries(signInCalls).map(([name, { path }]) => [name, adminBasePath + path]))

const script = `
(() => {
const paths = ${JSON.stringify(paths)}
const at = (id) => document.getElementById(id)
const say = (text) => { at('said').textContent = text }
const show = (id) => { for (const one of ['password-form', 'invitation-form', 'account']) at(one).hidden = one !== id }
const link = decodeURIComponent(location.hash.slice(1))
history.replaceState(null, '', location.pathname)
const ask = async (path, init) => {
  const answer = await fetch(path, { ...init, headers: { 'content-type': 'application/json', '${consoleHeader}': '1' } })
  const json = await answer.json()
  if (!answer.ok) throw json
  return json
}
const post = (call, body) => ask(paths[call], { method: 'POST', body: JSON.stringify(body) })
const hasPasskeys = typeof PublicKeyCredential === 'function' && PublicKeyCredential.parseCreationOptionsFromJSON !== undefined
const makePasskey = async (options) =>
  (await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON()
const showPasskey = async (options) =>
  (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON()
const attempt = async (button, work) => {
  if (button) button.disabled = true
  say('One moment …')
  try {
    await work()
    say('')
  } catch (problem) {
    if (problem.name === 'NotAllowedError') say('No passkey was used. Try again, or sign in another way.')
    else say(problem.detail === undefined ? 'The server could not be reached. Try again in a moment.' : (problem.title ?? '') + ' ' + problem.detail)
  }
  if (button) button.disabled = false
}
const onSubmit = (form, work) => at(form).addEventListener('submit', (event) => {
  event.preventDefault()
  attempt(event.submitter, work)
})
const showAccount = ({ name, email, role, recoveryCodes }) => {
  at('title').textContent = 'Signed in'
  at('who').textContent = name + ' (' + email + '), ' + role
  at('codes').hidden = !recoveryCodes?.length
  at('add-passkey').hidden = !hasPasskeys
  at('code-list').textContent = (recoveryCodes ?? []).join('\\n')
  show('account')
}
onSubmit('password-form', async () =>
  showAccount(await post('password', { email: at('email').value, password: at('password').value, code: at('code').value })))
onSubmit('invitation-form', async () =>
  showAccount(await post('acceptWithPassword', { link, password: at('new-password').value, code: at('new-code').value })))
let invited = null
at('make-passkey').addEventListener('click', (event) => attempt(event.currentTarget, async () =>
  showAccount(await post('acceptWithPasskey', { link, response: await makePasskey(invited.passkey) }))))
at('use-passkey').addEventListener('click', (event) => attempt(event.currentTarget, async () => {
  const { options } = await post('passkeyOptions', {})
  showAccount(await post('passkey', { response: await showPasskey(options) }))
}))
at('add-passkey').addEventListener('click', (event) => attempt(event.currentTarget, async () => {
  const { options } = await post('newPasskeyOptions', {})
  await post('addPasskey', { response: await makePasskey(options), name: 'another passkey' })
  at('who').textContent += ' – passkey added'
}))
at('sign-out').addEventListener('click', (event) => attempt(event.currentTarget, async () => {
  await post('signOut', {})
  location.reload()
}))
const open = async () => {
  if (link.startsWith('sandbox.')) return showAccount(await post('sandbox', { link: link.slice(8) }))
  if (link !== '') {
    invited = await post('invitation', { link })
    const { email, name, role, isReset, totp, passkey } = invited
    at('passkey-offer').hidden = passkey === null || !hasPasskeys
    at('title').textContent = isReset ? 'Set up your sign-in anew' : 'Welcome'
    at('invited').textContent = name + ' (' + email + '), ' + role
    at('secret').textContent = totp.secret
    at('uri').href = totp.uri
    return show('invitation-form')
  }
  at('use-passkey').hidden = !hasPasskeys
  show('password-form')
  await ask('${adminBasePath}/account').then(showAccount, (problem) => { if (problem.status !== 401) throw problem })
}
attempt(null, open)
})()
`

const styles = makePageStyles({ script })
