/**
 * The lobby in an iframe of a merchant's site, with third-party cookies blocked: over https with a partitioned cookie, over http with the page's
 * token.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext } from 'playwright-core'
import { Sealer } from '../../src/core/base/sealer.ts'
import { MerchantAdmin } from '../../src/core/merchants/merchant-admin.ts'
import { atHome } from '../support/enter-lobby.ts'
import { browserAbsence, launchBrowser } from './browser.ts'
import { TwoSites } from './two-sites.ts'

let browser: Browser
before(async () => {
  if (browserAbsence === false) browser = await launchBrowser(['--test-third-party-cookie-phaseout'])
})
after(() => browser?.close())

/** Long timeouts: slowness of a loaded machine is not a failure. */
async function phoneContext(more: object = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ ...phone, ...more })
  context.setDefaultTimeout(10_000)
  return context
}

const phone = {
  ignoreHTTPSErrors: true,
  viewport: { width: 390, height: 844 },
  userAgent:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 Line/13.21.0/IAB',
}

for (const scheme of ['https', 'http'] as const) {
  test(`[check 99] framed over ${scheme}, a member plays, is told of a change and of the end`, { skip: browserAbsence }, async (t) => {
    const sites = await TwoSites.start(scheme)
    t.after(() => sites.close())
    const context = await phoneContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
    })
    const url = await sites.logIn()
    const ticket = new URL(url).searchParams.get('token') ?? ''
    const frame = await sites.framed(page, url)
    await frame.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
    assert.ok(!frame.url().includes(ticket), frame.url())
    const cookies = await context.cookies()
    const kept = cookies.filter(({ name }) => /lobby(-framed)?$/.test(name)).map(({ name, sameSite, secure }) => [name, sameSite, secure])
    assert.deepEqual(kept, scheme === 'https' ? [['__Host-lobby-framed', 'None', true]] : [])

    await sites.lock('LockBet')
    await frame.getByText('Betting is locked').waitFor()
    await sites.lock('Active')
    await frame.getByText('Betting is locked').waitFor({ state: 'detached' })

    const home = `${sites.merchantOrigin}/home`
    const again = await sites.framed(page, await sites.logIn({ callback: home }))
    await again.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
    await sites.end()
    await again.getByRole('heading', { name: 'You have been signed out' }).waitFor()
    await again.getByRole('link', { name: 'Return' }).click()
    await page.waitForURL(home)

    await sites.dress({ title: 'Acme Gaming' })
    // Loaded again, live and when nothing is left of the session, its cookie included.
    const last = await sites.framed(page, await sites.logIn({ callback: home, language: 'ja' }))
    await last.getByRole('heading', { name: 'uid001' }).waitFor()
    if (scheme === 'https') {
      await last.evaluate('location.reload()')
      await last.getByRole('heading', { name: 'uid001' }).waitFor()
      await context.clearCookies()
    }
    await last.evaluate('location.reload()')
    const title = scheme === 'https' ? 'このセッションは終了しています' : 'もう一度お入りください'
    await last.getByRole('heading', { name: title }).waitFor()
    await last.getByText('Acme Gaming').waitFor()
    await last.getByRole('link', { name: '戻る' }).click()
    await page.waitForURL(home)
    assert.deepEqual(faults, [])
  })
}

test('where no cookie sticks, a framing page that is loaded again still leads back', { skip: browserAbsence }, async (t) => {
  const sites = await TwoSites.start('http')
  t.after(() => sites.close())
  const context = await phoneContext()
  t.after(() => context.close())
  const page = await context.newPage()
  const home = `${sites.merchantOrigin}/home`
  const enter = async (url: string) => {
    const frame = await sites.framed(page, url)
    await frame.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
    await page.reload()
    const again = page.frameLocator('iframe')
    await again.getByRole('heading', { name: 'This session is over' }).waitFor()
    await again.getByText('Please go back to where you came from').waitFor()
    return again.getByRole('link', { name: 'Return' })
  }
  await (await enter(await sites.logIn({ callback: home }))).click()
  await page.waitForURL(home)
  // Anybody can write a URL: one that the merchant's list does not have leads nowhere.
  for (const callback of ['https://evil.example/', 'javascript:alert(1)', undefined]) {
    const url = new URL(await sites.logIn())
    if (callback !== undefined) url.searchParams.set('callback', callback)
    assert.equal(await (await enter(url.href)).count(), 0, callback ?? 'none')
  }
})

test("[check 99] another merchant's site frames nobody else's lobby, by whatever link, and spends no ticket", {
  skip: browserAbsence,
}, async (t) => {
  const sites = await TwoSites.start('https')
  t.after(() => sites.close())
  const { store, clock, settings } = sites.gateway
  const merchants = new MerchantAdmin({ store: store.merchants, sealer: new Sealer(settings.masterKey), clock, origin: { surface: 'cli' } })
  const site = { launch: 'ticket', frameAncestors: [sites.merchantOrigin] } as const
  await merchants.add('agent002', { currencies: ['USD'], allow: ['127.0.0.1'], ...site })
  await sites.gateway.updateMerchant({ settings: { frameAncestors: ['https://www.acme.example'] } })
  const context = await phoneContext()
  t.after(() => context.close())
  const page = await context.newPage()
  const url = await sites.logIn()
  const told = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()))
  await page.goto(`${sites.merchantOrigin}/?${new URLSearchParams({ frame: url })}`)
  await told
  // Under its own name the page is framed, and opens nothing.
  const renamed = new URL(url)
  renamed.searchParams.set('agent_id', 'agent002')
  const frame = await sites.framed(page, renamed.href)
  await frame.getByRole('heading', { name: 'This session is over' }).waitFor()
  // Nor does a frame of its own name show what the same browser has open in a tab.
  const tab = await context.newPage()
  await tab.goto(url)
  await tab.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
  const again = await sites.framed(page, renamed.href)
  await again.getByRole('heading', { name: 'This session is over' }).waitFor()
})

test('[check 99] nobody else frames it, and two taps of one link in tabs both reach the lobby', { skip: browserAbsence }, async (t) => {
  const sites = await TwoSites.start('http')
  t.after(() => sites.close())
  await sites.gateway.updateMerchant({ settings: { frameAncestors: ['https://another.example'] } })
  const context = await phoneContext()
  t.after(() => context.close())
  const page = await context.newPage()
  const told = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()))
  const url = await sites.logIn()
  await page.goto(`${sites.merchantOrigin}/?${new URLSearchParams({ frame: url })}`)
  await told
  // That did not spend the ticket; opening one link twice is one use.
  const tabs = [await context.newPage(), await context.newPage()]
  await Promise.all(tabs.map((tab) => tab.goto(url)))
  await Promise.all(
    tabs.map(async (tab) => {
      await tab.bringToFront()
      await tab.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
      assert.match(tab.url(), atHome)
    }),
  )
  const stranger = await phoneContext()
  t.after(() => stranger.close())
  const late = await stranger.newPage()
  await late.goto(url)
  await late.getByRole('heading', { name: 'This session is over' }).waitFor()
})

test('[check 91] without scripts a button opens the lobby', { skip: browserAbsence }, async (t) => {
  const sites = await TwoSites.start('http')
  t.after(() => sites.close())
  const context = await phoneContext({ javaScriptEnabled: false })
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(await sites.logIn())
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
  assert.match(page.url(), atHome)
})
