import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { payloads } from '../support/payloads.ts'
import { absence } from './browser.ts'
import { ConsoleBench } from './console-bench.ts'

const bench = absence === false ? await ConsoleBench.start() : null
after(() => bench?.close())

/** Fields whose values the server alone chooses, from a list: the pages look them up. */
const closed = new Set(
  'status role kind key keys state operation operations right rights missingRights surface code algorithm callback signsInBy form type platform call nextCursor sign item'.split(
    ' ',
  ),
)
const isTime = (text: string) => /^\d{4}-\d\d-\d\dT/.test(text)
const isNumber = (text: string) => /^\d+(\.\d+)?$/.test(text)

/** Puts the next payload in place of every text of an answer, as if the server let everything through. @param next may keep the text */
function poison(value: unknown, next: (text: string) => string, field = ''): unknown {
  if (typeof value === 'string') return closed.has(field) || isTime(value) || isNumber(value) ? value : next(value)
  if (Array.isArray(value)) return value.map((item) => poison(item, next, field))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poison(item, next, name)]))
}

/** Turn the direction of what stands beside them, unless they are isolated. */
const directed = payloads.filter((text) => /[\u202a-\u202e\u2066-\u2069]/.test(text))

const broken = `(() => {
  const directed = new Set(${JSON.stringify(directed)})
  const faults = []
  if (globalThis.ran !== undefined) faults.push('a payload ran')
  for (const element of document.querySelectorAll('main script, main iframe, main object, main embed, main base, main meta, main link, main style:not([nonce]), [onerror], [onload], [onfocus], [ontoggle], [onmouseover]')) faults.push('an element of a payload: ' + element.outerHTML.slice(0, 200))
  for (const link of document.querySelectorAll('a[href]')) if (!/^(https?:|blob:|mailto:)$/.test(link.protocol) || link.host.includes('evil')) faults.push('a link to ' + link.href.slice(0, 200))
  const overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (overflow > 0) {
    const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.children.length === 0 && element.closest('.tabs') === null)
    faults.push(overflow + ' pixels wider than a phone: ' + wide.slice(0, 3).map((element) => element.parentElement.className + ' > ' + element.outerHTML.slice(0, 120)).join(' | '))
  }
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode
    if (!/[\\u202a-\\u202e\\u2066-\\u2069]/.test(text.data)) continue
    let around = text.parentElement
    while (getComputedStyle(around).display.startsWith('inline') && getComputedStyle(around).unicodeBidi === 'normal') around = around.parentElement
    // Each line of a text field stands for itself; a program is shown as it is copied.
    if (around.tagName === 'TEXTAREA' || around.tagName === 'PRE') continue
    if (!directed.has(around.textContent)) faults.push('text whose direction a payload turns: ' + around.outerHTML.slice(0, 200))
  }
  return faults
})()`

/** Every screen of the console, by its route. */
function routes(): string[] {
  const source = readFileSync(new URL('../../../console/src/console/router.tsx', import.meta.url), 'utf8')
  return [...source.matchAll(/^ {2}'(\/[^']*)': lazyRouteComponent/gm)].map(([, path = '']) => path)
}

const isOf = (route: string, path: string) => new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/?]+')}$`).test(path.split('?')[0] ?? '')

test('every route has an address among the screens that the tests walk', { skip: absence }, () => {
  assert.ok(bench)
  const screens = bench.screens()
  assert.deepEqual(
    routes().filter((route) => !screens.some((path) => isOf(route, path))),
    [],
  )
})

test('[check 62] sixty payloads in place of every text that any screen is answered: nothing runs, links or is wider than a phone', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  assert.ok(payloads.length >= 60)
  const { page, complaints } = await bench.openAs(await bench.member('owner'))
  await page.setViewportSize({ width: 390, height: 844 })
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const faults: string[] = []
  let address = ''
  const used = await poisonAnswers(page, () => address)
  for (const path of bench.screens()) {
    const seen = new Set<number>()
    let shown = 0
    for (let rounds = 0; rounds < 6 && seen.size < payloads.length; rounds++) {
      used.clear()
      address = path
      await page.goto(`${bench.adminUrl}/console${path}`)
      await page.locator('main h1, main [role=alert]').first().waitFor()
      await page.locator('.skeleton').first().waitFor({ state: 'detached' })
      faults.push(...((await page.evaluate(broken)) as string[]).map((fault) => `${path}: ${fault}`))
      const text = ((await page.locator('main').textContent()) ?? '').replaceAll(/\s/g, '')
      for (const index of used) {
        seen.add(index)
        if (text.includes((payloads[index] ?? '').replaceAll(/\s/g, '').slice(0, 20))) shown++
      }
      if (used.size === 0) break
    }
    if (seen.size > 0 && shown === 0) faults.push(`${path}: shows none of what it is answered`)
  }
  assert.deepEqual(faults, [])
  // Texts in the place of IDs are asked for, and refused.
  assert.deepEqual(
    complaints.filter((text) => !text.startsWith('Failed to load resource')),
    [],
  )
  await page.context().close()
})

/** @returns the payloads that the page was answered since it was last cleared, by index */
async function poisonAnswers(page: Page, address: () => string): Promise<Set<number>> {
  const used = new Set<number>()
  let count = 0
  const next = (text: string) => {
    // What a screen is about is in its address.
    if (address().split(/[/?]/).includes(text)) return text
    const index = count++ % payloads.length
    used.add(index)
    return payloads[index] ?? ''
  }
  await page.route('**/admin/api/v1/**', async (route) => {
    const answer = await route.fetch()
    // The account decides what the shell and the router show at all.
    if (route.request().url().endsWith('/account') || answer.status() !== 200) return route.fulfill({ response: answer })
    return route.fulfill({ response: answer, json: poison(await answer.json(), next) })
  })
  return used
}
