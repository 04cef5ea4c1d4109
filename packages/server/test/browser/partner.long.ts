/** What a merchant's own engineer gets of the console, in Chromium. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { sampleMerchant } from '../../src/sandbox/sample-partners.ts'
import { freePort } from '../support/server-process.ts'
import { absence, looksFaulty } from './browser.ts'
import { ConsoleBench } from './console-bench.ts'

const port = await freePort()
const publicUrl = `http://127.0.0.1:${port}`
const bench = absence === false ? await ConsoleBench.start({ publicUrl }) : null
await bench?.gateway.app.listen({ host: '127.0.0.1', port })
after(() => bench?.close())

async function opened(
  role: 'partner' | 'manager' | 'owner' = 'partner',
): Promise<{ page: Page; complaints: string[]; bench: ConsoleBench }> {
  assert.ok(bench)
  return { ...(await bench.openAs(await bench.member(role))), bench }
}

test('it asks for an address that it sees refused, and reads the word that declined it', { skip: absence }, async () => {
  const { page, complaints, bench } = await opened()
  await bench.show(page, '/merchants/agent001')
  await page
    .getByRole('row', { name: /203\.0\.113\.9/ })
    .getByRole('button', { name: 'Ask to add it' })
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Why').fill('our new proxy')
  await dialog.getByRole('button', { name: 'Ask to add it' }).click()
  await dialog.getByText('It waits for a decision now.').waitFor()
  await bench.show(page, '/merchants/agent001?tab=settings')
  const asked = page.getByRole('region', { name: 'What was asked for' })
  await asked.getByText('waits', { exact: true }).waitFor()
  await asked.getByText('adds 203.0.113.9').waitFor()

  const { page: deciding } = await opened('manager')
  await bench.show(deciding, '/proposals')
  await deciding
    .getByRole('row', { name: /our new proxy/ })
    .getByRole('button', { name: 'Decline' })
    .click()
  await deciding.getByRole('dialog').getByLabel('Reason').fill('It belongs to somebody else.')
  await deciding.getByRole('dialog').getByRole('button', { name: 'Decline' }).click()
  await deciding.getByText('No proposal waits for a decision.').waitFor()

  await bench.show(page, '/proposals')
  const row = page.getByRole('row', { name: /our new proxy/ })
  for (const text of ['declined', 'It belongs to somebody else.', 'you', 'another operator']) await row.getByText(text).first().waitFor()
  assert.deepEqual(complaints, [])
  for (const one of [page, deciding]) await one.context().close()
})

test('samples carry its settings, run as they are but for the key, and fill the playground', { skip: absence }, async () => {
  const { page, complaints, bench } = await opened()
  await bench.gateway.updateMerchant({
    settings: { algorithm: 'hmac-sha256', callback: 'signed', callbackOrigins: ['https://shop.example.com'], currencies: ['USD'] },
  })
  await bench.show(page, '/merchants/agent001?tab=samples')
  assert.deepEqual(await looksFaulty(page), [])
  await page.locator('main').getByLabel('Language').selectOption('javascript')
  const code = (await page.getByRole('region', { name: 'Without a library' }).textContent()) ?? ''
  const library = (await page.getByRole('region', { name: /^With the client library/ }).textContent()) ?? ''
  for (const program of [code, library]) {
    for (const part of ['agent001', 'https://shop.example.com/', 'USD', publicUrl])
      assert.ok(program.includes(part), `${part} in ${program}`)
    const source = program.replace('your-merchant-key', sampleMerchant.key)
    const url = []
    for (let run = 0; run < 2; run++) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], { timeout: 60_000 })
      url.push(/https?:\S+\/lobby\?agent_id=agent001&uid=uid001&token=([\w-]+)/.exec(stdout)?.[1] ?? assert.fail(stdout))
    }
    assert.notEqual(url[0], url[1], 'a token for each run')
  }

  const link = page.getByRole('link', { name: 'Open in the playground' })
  const href = (await link.getAttribute('href')) ?? ''
  assert.doesNotMatch(href, new RegExp(`${sampleMerchant.key}|token|key`))
  const [playground] = await Promise.all([page.context().waitForEvent('page'), link.click()])
  await playground.getByLabel('callback').first().waitFor()
  assert.equal(
    await playground
      .getByLabel(/^callback/)
      .first()
      .inputValue(),
    'https://shop.example.com/',
  )
  assert.equal(
    await playground
      .getByLabel(/^currency/)
      .first()
      .inputValue(),
    'USD',
  )
  assert.match((await playground.locator('body').textContent()) ?? '', /HMAC-SHA256/)
  assert.deepEqual(
    complaints.filter((text) => !text.startsWith('asks ')),
    [],
  )
  await page.context().close()
})

test('its certificate says what is seen and what to do, and prints on one page', { skip: absence }, async () => {
  const { page, complaints, bench } = await opened()
  await bench.show(page, '/merchants/agent001?tab=certificate')
  const items = page.locator('.certificate li')
  assert.equal(await items.count(), 10)
  assert.equal((await items.getByRole('img', { name: 'seen', exact: true }).count()) > 0, true)
  await items.filter({ hasText: 'Logout is called' }).getByText('Log a member out.').waitFor()
  const pdf = await page.pdf({ format: 'A4' })
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1)
  for (const [language, title] of [
    ['de', 'Go-live-Zertifikat von agent001'],
    ['zh-Hans', 'agent001 的上线证书'],
  ] as const) {
    await page.evaluate((chosen) => localStorage.setItem('lobbykey-language', chosen), language)
    await bench.show(page, '/merchants/agent001?tab=certificate')
    await page.getByRole('heading', { name: title }).waitFor()
    assert.equal((await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1, language)
  }
  assert.deepEqual(complaints, [])
  await page.context().close()
})

test('a page that is not for it says so, and asks the server for nothing', { skip: absence }, async () => {
  const { page, complaints, bench } = await opened()
  for (const path of ['/sellers', '/sellers/someone', '/services', '/signing-keys', '/audit', '/operators', '/operators/someone']) {
    await bench.show(page, path)
    await page.getByRole('heading', { name: 'Not for your role' }).waitFor()
  }
  await bench.show(page, '/members')
  await page.getByRole('link', { name: 'uid001' }).first().waitFor()
  assert.deepEqual(complaints, [])
  await page.context().close()
})
