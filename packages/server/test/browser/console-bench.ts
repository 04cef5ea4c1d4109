import type { Browser, Page } from 'playwright-core'
import type { Settings } from '../../src/config/settings.ts'
import { BrandAdmin } from '../../src/core/brands/brand-admin.ts'
import { SandboxLink } from '../../src/core/operators/sandbox-link.ts'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { enrol, type Member } from '../support/operator-accounts.ts'
import { makePng } from '../support/pictures.ts'
import { freePort } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import type { StoreKind } from '../support/stores.ts'
import { launchBrowser } from './browser.ts'

export type ConsoleRole = 'owner' | 'manager' | 'support' | 'auditor' | 'partner'

/** A real Chromium and a real admin listener, with calls of the sandbox's partners to show. */
export class ConsoleBench {
  readonly adminUrl: string
  readonly gateway: TestGateway
  readonly sandboxLink: SandboxLink
  readonly browser: Browser
  /** Of the calls made, by their answered code. */
  readonly requestIds: ReadonlyMap<string, string>
  readonly sellerId: string
  readonly operatorId: string
  readonly #members = new Map<ConsoleRole, Member>()

  private constructor(
    parts: Pick<ConsoleBench, 'adminUrl' | 'gateway' | 'sandboxLink' | 'browser' | 'requestIds' | 'sellerId' | 'operatorId'>,
  ) {
    this.adminUrl = parts.adminUrl
    this.gateway = parts.gateway
    this.sandboxLink = parts.sandboxLink
    this.browser = parts.browser
    this.requestIds = parts.requestIds
    this.sellerId = parts.sellerId
    this.operatorId = parts.operatorId
  }

  static async start(more: Partial<Settings> = {}, storeKind?: StoreKind): Promise<ConsoleBench> {
    const adminPort = await freePort()
    const adminUrl = `http://localhost:${adminPort}`
    const sandboxLink = new SandboxLink()
    const kind = storeKind === undefined ? {} : { storeKind }
    const gateway = await startTestGateway({ settings: { adminPort, adminUrl, ...more }, sandboxLink, ...kind })
    gateway.clock.advance(Date.now() - gateway.clock.now())
    const { store, clock } = gateway
    const brands = new BrandAdmin({ store: store.brands, merchants: store.merchants, clock, origin: { surface: 'cli' } })
    await brands.set('*', { title: 'The platform' })
    await brands.set('agent001', { title: 'Acme', accentColor: '#e61e50', logo: makePng({ width: 40, height: 40 }) })
    await gateway.hearChanges()
    await gateway.admin.listen({ host: 'localhost', port: adminPort })
    const seller = await store.sellers.findByEmail(sampleSeller.email)
    if (seller === null) throw new Error('the sandbox has its seller')
    const { operatorId } = await enrol(gateway, 'auditor')
    return new ConsoleBench({
      adminUrl,
      gateway,
      sandboxLink,
      browser: await launchBrowser(),
      requestIds: await makeCalls(gateway),
      sellerId: seller.id,
      operatorId,
    })
  }

  /** The operator of a role; a partner is restricted to one merchant. */
  async member(role: ConsoleRole): Promise<Member> {
    const known = this.#members.get(role)
    if (known !== undefined) return known
    const member = await enrol(this.gateway, role, role === 'partner' ? ['agent001'] : null)
    await this.gateway.hearChanges()
    this.#members.set(role, member)
    return member
  }

  /** A page of a signed-in operator, and its complaints. */
  async openAs({ visitor }: Member): Promise<{ page: Page; complaints: string[] }> {
    const cookie = visitor.cookie ?? ''
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 } })
    context.setDefaultTimeout(60_000)
    const at = cookie.indexOf('=')
    await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: this.adminUrl, sameSite: 'Strict' }])
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(this.adminUrl)) complaints.push(`asks ${request.url()}`)
    })
    return { page, complaints }
  }

  /** Opens a path below /console and waits until it has loaded. */
  async show(page: Page, path: string): Promise<void> {
    await page.goto(`${this.adminUrl}/console${path}`)
    await page.locator('main h1').first().waitFor()
    const waiting = page.locator('.skeleton').first()
    await waiting.waitFor({ state: 'detached' }).catch(async (cause) => {
      throw new Error(`${path} stays unfinished: ${await page.locator('main').textContent()}`, { cause })
    })
  }

  /** Every screen, with content. */
  screens(): string[] {
    return [
      '/',
      '/merchants',
      '/merchants/agent001',
      '/merchants/agent001?tab=settings',
      '/merchants/agent001?tab=brand',
      '/merchants/agent001?tab=keys',
      '/merchants/agent001?tab=samples',
      '/merchants/agent001?tab=certificate',
      '/merchants/agent001?tab=members',
      '/merchants/agent001/members/uid001',
      '/brands',
      '/calls',
      `/calls/${this.requestIds.get('600100')}`,
      '/members',
      '/sellers',
      `/sellers/${this.sellerId}`,
      '/services',
      '/catalogue',
      '/catalogue/101',
      '/signing-keys',
      '/audit',
      '/proposals',
      '/operators',
      `/operators/${this.operatorId}`,
      '/account',
      '/connect',
    ]
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.gateway.close()
  }
}

/** An accepted login, one with each of three mistakes, and one from an unlisted address. @returns request IDs by code */
async function makeCalls(gateway: TestGateway): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  const send = async (changes: object, key?: string, address?: string) => {
    const body = signed(loginBody(gateway.clock.now(), { ...changes }), key === undefined ? {} : { key })
    const { json, headers } = await gateway.post('/api/member/login', body, address === undefined ? {} : { address })
    ids.set(String((json as { code: number }).code), String(headers['x-request-id']))
  }
  await send({})
  await send({}, 'l4gnD61pz4arJyv8 ')
  await send({ user_id: 'unknown01' })
  await send({}, undefined, '203.0.113.9')
  await Promise.all([
    gateway.flushTraces(),
    gateway.flushCounts(),
    gateway.flushRefusals(),
    gateway.flushKeyUses(),
    gateway.flushClocks(),
    gateway.flushConduct(),
  ])
  return ids
}
