import { passwordLengthMax, passwordLengthMin, sellerBasePaths } from '@lobbykey/contract'
import type { FastifyInstance } from 'fastify'
import type { BrandDirectory } from '../../core/brands/brand-directory.ts'
import { makeBrandStyles } from './brand/brand-styles.ts'
import { oneTimeFragment } from './one-time-fragment.ts'
import { type Html, html, sendPage } from './page.ts'

/**
 * `GET /reset`: the page of a password reset link. The token is in the URL's fragment, which browsers do not send; the script removes it from the
 * address bar and the history, and sends it with the new password to the seller API.
 * Sellers belong to no merchant: it wears the brand for all.
 */
export async function resetPage(app: FastifyInstance, { brands }: { readonly brands: BrandDirectory }): Promise<void> {
  app.get('/reset', (_request, reply) => {
    const brand = brands.find(undefined)
    sendPage(reply, { title: 'New password', body: bodyOf(brand?.supportUrl ?? null), ...resetStyles(brand) })
  })
}

function bodyOf(supportUrl: string | null): Html {
  if (supportUrl === null) return body
  return html`${body}<p><a rel="noreferrer noopener" target="_blank" href="${supportUrl}">Get help</a></p>`
}

// The form stays hidden without the script, so that no browser submits a password by itself.
const body = html`<h1>New password</h1>
<noscript><p>This page needs JavaScript, to keep your link out of the address bar and of every log.</p></noscript>
<form id="form" hidden>
<p id="rule" class="soft">Use ${passwordLengthMin} to ${passwordLengthMax} characters of any kind: spaces, emoji and every script are welcome, and several
words together are easy to remember. Common, repeated and otherwise easily guessed passwords are refused, and so are ones made of your
e-mail address.</p>
<p><label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" autocapitalize="none" spellcheck="false" required aria-describedby="rule count"></p>
<p id="count" class="soft"></p>
<p><label class="choice"><input id="show" type="checkbox"> Show it</label></p>
<p><button id="send" class="button primary" type="submit">Set the password</button></p>
</form>
<p id="said" role="status"></p>`

const script = `
(() => {${oneTimeFragment}
const at = (id) => document.getElementById(id)
const say = (text) => { at('said').textContent = text }
const token = takeFragment()
if (token === '') return say('This address lacks its last part. Open the whole link again, as you were given it.')
const lengthOf = (text) => [...text.normalize('NFC')].length
const form = at('form'), password = at('password')
form.hidden = false
password.focus()
at('show').addEventListener('change', (event) => { password.type = event.target.checked ? 'text' : 'password' })
password.addEventListener('input', () => {
  const length = lengthOf(password.value)
  at('count').textContent = length + (length === 1 ? ' character' : ' characters')
  password.removeAttribute('aria-invalid')
})
const end = (text) => { form.remove(); say(text) }
const refuse = (text) => { password.setAttribute('aria-invalid', 'true'); password.focus(); say(text) }
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const length = lengthOf(password.value)
  if (length < ${passwordLengthMin}) return refuse('That has ' + length + ' characters; at least ${passwordLengthMin} are needed.')
  if (length > ${passwordLengthMax}) return refuse('That has ' + length + ' characters; at most ${passwordLengthMax} are possible.')
  at('send').disabled = true
  say('One moment …')
  try {
    const answer = await fetch('${sellerBasePaths[0]}/seller/auth/password/reset', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resetToken: token, newPassword: password.value }),
    })
    const { code, msg } = await answer.json()
    if (code === '0000') return end('Your password is set. Every earlier login has ended: log in with the new one.')
    if (code === '10013') return end('This link is no longer good: it was used, has expired, or there is a newer one. Ask the operator for another.')
    if (code === '10005') refuse(msg.replace(/^[^:]*: newPassword/, 'The password') + '.')
    else say('That did not work just now. Your link is still good: try again in a moment.')
  } catch {
    say('The server could not be reached. Try again in a moment.')
  }
  at('send').disabled = false
})
})()
`

const resetStyles = makeBrandStyles({ script })
