import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { claimMasterKey } from '../../src/core/base/master-key-check.ts'
import { HandOvers } from '../../src/core/operators/hand-overs.ts'
import { accessibilityFaults, BrowserBench, browserAbsence } from './browser.ts'

const bench = browserAbsence === false ? await BrowserBench.start() : null
after(() => bench?.close())

test('[check 62] the start page: every address is a link that copies whole, a table tells the fixtures, and a phone scrolls little', {
  skip: browserAbsence,
}, async () => {
  assert.ok(bench)
  const page = await bench.open('/')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: bench.origin })
  await page.getByRole('link', { name: '/api/member/login' }).waitFor()
  const copied = async (what: string) => {
    await page.getByRole('button', { name: `Copy: ${what}`, exact: true }).click()
    await page.getByRole('button', { name: 'Copied' }).first().waitFor()
    return String(await page.evaluate('navigator.clipboard.readText()'))
  }
  assert.equal(await copied('Member API'), `${bench.origin}/api/member/login`)
  assert.equal(await copied('Its key'), 'l4gnD61pz4arJyv8')
  assert.match(await copied('Member login, the command'), /^curl -s http[\s\S]*"sign":"[0-9a-f]{32}"\}'$/)
  await page.getByRole('row', { name: 'user_id locked01 700108: the member is locked' }).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.setViewportSize({ width: 390, height: 844 })
  await page.reload()
  await page.getByText('To try').waitFor()
  assert.ok(Number(await page.evaluate('document.documentElement.scrollHeight')) < 1_382)
  await page.getByText('To try').click()
  await page.getByText('agent_id disabled').waitFor()
  assert.deepEqual(bench.complaints, [])
})

test('[check 62] a hand-over link shows the key and what comes next: its playground has everything but the key', {
  skip: browserAbsence,
}, async () => {
  assert.ok(bench)
  const { store, clock, settings } = bench.gateway
  const sealer = await claimMasterKey(store.meta, settings.masterKey)
  const handOvers = new HandOvers({ store, sealer, clock })
  const linkTo = async (secret: string, about: { readonly what: string; readonly agentId?: string }) => {
    const { url } = await handOvers.make(secret, about, { origin: { surface: 'cli' }, publicUrl: bench.origin })
    return url.slice(bench.origin.length)
  }
  const page = await bench.open(await linkTo('canaryKeyOfAcme1', { what: 'The key k1 of merchant acme', agentId: 'acme' }))
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.getByText('canaryKeyOfAcme1').waitFor()
  await page.getByText(/Put it into the configuration of your program/).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('link', { name: 'playground' }).click()
  await page.getByRole('heading', { name: 'Member login' }).waitFor()
  assert.equal(await page.getByRole('textbox', { name: 'agent_id' }).inputValue(), 'acme')
  assert.equal(await page.getByLabel('Merchant key').inputValue(), '')
  assert.doesNotMatch(page.url(), /canary/)

  const ofService = await bench.open(await linkTo('canarySecret', { what: 'The secret of service billing' }))
  await ofService.getByRole('button', { name: 'Show it' }).click()
  await ofService.getByText('canarySecret').waitFor()
  assert.equal(await ofService.getByRole('link', { name: 'playground' }).count(), 0)
  assert.deepEqual(bench.complaints, [])
})

test('an address without anything leads home', {
  skip: browserAbsence,
}, async () => {
  assert.ok(bench)
  const page = await bench.open('/nothing')
  await page.getByText('There is nothing at this address.').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('link', { name: 'Start page' }).click()
  await page.getByRole('heading', { name: 'Lobbykey sandbox' }).waitFor()
})

test('[check 62] the reference is in the colours of the other pages, and leads back to them', { skip: browserAbsence }, async () => {
  assert.ok(bench)
  const page = await bench.open('/docs')
  await page.getByRole('heading', { name: 'Member API' }).first().waitFor()
  const colors = () =>
    page.evaluate('[document.body, document.querySelector(".way-back")].map((one) => getComputedStyle(one).backgroundColor)')
  assert.deepEqual(new Set((await colors()) as string[]), new Set(['rgb(255, 255, 255)']))
  await page.setViewportSize({ width: 375, height: 844 })
  assert.equal(await page.evaluate('(([title]) => title.scrollWidth - title.clientWidth)(document.querySelectorAll(".way-back > a"))'), 0)
  await page.getByRole('link', { name: 'Start page' }).click()
  await page.getByRole('heading', { name: 'Lobbykey sandbox' }).waitFor()
  assert.deepEqual(bench.complaints, [])
})
