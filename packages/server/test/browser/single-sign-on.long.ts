import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { startTestGateway } from '../support/gateway.ts'
import { codeOf, invite, password } from '../support/operator-accounts.ts'
import { freePort } from '../support/server-process.ts'
import { TestProvider } from '../support/sso-provider.ts'
import { absence, accessibilityFaults, launchBrowser, looksFaulty } from './browser.ts'

/** The console on localhost and the provider on 127.0.0.1, which are two sites, so that SameSite has its effect. */
async function openBench() {
  const adminPort = await freePort()
  const adminUrl = `http://localhost:${adminPort}`
  const provider = await TestProvider.start(adminUrl)
  const gateway = await startTestGateway({ settings: { adminPort, adminUrl, ...provider.settings({ ssoConfirm: 'provider' }) } })
  gateway.clock.advance(Date.now() - gateway.clock.now())
  await gateway.hearChanges()
  await gateway.admin.listen({ host: 'localhost', port: adminPort })
  return { adminUrl, provider, gateway, browser: await launchBrowser() }
}

const bench = absence === false ? await openBench() : null
after(async () => {
  await bench?.browser.close()
  await bench?.gateway.close()
  await bench?.provider.close()
})

async function openPage(path: string, locale = 'en'): Promise<Page> {
  assert.ok(bench)
  const context = await bench.browser.newContext({ locale })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  await page.goto(bench.adminUrl + path)
  return page
}

async function signInAt(page: Page, subject: string): Promise<void> {
  await page.getByLabel('Who are you?').fill(subject)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('the whole round: from the console to the provider and back, a confirmation there, a check without a word, and the end', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  const { provider, gateway, adminUrl } = bench
  provider.people.set('ada', { email: 'ada@example.com', email_verified: true, name: 'Ada Example', groups: ['lobby-owners'] })
  const page = await openPage('/console/operators')
  await page.getByRole('button', { name: 'Sign in with Example Login' }).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'Sign in with Example Login' }).click()
  await signInAt(page, 'ada')
  await page.waitForURL(`${adminUrl}/console/operators`)
  await page.getByRole('cell', { name: 'by single sign-on' }).waitFor()
  const cookies = await page.context().cookies(adminUrl)
  assert.deepEqual(
    cookies.filter(({ name }) => name.startsWith('console')).map(({ name, sameSite, httpOnly }) => [name, sameSite, httpOnly]),
    [['console', 'Strict', true]],
    'the cookie of the way is gone, and the session is in the strict one',
  )
  const entries = (await page.evaluate('performance.getEntries().map(({ name }) => name).join()')) as string
  assert.doesNotMatch(entries, /[?&]code=/)

  // The provider confirms, once the person signs in there again.
  await page.goto(`${adminUrl}/sign-in`)
  await page.getByText('takes a fresh confirmation').waitFor()
  await page.getByRole('button', { name: 'Confirm with Example Login' }).click()
  await signInAt(page, 'ada')
  await page.getByText('You have confirmed').waitFor()
  assert.equal(page.url(), `${adminUrl}/sign-in`, 'neither code nor state stays in the address bar')
  assert.deepEqual(await accessibilityFaults(page), [])

  // Without a refresh token the browser fetches the provider's word by itself, and the page is there again.
  provider.givesRefreshTokens = false
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in with Example Login' }).click()
  await page.getByRole('heading', { name: 'Signed in' }).waitFor()
  const operator = await gateway.store.operators.findByEmail('ada@example.com')
  assert.ok(operator)
  await gateway.store.operatorSso.noteVouched(operator.id, { issuer: provider.issuer, subject: 'ada' }, gateway.clock.now(), null)
  provider.people.set('ada', { email: 'ada@example.com', email_verified: true, name: 'Ada Example', groups: ['lobby-support'] })
  gateway.clock.advance(15 * 60_000)
  await page.goto(`${adminUrl}/console/members`)
  await page.waitForURL(`${adminUrl}/console/members`)
  // On a phone, as the last check left it, the role is not shown.
  await page.getByText('support', { exact: true }).first().waitFor({ state: 'attached' })

  // Without the claim it is over.
  provider.people.set('ada', { email: 'ada@example.com', email_verified: true, name: 'Ada Example' })
  gateway.clock.advance(15 * 60_000)
  await page.goto(`${adminUrl}/console/members`)
  await page.getByText('The provider gives you no role on this server.').waitFor()
  assert.equal(page.url(), `${adminUrl}/sign-in`)
  await page.context().close()
  provider.givesRefreshTokens = true
})

test('refusals are told in words, in German and Chinese too; a local account is linked by its owner only', { skip: absence }, async () => {
  assert.ok(bench)
  const { provider, gateway, adminUrl } = bench
  const { email, link } = await invite(gateway, 'manager')
  const local = await openPage(`/sign-in#${link}`)
  await local.waitForFunction("document.getElementById('secret').textContent !== ''")
  assert.deepEqual(await looksFaulty(local), [], 'no button of the provider beside an invitation, which makes a local account')
  const secret = (await local.locator('#secret').textContent()) ?? ''
  await local.getByLabel('New password').fill(password)
  await local.getByLabel('Six digits that the app shows').fill(codeOf(gateway, secret))
  await local.getByRole('button', { name: 'Set it up' }).click()
  await local.getByRole('heading', { name: 'Signed in' }).waitFor()

  provider.people.set('bob', { email, email_verified: true, name: 'Bob', groups: ['lobby-support'] })
  for (const [locale, button, words] of [
    ['de-DE', 'Anmelden mit Example Login', 'Es gibt schon ein Konto mit Ihrer E-Mail'],
    ['zh-CN', '使用 Example Login 登录', '已有账户使用您的电子邮箱'],
    ['fr-FR', 'Sign in with Example Login', 'There is an account with your e-mail'],
  ] as const) {
    const page = await openPage('/sign-in', locale)
    await page.getByRole('button', { name: button }).click()
    await signInAt(page, 'bob')
    await page.getByText(words).waitFor()
    assert.deepEqual(await looksFaulty(page), [])
    await page.context().close()
  }

  await local.getByRole('button', { name: 'Sign in with Example Login from now on' }).click()
  await signInAt(local, 'bob')
  await local.getByText('From now on you sign in with Example Login').waitFor()
  assert.match((await local.locator('#who').textContent()) ?? '', /support$/)
  assert.equal(local.url(), `${adminUrl}/sign-in`)
  const operator = await gateway.store.operators.findByEmail(email)
  assert.deepEqual([operator?.sso?.subject, operator?.role], ['bob', 'support'])
  await local.context().close()
})

test('[check 61] a page of another site cannot sign a browser in as somebody else', { skip: absence }, async () => {
  assert.ok(bench)
  const { adminUrl, provider } = bench
  provider.people.set('mallory', { email: 'mallory@example.com', email_verified: true, name: 'Mallory', groups: ['lobby-owners'] })
  const attacker = await openPage('/sign-in')
  // The attacker's own answer, stopped before it is used.
  const stopped = attacker.waitForRequest((request) => request.url().startsWith(`${adminUrl}/sign-in/sso?`))
  await attacker.route('**/sign-in/sso?*', (route) => route.abort())
  await attacker.getByRole('button', { name: 'Sign in with Example Login' }).click()
  await signInAt(attacker, 'mallory')
  const url = (await stopped).url()
  const victim = await openPage('/sign-in')
  await victim.goto(url)
  await victim.getByText('began in another browser or tab').waitFor()
  assert.deepEqual(
    (await victim.context().cookies(adminUrl)).map(({ name }) => name).filter((name) => name === 'console'),
    [],
  )
  await victim.context().close()
  await attacker.context().close()
})
