/**
 * The lobby in an iframe of a merchant's site, with third-party cookies blocked: over https with a partitioned cookie, over http with the page's
 * token.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { memberLock, memberLogout } from '@lobbykey/contract'
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { freePort } from '../support/server-process.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'
import { browserAbsence, launchBrowser } from './browser.ts'

/** A gateway at one site, and pages of a merchant's at another, which frame what they are told to. */
class TwoSites {
  readonly gateway: TestGateway
  readonly merchantOrigin: string
  readonly #closing: (() => void)[]

  private constructor(gateway: TestGateway, merchantOrigin: string, closing: (() => void)[]) {
    this.gateway = gateway
    this.merchantOrigin = merchantOrigin
    this.#closing = closing
  }

  static async start(scheme: 'http' | 'https'): Promise<TwoSites> {
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-frame-'))
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'cert')]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', ...files], {
      stdio: 'ignore',
    })
    const tls = { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) }
    rmSync(folder, { recursive: true })

    const port = await freePort()
    const gateway = await startTestGateway({ settings: { publicUrl: `${scheme}://127.0.0.1:${port}` } })
    gateway.clock.advance(Date.now() - gateway.clock.now())
    await gateway.hearChanges()
    const closing: (() => void)[] = []
    if (scheme === 'http') await gateway.app.listen({ host: '127.0.0.1', port })
    else {
      const inner = new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 }))
      const front = createTlsServer(tls, (socket) => {
        const back = connect(Number(inner.port), '127.0.0.1')
        for (const one of [socket, back]) one.on('error', () => {})
        socket.pipe(back).pipe(socket)
      })
      await new Promise<void>((resolve) => front.listen(port, '127.0.0.1', resolve))
      closing.push(() => front.close())
    }

    const show: RequestListener = (request, response) => {
      const target = new URL(request.url ?? '/', 'http://x').searchParams.get('frame') ?? ''
      const src = target.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><iframe src="${src}" width="390" height="800"></iframe>`)
    }
    const merchant: Server = scheme === 'http' ? createHttpServer(show) : createHttpsServer(tls, show)
    await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve))
    closing.push(() => merchant.close())
    const merchantOrigin = `${scheme}://localhost:${(merchant.address() as AddressInfo).port}`
    await gateway.updateMerchant({ settings: { launch: 'ticket', frameAncestors: [merchantOrigin] } })
    return new TwoSites(gateway, merchantOrigin, closing)
  }

  async logIn(changes: Body = {}): Promise<string> {
    this.gateway.clock.advance(1)
    const { json } = await this.gateway.post('/api/member/login', signed(loginBody(this.gateway.clock.now(), changes)))
    return (json as { data: { url: string } }).data.url
  }

  /** The frame within a page of the merchant's. */
  async framed(page: Page, url: string, origin = this.merchantOrigin): Promise<Frame> {
    await page.goto(`${origin}/?${new URLSearchParams({ frame: url })}`, { waitUntil: 'commit' })
    await page.locator('iframe').waitFor()
    const frame = page.frames()[1] ?? assert.fail()
    return frame
  }

  async end(): Promise<void> {
    this.gateway.clock.advance(1)
    const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: this.gateway.clock.now() }
    await this.gateway.post(memberLogout.path, signed(body, { call: memberLogout }))
    await this.gateway.hearChanges()
  }

  async lock(status: string): Promise<void> {
    this.gateway.clock.advance(1)
    const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: this.gateway.clock.now(), status }
    await this.gateway.post(memberLock.path, signed(body, { call: memberLock }))
    await this.gateway.hearChanges()
  }

  async close(): Promise<void> {
    for (const close of this.#closing) close()
    await this.gateway.close()
  }
}

let browser: Browser
before(async () => {
  if (browserAbsence === false) browser = await launchBrowser(['--test-third-party-cookie-phaseout'])
})
after(() => browser?.close())

/** Long timeouts: slowness of a loaded machine is not a failure. */
async function phoneContext(more: object = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ ...phone, ...more })
  context.setDefaultTimeout(120_000)
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

    await frame.evaluate('location.reload()')
    const afterReload = scheme === 'https' ? 'Welcome, uid001' : 'This session is over'
    await frame.getByRole('heading', { name: afterReload }).waitFor()

    const again = await sites.framed(page, await sites.logIn())
    await again.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
    await sites.end()
    await again.getByRole('heading', { name: 'You have been signed out' }).waitFor()
    assert.deepEqual(faults, [])
  })
}

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
      assert.equal(new URL(tab.url()).search, '')
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
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, '/lobby')
})
