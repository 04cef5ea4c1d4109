import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { freePort } from '../support/server-process.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const isBuilt = existsSync(new URL('../../../console/dist/console/index.html', import.meta.url))

/** Why pages cannot be tested here; false when they can. */
export const browserAbsence: string | false = executablePath === undefined ? 'there is no Chromium on this machine' : false

/** The same for pages built by packages/console. */
export const absence: string | false = browserAbsence || (isBuilt ? false : 'packages/console is not built: npm run build')

/** A real Chromium and a real server with the sandbox's partners. Collects the page's complaints. */
export class BrowserBench {
  readonly origin: string
  readonly gateway: TestGateway
  readonly #browser: Browser
  /** Errors of scripts and of the content security policy, failed loads, and requests to other hosts. */
  readonly complaints: string[] = []

  private constructor(origin: string, gateway: TestGateway, browser: Browser) {
    this.origin = origin
    this.gateway = gateway
    this.#browser = browser
  }

  static async start(): Promise<BrowserBench> {
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const gateway = await startTestGateway({ settings: { publicUrl: origin } })
    gateway.clock.advance(Date.now() - gateway.clock.now())
    await gateway.hearChanges()
    await gateway.app.listen({ host: '127.0.0.1', port })
    const browser = await launchBrowser()
    return new BrowserBench(origin, gateway, browser)
  }

  async open(path: string): Promise<Page> {
    const context = await this.#browser.newContext()
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(`${path}: ${error.message}`))
    page.on('console', (message) => {
      // A 401 is part of trying an API, not a complaint.
      const isComplaint = message.type() === 'error' || message.type() === 'warning'
      if (isComplaint && !message.text().startsWith('Failed to load resource')) this.complaints.push(`${path}: ${message.text()}`)
    })
    page.on('requestfailed', (request) => this.complaints.push(`${path}: ${request.url()} ${request.failure()?.errorText}`))
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(this.origin) && !url.startsWith('data:') && !url.startsWith('blob:')) this.complaints.push(`${path} asks ${url}`)
    })
    await page.goto(this.origin + path)
    return page
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.gateway.close()
  }
}

export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

/** A check in a quarter of the time: axe once, at the page's current size and colours, and its width on narrower screens. */
export async function looksFaulty(page: Page): Promise<string[]> {
  await page.evaluate(axeSource())
  await page.setViewportSize(sizes.desktop)
  const faults = [...(await runAxe(page, 'desktop')), ...(await findShownHidden(page))]
  await page.setViewportSize(sizes.phone)
  faults.push(...(await findOverflow(page, 'phone')), ...(await findOverflowBetween(page)))
  await page.setViewportSize(sizes.desktop)
  return faults
}

/** Problems of a page in every size and colour scheme: serious and critical findings of axe, and horizontal overflow. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axeSource())
  const faults = await findShownHidden(page)
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme })
      faults.push(...(await runAxe(page, `${size}, ${colorScheme}`)))
    }
    faults.push(...(await findOverflow(page, size)))
  }
  faults.push(...(await findOverflowBetween(page)))
  return faults
}

async function runAxe(page: Page, where: string): Promise<string[]> {
  const found = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run({ resultTypes: ['violations'] }))
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${where}: ${impact} ${id} at ${target.join(' ')}: ${failureSummary}`),
    )
}

async function findOverflow(page: Page, where: string): Promise<string[]> {
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  return overflow === 0 ? [] : [`${where}: ${overflow} pixels wider than its window`]
}

/** On tablets, and around the widths at which the layout changes. */
async function findOverflowBetween(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const width of [600, 780, 1000, 1160]) {
    await page.setViewportSize({ width, height: 900 })
    faults.push(...(await findOverflow(page, `${width} pixels`)))
  }
  return faults
}

/** A style that sets `display` shows what the `hidden` attribute should hide. */
async function findShownHidden(page: Page): Promise<string[]> {
  return await page.evaluate(
    "[...document.querySelectorAll('[hidden]')].filter((element) => element.checkVisibility()).map((element) => 'shown though hidden: ' + element.outerHTML)",
  )
}

interface Axe {
  run: (options: object) => Promise<{ violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[] }>
}

function axeSource(): string {
  return (createRequire(import.meta.url)('axe-core') as { source: string }).source
}
