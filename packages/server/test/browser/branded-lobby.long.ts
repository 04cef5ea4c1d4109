/** Pages in a brand that no rule has judged, as if it had got into the store by another way. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { browserAbsence, launchBrowser } from './browser.ts'
import { TwoSites } from './two-sites.ts'

let browser: Browser
before(async () => {
  if (browserAbsence === false) browser = await launchBrowser()
})
after(() => browser?.close())

/** Says that it ran, and asks another server. */
const run = "globalThis.ran=1;fetch('https://evil.example/')"

const titles = [
  '﷽'.repeat(40),
  'W'.repeat(100),
  'Z̷̢̧̛̗'.repeat(20),
  `\u202e${'‮gnimag'.repeat(10)}\u2067`,
  `</title></style></bdi><script>${run}</script>`,
  `"><img src="https://evil.example/i" onerror="${run}">`,
  `{{constructor.constructor("${run}")()}}\n\n\n${'<br>'.repeat(20)}`,
]
const supportUrls = [
  `javascript:${run}`,
  `data:text/html,<script>${run}</script>`,
  `" onfocus="${run}" autofocus="`,
  `java\tscript:${run}`,
  `mailto:${'a'.repeat(600)}@example.com`,
  '//evil.example/\\',
  `vbscript:${run}`,
]
const colors = [
  'red;background:url(https://evil.example/c)',
  `</style><script>${run}</script>`,
  '#fff}*{position:fixed;width:900px}',
  '#fff;}@import "https://evil.example/s";{',
  'expression(1)',
  '#',
  'url(https://evil.example/u)',
]

test('[check 62] whatever a brand holds, nothing runs, nothing is loaded from elsewhere, and pages keep their shape on a phone', {
  skip: browserAbsence,
}, async (t) => {
  const sites = await TwoSites.start('http')
  t.after(() => sites.close())
  const { store, clock, publicUrl } = sites.gateway
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  t.after(() => context.close())
  const page = await context.newPage()
  const foreign: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(publicUrl) && !request.url().startsWith('data:,')) foreign.push(request.url())
  })
  context.on('dialog', (dialog) => foreign.push(dialog.message()))
  let updatedAt: number | null = null
  for (const [index, title] of titles.entries()) {
    const now = clock.now() + index
    const [supportUrl = null, headerColor = null] = [supportUrls[index], colors[index]]
    const brand = { agentId: '*', title, supportUrl, headerColor, accentColor: headerColor, logo: null, createdAt: now, updatedAt: now }
    assert.ok(await store.brands.set(brand, null, updatedAt, { at: now, kind: 'brand.set', surface: 'cli' }))
    updatedAt = now
    await sites.gateway.hearChanges()
    const paths = [(await sites.logIn()).slice(publicUrl.length), '/lobby', '/lobby/over?agent_id=agent001', '/lobby/left', '/reset']
    for (const path of paths) {
      const where = `${path} with ${title.slice(0, 20)}, ${supportUrl}, ${headerColor}`
      await page.goto(publicUrl + path)
      if (path.includes('token=')) await page.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
      await page.locator('header.brand').waitFor()
      const shape = await page.evaluate(
        '({ width: document.documentElement.scrollWidth, height: document.querySelector("header.brand").offsetHeight, scripts: document.scripts.length, images: document.images.length })',
      )
      const { width, height, ...parts } = shape as { width: number; height: number; scripts: number; images: number }
      assert.ok(width <= 390, `${width} pixels wide: ${where}`)
      assert.ok(height <= 100, `its header is ${height} pixels high: ${where}`)
      assert.deepEqual(parts, { scripts: 1, images: 0 }, where)
      const help = page.getByRole('link', { name: 'Get help' })
      // Where it leads is its own affair, but not to a script.
      if (index < 4 && (await help.count()) > 0) {
        await help.click({ noWaitAfter: true })
        for (const other of context.pages()) if (other !== page) await other.close()
      }
      assert.equal(await page.evaluate('globalThis.ran'), undefined, where)
      assert.deepEqual(foreign, [], where)
    }
  }
})
