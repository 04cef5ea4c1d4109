import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { absence, accessibilityFaults } from './browser.ts'
import { ConsoleBench, type ConsoleRole } from './console-bench.ts'

const bench = absence === false ? await ConsoleBench.start() : null
after(() => bench?.close())

/** What a page shows in place of a text or value that it lacks. */
const missingText = /\bundefined\b|\[object \w+\]|\bNaN\b|Invalid Date/

const columnsAlike = `[...document.querySelectorAll('thead tr')]
  .map(({ cells }) => [...cells].map(({ textContent }) => textContent))
  .filter((titles) => new Set(titles).size < titles.length).map(String)`

const languages = ['en', 'de', 'zh-Hans']

for (const role of ['owner', 'manager', 'support', 'auditor', 'partner'] satisfies ConsoleRole[]) {
  for (const language of languages) {
    test(`[check 62] ${role}, ${language}: every screen in both sizes and colour schemes`, { skip: absence }, async () => {
      assert.ok(bench)
      const { page, complaints } = await bench.openAs(await bench.member(role))
      await page.addInitScript((chosen) => localStorage.setItem('lobbykey-language', chosen), language)
      const faults: string[] = []
      for (const path of bench.screens()) {
        await page.goto(`${bench.adminUrl}/console${path}`)
        // A screen that the role may not see says so in place of its heading.
        await page.locator('main h1, main [role=alert]').first().waitFor()
        await page.locator('.skeleton').first().waitFor({ state: 'detached' })
        faults.push(...(await accessibilityFaults(page)).map((fault) => `${path}: ${fault}`))
        const [missing] = missingText.exec((await page.locator('body').textContent()) ?? '') ?? []
        if (missing !== undefined) faults.push(`${path}: shows ${missing}`)
        const alike = (await page.evaluate(columnsAlike)) as string[]
        faults.push(...alike.map((columns) => `${path}: two of the columns have one name: ${columns}`))
      }
      assert.deepEqual(faults, [])
      // What a role may not see is asked for once, and refused.
      assert.deepEqual(
        complaints.filter((text) => !/status of 40[34]/.test(text)),
        [],
      )
      await page.context().close()
    })
  }
}
