import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { guestLogin, memberLock, memberLogout } from '@lobbykey/contract'
import type { Page } from 'playwright-core'
import { MemberAdmin } from '../../src/core/members/member-admin.ts'
import { openStore } from '../../src/store/open-store.ts'
import { atHome } from '../support/enter-lobby.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'
import { accessibilityFaults, BrowserBench, browserAbsence } from './browser.ts'

const bench = browserAbsence === false ? await BrowserBench.start() : null

/** The merchant's own site, on another site than the lobby. It remembers what browsers say of where they come from. */
class MerchantSite {
  readonly referers: (string | undefined)[] = []
  /** Where its page's link leads. */
  link = ''
  readonly #server: Server = createServer((request, response) => {
    if (request.url === '/home') this.referers.push(request.headers.referer)
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Merchant</title><a href="${this.link}">Play</a>`)
  })

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

const merchant = new MerchantSite()
before(async () => {
  await merchant.listen()
  await bench?.gateway.updateMerchant({ settings: { callbackOrigins: [merchant.origin] } })
})
after(async () => {
  await bench?.close()
  merchant.close()
})

function browserTest(title: string, run: (bench: BrowserBench) => Promise<void>): void {
  test(title, { skip: browserAbsence }, async () => {
    assert.ok(bench)
    await run(bench)
    // Going to and from the merchant's site is what is tried here; a stream is cut off by leaving its page.
    const expected = (text: string) => text.includes(merchant.origin) || text.includes('/lobby/events')
    assert.deepEqual(
      bench.complaints.filter((text) => !expected(text)),
      [],
    )
  })
}

async function logIn({ gateway }: BrowserBench, changes: Body = {}): Promise<string> {
  gateway.clock.advance(1)
  const body = loginBody(gateway.clock.now(), { callback: `${merchant.origin}/home`, ...changes })
  const { json } = await gateway.post('/api/member/login', signed(body))
  return (json as { data: { url: string } }).data.url
}

/** A fresh browser that came by the merchant's link. */
async function enter(bench: BrowserBench, changes: Body = {}): Promise<Page> {
  merchant.link = (await logIn(bench, changes)).replaceAll('&', '&amp;')
  const page = await bench.open('/lobby/over')
  await page.goto(`${merchant.origin}/`)
  const following = page.waitForResponse((response) => response.url().includes('/lobby/events'))
  await page.getByRole('link', { name: 'Play' }).click()
  await following
  return page
}

async function heading(page: Page): Promise<string> {
  return (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
}

/** Waits until the page, by itself, tells of what happens. How soon it does is for a quiet machine to say, not for a test. */
async function tellsOf(page: Page, title: string, happening: () => Promise<unknown>): Promise<void> {
  await happening()
  await page.getByRole('heading', { name: title }).waitFor()
}

browserTest(
  '[check 25] [check 75] a member comes, sees the right facts at a clean URL, and leaves without telling the token',
  async (bench) => {
    const page = await enter(bench, { game_code: '101-DYfsRc', limits: { USD_101: '110101,110102' } })
    assert.match(page.url(), atHome)
    assert.equal(await heading(page), 'Welcome, uid001')
    const text = ((await page.locator('main').textContent()) ?? '').replaceAll('\u2009', ' ')
    for (const fact of ['Baccarat', 'Table 1', 'VND2', '$1 – $100', '$10 – $1,000']) {
      assert.ok(text.includes(fact), fact)
    }
    const left = page.getByRole('timer')
    const first = (await left.textContent()) ?? ''
    await left.filter({ hasNotText: first }).waitFor()
    const cookie = (await page.context().cookies()).find(({ name }) => name === 'lobby')
    assert.deepEqual([cookie?.name, cookie?.httpOnly, cookie?.sameSite, cookie?.path], ['lobby', true, 'Lax', '/'])
    await page.getByRole('link', { name: 'Return' }).click()
    await page.waitForURL(`${merchant.origin}/home`)
    assert.deepEqual(merchant.referers, [undefined])
  },
)

browserTest('a guest comes too, and sees what there is to play with', async (bench) => {
  bench.gateway.clock.advance(1)
  const body = {
    agent_id: 'agent001',
    platform: 'web',
    language: 'pt-BR',
    currency: 'USD',
    amount: '1000.12',
    timestamp: bench.gateway.clock.now(),
  }
  const { json } = await bench.gateway.post(guestLogin.path, signed(body, { call: guestLogin }))
  const page = await bench.open('/lobby/over')
  await page.goto((json as { data: { url: string } }).data.url)
  assert.match(page.url(), atHome)
  assert.match(await heading(page), /^Boas-vindas, Visitante$/)
  const text = ((await page.locator('main').textContent()) ?? '').replaceAll('\u00a0', ' ')
  for (const fact of ['US$ 1.000,12', 'Lobby']) assert.ok(text.includes(fact), fact)
})

browserTest('[check 64] a kick from another process is shown at once, and acknowledged', async (bench) => {
  const page = await enter(bench)
  const [session] = await bench.gateway.store.memberSessions.listLive('agent001', 'uid001', bench.gateway.clock.now())
  assert.ok(session)
  const store = await openStore({ url: bench.gateway.settings.databaseUrl, poolSize: 1 })
  const acknowledged = page.waitForResponse((response) => response.url().endsWith('/lobby/ack'))
  const operator = new MemberAdmin({ store, clock: bench.gateway.clock, origin: { surface: 'cli' } })
  await tellsOf(page, 'Your session was ended', () => operator.logout('agent001', 'uid001'))
  assert.equal((await acknowledged).status(), 204)
  assert.notEqual((await store.memberSessions.find(session.tokenHash))?.endAcknowledgedAt, null)
  assert.equal(await page.title(), 'Your session was ended')
  await store.close()
  await page.reload()
  assert.equal(await heading(page), 'Your session was ended')
  assert.deepEqual(await accessibilityFaults(page), [])
})

browserTest('logout, lock and expiry are shown as they happen', async (bench) => {
  const { gateway } = bench
  const call = (endpoint: typeof memberLock | typeof memberLogout, fields: Body = {}) => {
    gateway.clock.advance(1)
    const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: gateway.clock.now(), ...fields }
    return gateway.post(endpoint.path, signed(body, { call: endpoint }))
  }
  await tellsOf(await enter(bench), 'You have been signed out', () => call(memberLogout))

  const page = await enter(bench)
  await call(memberLock, { status: 'LockBet' })
  await page.getByText('Betting is locked').waitFor()
  await tellsOf(page, 'Your account is locked', () => call(memberLock, { status: 'LockAll' }))
  await call(memberLock, { status: 'Active' })

  const last = await enter(bench)
  await tellsOf(last, 'Your time is up', async () => gateway.clock.advance(86_400_000))
  gateway.clock.advance(Date.now() - gateway.clock.now())
  await gateway.hearChanges()
})

browserTest('[check 62] the lobby and its end page have nothing serious for axe', async (bench) => {
  const page = await enter(bench, { language: 'th', game_code: 'rand-101', limits: { VND2_101: '110101,110102,110103' } })
  assert.equal(await page.locator('html').getAttribute('lang'), 'th')
  assert.deepEqual(await accessibilityFaults(page), [])
  const unknown = await bench.open('/lobby/over?language=pt')
  assert.equal(await heading(unknown), 'Esta sessão terminou')
  assert.deepEqual(await accessibilityFaults(unknown), [])
})
