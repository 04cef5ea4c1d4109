import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { resetTexts } from '../../src/http/pages/reset/reset-texts.ts'
import { login, sellerAdmin } from '../support/seller-calls.ts'
import { absence, accessibilityFaults, BrowserBench } from './browser.ts'

const bench = absence === false ? await BrowserBench.start() : null
after(() => bench?.close())

const email = 'seller@example.com'
const next = 'seven herons over the marsh'

async function openLink(at: BrowserBench) {
  const { token } = await (await sellerAdmin(at.gateway)).issueResetToken(email)
  return at.open(`/reset#${token}&${encodeURIComponent(email)}`)
}

test('[check 3] [check 9] the owner sets a password by pasting it, and the token leaves the address bar', { skip: absence }, async () => {
  assert.ok(bench)
  const page = await openLink(bench)
  const field = page.getByLabel('New password')
  assert.deepEqual([await field.getAttribute('type'), await field.getAttribute('autocomplete')], ['password', 'new-password'])
  assert.equal(page.url(), `${bench.origin}/reset`)
  const username = page.locator('[autocomplete=username]')
  assert.deepEqual([await username.inputValue(), await username.isVisible()], [email, false])
  await page.getByText(email).waitFor()
  await page.getByText(new URL(bench.origin).host).waitFor()
  await page.getByText('Use 15 to 256 characters').waitFor()
  await field.fill('too short')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByRole('alert').getByText('That has 9 characters; at least 15 are needed.').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.equal(await field.getAttribute('aria-invalid'), 'true')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: bench.origin })
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(next)})`)
  await field.fill('')
  await field.press('Control+V')
  assert.equal(await field.inputValue(), next)
  await page.getByText(`Characters: ${next.length}`).waitFor()
  await page.getByLabel('Show it').check()
  assert.equal(await field.getAttribute('type'), 'text')
  assert.deepEqual(await accessibilityFaults(page), [])
  await field.press('Enter')
  await page.getByText('Your password is set.').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.equal((await login(bench.gateway, { email, password: next })).status, 200)
  assert.deepEqual(bench.complaints, [])
})

test('a link pasted into a tab with the page open is accepted; an invalid one is refused like an unknown one', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  const page = await bench.open('/reset')
  await page.getByText('This address lacks its last part.').waitFor()
  await page.goto(`${bench.origin}/reset#%zz`)
  await page.getByText('This link is no longer good').waitFor()
  const { token } = await (await sellerAdmin(bench.gateway)).issueResetToken(email)
  await page.goto(`${bench.origin}/reset#${token}`)
  await page.getByLabel('New password').fill('eight herons over the marsh')
  assert.equal(page.url(), `${bench.origin}/reset`)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('Your password is set.').waitFor()
  assert.deepEqual(bench.complaints, [])
})

test('a link that is no longer good says so at once; an address without its token and an unavailable server or store are explained', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  const unknown = await bench.open('/reset#unknown')
  await unknown.getByText('This link is no longer good').waitFor()
  assert.equal(await unknown.getByLabel('New password').count(), 0)
  const page = await openLink(bench)
  await page.getByLabel('New password').fill(next)
  await page.route('**/password/reset', (route) => route.abort())
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('The server could not be reached.').waitFor()
  await page.unroute('**/password/reset')
  const unavailable = { code: '10004', msg: 'Service unavailable, retry', time: '', data: null }
  await page.route('**/password/reset', (route) => route.fulfill({ status: 503, json: unavailable }))
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('Your link is still good: try again in a moment.').waitFor()
  await page.unroute('**/password/reset')
  await (await sellerAdmin(bench.gateway)).issueResetToken(email)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('This link is no longer good').waitFor()
  assert.equal(await page.getByLabel('New password').count(), 0)
  const bare = await bench.open('/reset')
  await bare.getByText('This address lacks its last part.').waitFor()
  assert.deepEqual(await accessibilityFaults(bare), [])
})

test('it speaks the ten languages of the lobby, chosen by the browser, and gives in each its own reason for a refusal', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  for (const [language, texts] of Object.entries(resetTexts)) {
    const { token } = await (await sellerAdmin(bench.gateway)).issueResetToken(email)
    const page = await bench.open(`/reset?language=${language}#${token}`)
    assert.deepEqual(
      [await page.title(), await page.locator('html').getAttribute('lang'), await page.locator('html').getAttribute('dir')],
      [texts.title, language, language === 'ar' ? 'rtl' : null],
    )
    await page.getByLabel(texts.title).fill('password password password')
    await page.getByText(texts.length.replace('#', '26')).waitFor()
    await page.getByRole('button', { name: texts.send }).click()
    await page.getByText(language === 'en' ? /The password must not be a common password/ : texts.weak).waitFor()
    if (language === 'ar') assert.deepEqual(await accessibilityFaults(page), [])
    await page.context().close()
  }
  const complaints = bench.complaints.filter((text) => text.startsWith('/reset?language'))
  assert.deepEqual(complaints, [])
})
