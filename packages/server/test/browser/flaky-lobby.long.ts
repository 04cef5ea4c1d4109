/** The lobby on phones as they are: slow networks, answers that are lost, browsers inside apps; and what strangers try meanwhile. */
import assert from 'node:assert/strict'
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, type TestContext, test } from 'node:test'
import { memberCreate, memberLogout } from '@lobbykey/contract'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { atHome } from '../support/enter-lobby.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { freePort } from '../support/server-process.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'
import { until } from '../support/until.ts'
import { browserAbsence, launchBrowser } from './browser.ts'
import { TwoSites } from './two-sites.ts'

/** A way to the gateway that loses or delays answers when it is told to. */
class LossyWay {
  readonly gateway: TestGateway
  readonly #server
  #losing: 'request' | 'answer' | null = null
  #delay: { readonly began: () => void; readonly end: Promise<void> } | null = null
  lost = 0
  /** Requests of browsers that look ahead. */
  prefetched = 0

  private constructor(gateway: TestGateway, inner: string) {
    this.gateway = gateway
    this.#server = createServer((request, response) => this.#pass(request, response, inner))
  }

  static async start(): Promise<LossyWay> {
    const port = await freePort()
    const gateway = await startTestGateway({ settings: { publicUrl: `http://127.0.0.1:${port}` } })
    gateway.clock.advance(Date.now() - gateway.clock.now())
    await gateway.updateMerchant({ settings: { launch: 'ticket' } })
    const way = new LossyWay(gateway, await gateway.app.listen({ host: '127.0.0.1', port: 0 }))
    await new Promise<void>((resolve) => way.#server.listen(port, '127.0.0.1', resolve))
    return way
  }

  /**
   * Of POSTs from now on the request never arrives, or is answered and the answer is lost; null: neither. Not of one alone: on a connection that was used
   * before, a browser asks once more by itself.
   */
  lose(part: 'request' | 'answer' | null): void {
    this.#losing = part
  }

  /** The next answer that shows a lobby is given, but arrives only when `arrive` is called. */
  delay(): { readonly given: Promise<void>; readonly arrive: () => void } {
    const [given, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    this.#delay = { began: given.resolve, end: end.promise }
    return { given: given.promise, arrive: end.resolve }
  }

  async logIn(changes: Body = {}): Promise<string> {
    this.gateway.clock.advance(1)
    const { json } = await this.gateway.post('/api/member/login', signed(loginBody(this.gateway.clock.now(), changes)))
    return (json as { data: { url: string } }).data.url
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await this.gateway.close()
  }

  #pass(request: IncomingMessage, response: ServerResponse, inner: string): void {
    const losing = request.method === 'POST' && request.url === '/lobby' ? this.#losing : null
    if (losing !== null) {
      this.lost++
      if (losing === 'request') return void request.socket.destroy()
    }
    if (request.headers['sec-purpose']?.includes('prefetch')) this.prefetched++
    const { port } = new URL(inner)
    const sent = forward(
      { host: '127.0.0.1', port, path: request.url, method: request.method, headers: request.headers },
      async (answer) => {
        const delay = request.method === 'GET' && request.url?.startsWith('/lobby?language=') ? this.#delay : null
        if (delay !== null) {
          this.#delay = null
          delay.began()
          await delay.end
        }
        if (losing === 'answer') return void answer.resume().once('end', () => request.socket.destroy())
        response.writeHead(answer.statusCode ?? 500, answer.rawHeaders)
        answer.pipe(response)
      },
    )
    sent.on('error', () => response.destroy())
    response.on('close', () => sent.destroy())
    request.pipe(sent)
  }
}

let browser: Browser
before(async () => {
  if (browserAbsence === false) browser = await launchBrowser(['--test-third-party-cookie-phaseout'])
})
after(() => browser?.close())

const inAppAgents = {
  LINE: 'Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 Line/14.9.0/IAB',
  WeChat:
    'Mozilla/5.0 (Linux; Android 13; V2203A Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600 WeChat/arm64 NetType/4G Language/zh_CN ABI/arm64',
  Zalo: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Zalo iOS/588 ZaloTheme/light ZaloLanguage/vn',
  KakaoTalk:
    'Mozilla/5.0 (Linux; Android 14; SM-A536N Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36;KAKAOTALK 2410800',
  Facebook:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F90 [FBAN/FBIOS;FBAV/468.0.0.37.71;FBBV/604000000;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/3;FBCR/;FBID/phone;FBLC/en_US;FBOP/80]',
  Telegram:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 Telegram-Android/10.14.2',
  WhatsApp:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 WhatsApp/2.24.13',
}

/** Patient: a loaded machine proves nothing by being slow. */
async function phone(t: TestContext, more: object = {}): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, userAgent: inAppAgents.LINE, ...more })
  context.setDefaultTimeout(120_000)
  t.after(() => context.close())
  return { context, page: await context.newPage() }
}

const welcome = (page: Page) => page.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
const over = (page: Page) => page.getByRole('heading', { name: 'This session is over' }).waitFor()

test('[check 25] a player whose redemption is lost, on its way or on its way back, reloads or taps again and lands', {
  skip: browserAbsence,
}, async (t) => {
  const way = await LossyWay.start()
  t.after(() => way.close())
  for (const part of ['request', 'answer'] as const) {
    for (const remedy of ['reload', 'tap'] as const) {
      const { context, page } = await phone(t)
      const url = await way.logIn()
      way.lose(part)
      const failed = page.waitForEvent('requestfailed', (request) => request.method() === 'POST')
      await page.goto(url, { waitUntil: 'commit' })
      await failed
      way.lose(null)
      await page.waitForFunction('document.querySelector("form") === null')
      if (remedy === 'reload') await page.reload()
      else await page.goto(url)
      await welcome(page)
      assert.match(page.url(), atHome, `${part}, ${remedy}`)
      await page.reload()
      await welcome(page)
      const { page: stranger } = await phone(t)
      await stranger.goto(url)
      await over(stranger)
      await context.close()
    }
  }
  assert.ok(way.lost >= 4)
})

test('on a slow network a player lands, and is told of the end', { skip: browserAbsence }, async (t) => {
  const way = await LossyWay.start()
  t.after(() => way.close())
  const { context, page } = await phone(t)
  const network = await context.newCDPSession(page)
  await network.send('Network.enable')
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 1_500,
    downloadThroughput: 6_000,
    uploadThroughput: 3_000,
  })
  const following = page.waitForResponse((response) => response.url().includes('/lobby/events'))
  await page.goto(await way.logIn())
  await welcome(page)
  await following
  way.gateway.clock.advance(1)
  const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: way.gateway.clock.now() }
  await way.gateway.post(memberLogout.path, signed(body, { call: memberLogout }))
  await way.gateway.hearChanges()
  await page.getByRole('heading', { name: 'You have been signed out' }).waitFor()
})

test('of two tabs of one browser the one that entered last has the browser, also when an answer to the other comes late', {
  skip: browserAbsence,
}, async (t) => {
  const way = await LossyWay.start()
  t.after(() => way.close())
  const { context, page: first } = await phone(t)
  const last = await context.newPage()
  const greets = (tab: Page, name: string) => tab.getByRole('heading', { name: `Welcome, ${name}` }).waitFor()
  const other = { agent_id: 'agent001', user_id: 'uid002', user_name: 'uid002', timestamp: way.gateway.clock.now() }
  await way.gateway.post(memberCreate.path, signed(other, { call: memberCreate }))
  for (const name of ['uid001', 'uid002']) {
    await first.goto(await way.logIn({ token: 'of-the-first-tab' }))
    await greets(first, 'uid001')
    const late = way.delay()
    const reloaded = first.reload({ waitUntil: 'commit' })
    await late.given
    // Chromium asks for one URL once at a time: the other language has another.
    await last.goto(await way.logIn({ user_id: name, currency: 'USD', language: 'en-GB' }))
    await greets(last, name)
    late.arrive()
    await reloaded
    await first.getByRole('heading', { name: 'Another session is open' }).waitFor()
    for (const tab of [last, first]) {
      await tab.reload()
      await greets(tab, name)
      await tab.getByText('USD').first().waitFor()
    }
  }
})

test('[check 91] browsers inside apps open the lobby by themselves', { skip: browserAbsence }, async (t) => {
  const way = await LossyWay.start()
  t.after(() => way.close())
  for (const [app, userAgent] of Object.entries(inAppAgents)) {
    const { context, page } = await phone(t, { userAgent })
    await page.goto(await way.logIn())
    await welcome(page)
    assert.match(page.url(), atHome, app)
    await context.close()
  }
})

test('[check 91] a browser that looks ahead, a preview and HEAD leave the ticket to the player', { skip: browserAbsence }, async (t) => {
  const way = await LossyWay.start()
  t.after(() => way.close())
  const url = await way.logIn()
  const merchant = createServer((_, response) => {
    const link = `<link rel="prefetch" as="document" href="${url.replaceAll('&', '&amp;')}">`
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${link}`)
  })
  await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    merchant.close()
    merchant.closeAllConnections()
  })
  const { context, page } = await phone(t)
  await page.goto(`http://127.0.0.1:${(merchant.address() as AddressInfo).port}/`)
  await until(
    () => way.prefetched > 0,
    () => 'no prefetch',
  )
  assert.equal((await context.request.head(url)).status(), 200)
  const { page: preview } = await phone(t, { userAgent: 'facebookexternalhit/1.1' })
  await preview.goto(url)
  await preview.getByRole('button', { name: 'Continue' }).waitFor()
  assert.equal(await preview.evaluate('document.scripts.length'), 0)
  await page.goto(url)
  await welcome(page)
})

test('[check 99] what other sites forge opens nothing and spends nothing', { skip: browserAbsence }, async (t) => {
  const sites = await TwoSites.start('https')
  t.after(() => sites.close())
  const url = await sites.logIn()
  const { searchParams, origin } = new URL(url)
  const fields = { agent_id: 'agent001', token: searchParams.get('token') ?? '', uid: 'uid001' }
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`)
  const forgery = `<meta name="referrer" content="unsafe-url"><form method="post" action="${origin}/lobby">${inputs.join('')}</form><script>document.forms[0].submit()</script>`
  const evil = createServer((request, response) => {
    const page = request.url === '/frame' ? `<iframe src="/form"></iframe><iframe src="${url.replaceAll('&', '&amp;')}"></iframe>` : forgery
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${page}`)
  })
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    evil.close()
    evil.closeAllConnections()
  })
  const evilOrigin = `http://localhost:${(evil.address() as AddressInfo).port}`
  const { context, page } = await phone(t, { ignoreHTTPSErrors: true })

  const refused = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.goto(`${evilOrigin}/form`)
  assert.equal((await refused).status(), 403)
  const refusedInFrame = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.goto(`${evilOrigin}/frame`)
  assert.equal((await refusedInFrame).status(), 403)
  await page.waitForTimeout(1_500)
  assert.deepEqual(
    (await context.cookies()).filter(({ name }) => /lobby(-framed)?$/.test(name)),
    [],
  )

  // A ticket that stands in a Referer is no ticket that was posted.
  await page.setExtraHTTPHeaders({ referer: url })
  await page.goto(`${origin}/lobby`)
  await over(page)
  await page.setExtraHTTPHeaders({})

  // Nothing of all this has spent it.
  await page.goto(url)
  await welcome(page)
})

test('[check 99] the token of a page opens nothing once its member was kicked', { skip: browserAbsence }, async (t) => {
  const sites = await TwoSites.start('http')
  t.after(() => sites.close())
  const { context, page } = await phone(t)
  const answered = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/lobby'))
  const frame = await sites.framed(page, await sites.logIn())
  const token = /data-token="([^"]+)"/.exec(await (await answered).text())?.[1] ?? assert.fail('the page holds no token')
  await frame.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
  const open = () => {
    const { origin } = new URL(frame.url())
    return context.request.post(`${origin}/lobby`, { form: { page: token }, headers: { origin, 'sec-fetch-site': 'same-origin' } })
  }
  assert.match(await (await open()).text(), /Welcome, uid001/)
  await sites.kick()
  await frame.getByRole('heading', { name: 'Your session was ended' }).waitFor()
  const last = await open()
  assert.equal(last.status(), 410)
  assert.doesNotMatch(await last.text(), /data-token="|Welcome/)
})
