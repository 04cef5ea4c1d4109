import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { absence, accessibilityFaults, BrowserBench } from './browser.ts'

const bench = absence === false ? await BrowserBench.start() : null
after(() => bench?.close())

test("[check 62] the sandbox's start page, and the page that its first link opens", { skip: absence }, async () => {
  assert.ok(bench)
  const page = await bench.open('/')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('link', { name: 'Playground' }).click()
  await page.getByRole('button', { name: 'Send' }).waitFor()
})

test('[check 62] the playground of a merchant, with an answer', { skip: absence }, async () => {
  assert.ok(bench)
  const page = await bench.open('/playground')
  await page.getByLabel('currency').fill('vnd')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByTestId('code').waitFor()
  await page.getByText('Headers').click()
  assert.deepEqual(await accessibilityFaults(page), [])
})

test('[check 62] the playground of a seller, with a token', { skip: absence }, async () => {
  assert.ok(bench)
  const page = await bench.open('/playground#call=seller.login')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByTestId('expiry').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
})

test('[check 62] the reference', { skip: absence }, async () => {
  assert.ok(bench)
  const page = await bench.open('/docs')
  await page.getByRole('button', { name: 'Copy' }).first().waitFor({ state: 'attached' })
  assert.deepEqual(await accessibilityFaults(page), [])
})

test('[check 62] no page breaks its content security policy, throws, or asks another host', { skip: absence }, () => {
  assert.deepEqual(bench?.complaints, [])
})
