/** A list of ten thousand rows: how it grows and how it scrolls, by Chromium's own trace of its frames. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { platformOf } from '../../../../bench/lib/large-platform.ts'
import { absence } from './browser.ts'
import { ConsoleBench } from './console-bench.ts'
import { filledStore } from './filled-store.ts'

const rows = 10_000
/** From the click to the new rows, of half of the pages. */
const pageMsMax = 1_000
/** The least of so many runs counts: what else the machine does only adds. A bare table is scrolled beside, to see how much that is. */
const runs = 5

const bench = absence === false ? await ConsoleBench.start({}, filledStore({ ...platformOf(1_000), sellers: rows, events: 1_000 })) : null
after(() => bench?.close())

interface Frame {
  readonly state: string
  readonly affects_smoothness: boolean
  readonly scroll_state: string
}

interface TraceEvent {
  readonly name: string
  readonly args: { readonly frame_reporter?: Frame }
}

test('it grows by pages within a second each, and drops no frame while it is scrolled that a bare table would not drop', {
  skip: absence,
  timeout: 300_000,
}, async () => {
  assert.ok(bench)
  const { page } = await bench.openAs(await bench.member('owner'))
  await bench.show(page, '/sellers')
  const shown = async () => Number(await page.evaluate('document.querySelector("[aria-label=Sellers][aria-rowcount]").ariaRowCount')) - 1
  const pageMs: number[] = []
  for (let before = await shown(); before < rows; before = await shown()) {
    const clickedAt = performance.now()
    await page.evaluate('[...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Show more").click()')
    while ((await shown()) === before) await delay(5)
    pageMs.push(performance.now() - clickedAt)
  }
  const [middle = 0, slowest] = [pageMs.toSorted((a, b) => a - b)[pageMs.length >> 1], Math.max(...pageMs)]
  const inPage = Number(await page.evaluate('document.querySelectorAll("tbody tr").length'))
  console.log(
    `${await shown()} rows, ${inPage} of them in the page, in ${pageMs.length} pages, half of them after ${middle.toFixed(0)} ms, the slowest after ${slowest.toFixed(0)} ms`,
  )

  assert.ok(inPage < rows / 10)
  await page.getByText('Ctrl F').waitFor()
  // Far away, a row is there as soon as it is looked at.
  await page.evaluate('document.querySelector("[aria-label=Sellers][aria-rowcount]").scrollIntoView({ block: "end" })')
  await page.getByText(`${await shown()} rows`, { exact: true }).waitFor()
  const lastRow = page.locator('[aria-label=Sellers][aria-rowcount] tbody:last-child tr').last()
  await lastRow.getByRole('link').waitFor()

  const bare = await bareTable()
  const dropped = { console: [] as number[], bare: [] as number[] }
  for (let run = 0; run < runs; run++) {
    dropped.console.push(await droppedFrames(page, run * 20_000, `run ${run}`))
    dropped.bare.push(await droppedFrames(bare, run * 1_000, `run ${run}, bare`))
  }
  assert.ok(Math.min(...dropped.console) <= Math.min(...dropped.bare))
  assert.ok(middle <= pageMsMax, `half of the pages took more than ${middle.toFixed(0)} ms`)
  await page.context().close()
  await bare.context().close()
})

/** Rows of the same cells, without a style or script. */
async function bareTable(): Promise<Page> {
  assert.ok(bench)
  const page = await (await bench.browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  const row = '<tr><td>seller@example.com<td>enabled<td>–<td>never<td>0<td>Jan 1, 2026, 12:00:00 AM'
  await page.setContent(`<table cellpadding="8" width="100%">${row.repeat(rows / 10)}</table>`)
  return page
}

async function droppedFrames(page: Page, from: number, name: string): Promise<number> {
  assert.ok(bench)
  const { browser } = bench
  const cdp = await page.context().newCDPSession(page)
  await page.bringToFront()
  await page.evaluate(`scrollTo(0, ${from})`)
  await browser.startTracing(page, { categories: ['cc', 'benchmark'] })
  await cdp.send('Input.synthesizeScrollGesture', { x: 700, y: 500, yDistance: -6_000, speed: 3_000 })
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const frames = traceEvents.flatMap(({ name, args: { frame_reporter: frame } }) =>
    name === 'PipelineReporter' && frame !== undefined && frame.scroll_state !== 'SCROLL_NONE' ? [frame] : [],
  )
  const presented = frames.filter(({ state }) => state.startsWith('STATE_PRESENTED'))
  const lost = frames.filter((frame) => frame.state === 'STATE_DROPPED' && frame.affects_smoothness)
  console.log(`${name}: ${presented.length} frames shown, ${lost.length} dropped`)
  assert.ok(presented.length > 30, `${presented.length} frames are no scroll`)
  return lost.length
}
