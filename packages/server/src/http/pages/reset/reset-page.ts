import { readFileSync } from 'node:fs'
import { passwordLengthMax, passwordLengthMin, sellerBasePaths } from '@lobbykey/contract'
import type { FastifyInstance } from 'fastify'
import type { BrandDirectory } from '../../../core/brands/brand-directory.ts'
import { makeBrandStyles } from '../brand/brand-styles.ts'
import { chooseLanguage, wantedLanguages } from '../languages.ts'
import { oneTimeFragment } from '../one-time-fragment.ts'
import { type Html, html, sendPage } from '../page.ts'
import { type ResetTexts, resetTexts } from './reset-texts.ts'

/**
 * `GET /reset`: the page of a password reset link, `/reset#TOKEN&EMAIL`. Browsers do not send a URL's fragment; the script removes it from the address
 * bar and the history, and sends the token with the new password to the seller API. The e-mail is for its reader and for password managers.
 * The script asks at once whether the link is still good.
 * Sellers belong to no merchant: it shows the brand for all.
 */
export async function resetPage(app: FastifyInstance, { brands }: { readonly brands: BrandDirectory }): Promise<void> {
  app.get('/reset', (request, reply) => {
    const brand = brands.find(undefined)
    const { language, locale, direction } = chooseLanguage(...wantedLanguages(request))
    const texts = resetTexts[language]
    const body = bodyOf(texts, brand?.supportUrl ?? null)
    sendPage(reply, { title: texts.title, body, language: locale, direction, ...resetStyles(brand) })
  })
}

const bounds = [passwordLengthMin, passwordLengthMax] as const

// The form stays hidden without the script, so that no browser submits a password by itself.
function bodyOf(texts: ResetTexts, supportUrl: string | null): Html {
  const { cut, wait, done, over, later, unreachable, length, weak } = texts
  const said = { cut, wait, done, over, later, unreachable, length, weak, short: texts.short(bounds[0]), long: texts.long(bounds[1]) }
  const help =
    supportUrl === null ? html`` : html`<p><a rel="noreferrer noopener" target="_blank" href="${supportUrl}">${texts.support}</a></p>`
  return html`<h1>${texts.title}</h1>
<noscript><p>${texts.needsScript}</p></noscript>
<form id="form" hidden data-texts="${JSON.stringify(said)}" data-min="${bounds[0]}" data-max="${bounds[1]}" data-path="${sellerBasePaths[0]}/seller/auth/password/reset">
<p id="account"><bdi id="whose"></bdi> <bdi id="site" class="soft"></bdi></p>
<p id="rule" class="soft">${texts.rule(...bounds)}</p>
<input id="email" name="email" type="email" autocomplete="username" readonly hidden>
<p><label for="password">${texts.title}</label>
<input id="password" name="password" type="password" dir="ltr" autocomplete="new-password" autocapitalize="none" spellcheck="false" required aria-describedby="wrong rule count"></p>
<p id="wrong" class="error" role="alert"></p>
<p id="count" class="soft"></p>
<p><label class="choice"><input id="show" type="checkbox"> ${texts.show}</label></p>
<p><button id="send" class="button primary" type="submit">${texts.send}</button></p>
</form>
<p id="said" role="status"></p>${help}`
}

const script = `(() => {${oneTimeFragment}\n${readFileSync(new URL('reset-script.js', import.meta.url), 'utf8')}})()`

const resetStyles = makeBrandStyles({
  style:
    '\nform p{margin:1rem 0}#count,#wrong{margin-top:-.5rem}#count:empty,#wrong:empty{display:none}#account{margin-top:0;overflow-wrap:anywhere}#whose:not(:empty){font-weight:600}#whose:not(:empty)+#site::before{content:"· "}',
  script,
})
