/** A list of ten thousand rows: how it grows and how it scrolls, by Chromium's own trace of its frames. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fillPlatform, platform, platformOf } from '../../../../bench/lib/large-platform.ts'
import { openStore } from '../../src/store/open-store.ts'
import { sampleEvent, sampleKey, sampleMerchant } from '../store/samples.ts'
import { type StoreKind, testStores } from '../support/stores.ts'
import { absence } from './browser.ts'
import { ConsoleBench } from './console-bench.ts'

const rows = 10_000
/** From the click to the new rows, of half of the pages. */
const pageMsMax = 1_000
/** The least of so many runs counts: what else the machine does only adds. */
const runs = 3

const bench = absence === false ? await ConsoleBench.start({}, filled()) : null
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

test('it grows by pages within a second each, and drops no frame while it is scrolled', { skip: absence, timeout: 300_000 }, async () => {
  assert.ok(bench)
  const { browser } = bench
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
  // Far away, a row is there as soon as it is looked at.
  await page.evaluate('document.querySelector("[aria-label=Sellers][aria-rowcount]").scrollIntoView({ block: "end" })')
  await page.getByText(`${await shown()} rows`, { exact: true }).waitFor()
  const lastRow = page.locator('[aria-label=Sellers][aria-rowcount] tbody:last-child tr').last()
  await lastRow.getByRole('link').waitFor()

  const cdp = await page.context().newCDPSession(page)
  const dropped: number[] = []
  for (let run = 0; run < runs; run++) {
    await page.evaluate(`scrollTo(0, ${run * 20_000})`)
    await browser.startTracing(page, { categories: ['cc', 'benchmark'] })
    await cdp.send('Input.synthesizeScrollGesture', { x: 700, y: 500, yDistance: -6_000, speed: 3_000 })
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
    const frames = traceEvents.flatMap(({ name, args: { frame_reporter: frame } }) =>
      name === 'PipelineReporter' && frame !== undefined && frame.scroll_state !== 'SCROLL_NONE' ? [frame] : [],
    )
    const presented = frames.filter(({ state }) => state.startsWith('STATE_PRESENTED'))
    const lost = frames.filter((frame) => frame.state === 'STATE_DROPPED' && frame.affects_smoothness)
    dropped.push(lost.length)
    console.log(`run ${run}: ${presented.length} frames shown, ${lost.length} dropped`)
    assert.ok(presented.length > 30, `${presented.length} frames are no scroll`)
  }
  assert.equal(Math.min(...dropped), 0)
  assert.ok(middle <= pageMsMax, `half of the pages took more than ${middle.toFixed(0)} ms`)
  await page.context().close()
})

/** SQLite, filled before the gateway opens it. */
function filled(): StoreKind {
  const [sqlite] = testStores()
  assert.ok(sqlite)
  return {
    ...sqlite,
    create: async () => {
      const database = await sqlite.create()
      const store = await openStore({ url: database.url })
      await store.merchants.add(sampleMerchant(platform.large), sampleKey(platform.large), sampleEvent())
      await store.close()
      const file = new DatabaseSync(database.url.replace(/^sqlite:/, ''))
      file.exec('pragma synchronous = off')
      const size = { ...platformOf(1_000), sellers: rows, events: 1_000 }
      for (const { statement } of fillPlatform('sqlite', size, Date.now())) file.exec(statement)
      // The sample's key is sealed by nobody.
      file.exec(`delete from merchant_keys where agent_id = '${platform.large}'`)
      file.close()
      return database
    },
  }
}
