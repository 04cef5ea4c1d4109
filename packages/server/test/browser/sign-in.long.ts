import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { CDPSession, Page } from 'playwright-core'
import { SandboxLink } from '../../src/core/operators/sandbox-link.ts'
import { startTestGateway } from '../support/gateway.ts'
import { codeOf, invite, password } from '../support/operator-accounts.ts'
import { freePort } from '../support/server-process.ts'
import { accessibilityFaults, browserAbsence, launchBrowser } from './browser.ts'

/** A real Chromium with a software authenticator, and a real admin listener. */
async function openBench() {
  const adminPort = await freePort()
  const adminUrl = `http://localhost:${adminPort}`
  const sandboxLink = new SandboxLink()
  const gateway = await startTestGateway({ settings: { adminPort, adminUrl }, sandboxLink })
  gateway.clock.advance(Date.now() - gateway.clock.now())
  await gateway.hearChanges()
  await gateway.admin.listen({ host: 'localhost', port: adminPort })
  return { adminUrl, gateway, sandboxLink, browser: await launchBrowser() }
}

const bench = browserAbsence === false ? await openBench() : null
after(async () => {
  await bench?.browser.close()
  await bench?.gateway.close()
})

async function openPage(fragment = ''): Promise<{ page: Page; cdp: CDPSession; authenticatorId: string }> {
  assert.ok(bench)
  const context = await bench.browser.newContext()
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto(`${bench.adminUrl}/sign-in${fragment === '' ? '' : `#${fragment}`}`)
  return { page, cdp, authenticatorId }
}

test('an invited colleague makes a passkey, signs out and signs in with it; one whose counter went back is refused', {
  skip: browserAbsence,
}, async () => {
  assert.ok(bench)
  const { email, link } = await invite(bench.gateway, 'support')
  const { page, cdp, authenticatorId } = await openPage(link)
  await page.getByRole('heading', { name: 'Welcome' }).waitFor()
  assert.equal(page.url(), `${bench.adminUrl}/sign-in`, 'the link leaves the address bar')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByRole('heading', { name: 'Signed in' }).waitFor()
  await page.locator('#who').getByText(email).waitFor()
  assert.equal(await page.evaluate('document.cookie'), '', 'no script reads the session')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByRole('heading', { name: 'Signed in' }).waitFor()
  const operator = await bench.gateway.store.operators.findByEmail(email)
  assert.ok(operator)
  const [passkey] = await bench.gateway.store.operatorAccounts.listPasskeys(operator.id)
  assert.ok(passkey !== undefined && passkey.signCount > 0)

  await page.getByRole('button', { name: 'Sign out' }).click()
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId })
  const [credential] = credentials
  assert.ok(credential)
  await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: credential.credentialId })
  await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount: 0 } })
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByText('Unknown e-mail, wrong password').waitFor()
  const [event] = await bench.gateway.store.events.list({ kind: 'operator.passkey_refused', limit: 1 })
  assert.deepEqual([event?.subject, event?.details?.passkeyId], [operator.id, passkey.id])
  await page.context().close()
})

test('an invited colleague sets up a password and an app, saves the recovery codes, and adds a passkey', {
  skip: browserAbsence,
}, async () => {
  assert.ok(bench)
  const { email, link } = await invite(bench.gateway, 'owner')
  const { page } = await openPage(link)
  const secret = (await page.locator('#secret').textContent({ timeout: 60_000 })) ?? ''
  await page.waitForFunction("document.getElementById('secret').textContent !== ''")
  const shown = (await page.locator('#secret').textContent()) ?? secret
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('Six digits that the app shows').fill(codeOf(bench.gateway, shown))
  await page.getByRole('button', { name: 'Set it up' }).click()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  const codes = ((await page.locator('#code-list').textContent()) ?? '').split('\n')
  assert.equal(codes.length, 10)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText(/^The passkey is added: (Passkey of a device|Synced passkey), \d{4}-\d{2}-\d{2}\.$/).waitFor()
  await page
    .locator('#passkey-list li')
    .getByText(/Passkey of a device|Synced passkey/)
    .waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByLabel('Code of your app').fill(codes[0] ?? '')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Signed in' }).waitFor()
  await page.context().close()
})

test('a link pasted into a tab with the page open is accepted, and an invalid one is explained', { skip: browserAbsence }, async () => {
  assert.ok(bench)
  const { page } = await openPage('%zz')
  await page.getByText('The link is expired, unknown').waitFor()
  assert.equal(page.url(), `${bench.adminUrl}/sign-in`)
  const { email, link } = await invite(bench.gateway, 'support')
  await page.goto(`${bench.adminUrl}/sign-in#${link}`)
  await page.locator('#invited').getByText(email).waitFor()
  assert.equal(page.url(), `${bench.adminUrl}/sign-in`, 'the link leaves the address bar')
  await page.context().close()
})

test('after five minutes one confirms again: in the sandbox with a click, otherwise with a passkey or a code', {
  skip: browserAbsence,
}, async () => {
  assert.ok(bench)
  const { gateway } = bench
  const isConfirmed = async (page: Page) =>
    (await page.evaluate(`fetch('/admin/api/v1/account', { headers: { 'x-lobbykey-console': '1' } }).then((answer) => answer.json())`)) as {
      confirmedUntil: string | null
    }
  const lapse = async (page: Page) => {
    gateway.clock.advance(301_000)
    await page.reload()
    await page.getByText('takes a fresh confirmation').waitFor()
    assert.equal((await isConfirmed(page)).confirmedUntil, null)
    assert.deepEqual(await accessibilityFaults(page), [])
  }

  const sandbox = await openPage(new URL(bench.sandboxLink.url(bench.adminUrl)).hash.slice(1))
  await sandbox.page.getByText('You have confirmed').waitFor()
  await lapse(sandbox.page)
  await sandbox.page.getByRole('button', { name: 'Confirm', exact: true }).click()
  await sandbox.page.getByText('You have confirmed').waitFor()
  assert.notEqual((await isConfirmed(sandbox.page)).confirmedUntil, null)
  await sandbox.page.context().close()

  const { link } = await invite(gateway, 'owner')
  const { page } = await openPage(link)
  await page.waitForFunction("document.getElementById('secret').textContent !== ''")
  const secret = (await page.locator('#secret').textContent()) ?? ''
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('Six digits that the app shows').fill(codeOf(gateway, secret))
  await page.getByRole('button', { name: 'Set it up' }).click()
  await page.getByLabel('Name of a new passkey').fill('the red key')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.locator('#passkey-list li').getByText('the red key').waitFor()
  await lapse(page)
  await page.getByLabel('What the app shows, to confirm').fill(codeOf(gateway, secret))
  await page.getByRole('button', { name: 'Confirm', exact: true }).click()
  await page.getByText('You have confirmed').waitFor()
  await lapse(page)
  await page.getByRole('button', { name: 'Confirm with a passkey' }).click()
  await page.getByText('You have confirmed').waitFor()
  await page.context().close()
})

test("[check 61] another origin's page changes nothing, whatever it sends", { skip: browserAbsence }, async () => {
  assert.ok(bench)
  const { page } = await openPage((await invite(bench.gateway, 'support')).link)
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByRole('heading', { name: 'Signed in' }).waitFor()
  const port = await freePort()
  await bench.gateway.app.listen({ host: 'localhost', port })
  // The partners' port: same site, another origin, and the browser sends the cookie.
  await page.goto(`http://localhost:${port}/reset`)
  const outcome = await page.evaluate(`(async () => {
    const url = '${bench.adminUrl}/admin/api/v1/console-sessions/end-others'
    const tell = (promise) => promise.then(({ status }) => status, () => 'failed')
    const body = '{}'
    return [
      await tell(fetch(url, { method: 'POST', body, credentials: 'include', headers: { 'content-type': 'application/json', 'x-lobbykey-console': '1' } })),
      await tell(fetch(url, { method: 'POST', body, credentials: 'include', mode: 'no-cors' })),
    ]
  })()`)
  assert.deepEqual((outcome as unknown[])[0], 'failed')
  const ended = await bench.gateway.store.events.list({ kind: 'console-session.ended', limit: 10 })
  assert.ok(
    ended.every(({ details }) => details?.count === undefined),
    'nothing was ended from there',
  )
  await page.context().close()
})
