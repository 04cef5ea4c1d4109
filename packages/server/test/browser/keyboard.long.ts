import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { codeOf, enrol } from '../support/operator-accounts.ts'
import { login, wrongPassword } from '../support/seller-calls.ts'
import { absence } from './browser.ts'
import { ConsoleBench, type ConsoleRole } from './console-bench.ts'

const bench = absence === false ? await ConsoleBench.start() : null
after(() => bench?.close())

const focusedName = `(() => {
  const focused = document.activeElement
  return (focused.getAttribute('aria-label') ?? focused.labels?.[0]?.textContent ?? focused.textContent).trim()
})()`
const isFocusSeen = `(() => {
  const shown = document.activeElement.closest('.mantine-Input-wrapper')?.querySelector('input,textarea,select') ?? document.activeElement
  const { outlineStyle, boxShadow, borderColor } = getComputedStyle(shown)
  return outlineStyle !== 'none' || boxShadow !== 'none' || shown.matches('input,textarea,select') && borderColor !== getComputedStyle(document.body).color
})()`

/** Someone without a mouse. */
class Keyboard {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  press(key: string): Promise<void> {
    return this.#page.keyboard.press(key)
  }

  type(text: string): Promise<void> {
    return this.#page.keyboard.type(text)
  }

  /** Goes on with Tab until this has the focus, which must show. */
  async reach(name: string | RegExp | { readonly to: string }): Promise<void> {
    const passed: string[] = []
    for (let presses = 0; presses < 80; presses++) {
      const focused = String(await this.#page.evaluate(focusedName))
      const link = await this.#page.evaluate('document.activeElement.getAttribute("href")')
      if (typeof name === 'string' ? focused === name : name instanceof RegExp ? name.test(focused) : link === name.to) {
        assert.ok(await this.#page.evaluate(isFocusSeen), `the focus on ${focused} does not show`)
        return
      }
      passed.push(focused.slice(0, 40))
      await this.press('Tab')
    }
    assert.fail(`${JSON.stringify(name)} is not reached: ${passed.join(' | ')}`)
  }

  async use(name: Parameters<Keyboard['reach']>[0]): Promise<void> {
    await this.reach(name)
    await this.press('Enter')
  }

  /** Finds a page by its name and opens it. */
  async find(text: string, option: string | RegExp): Promise<void> {
    await this.press('Control+k')
    await this.type(text)
    await this.#page.getByRole('option', { name: option }).waitFor()
    await this.press('Enter')
  }
}

async function sitDown(context: TestContext, role: ConsoleRole) {
  assert.ok(bench)
  const member = await enrol(bench.gateway, role)
  await bench.gateway.hearChanges()
  const { page, complaints } = await bench.openAs(member)
  context.after(() => page.context().close())
  await bench.show(page, '')
  const dialog = page.getByRole('dialog')
  return { gateway: bench.gateway, member, page, complaints, dialog, keyboard: new Keyboard(page) }
}

const options = { skip: absence }

test('by keyboard: why a merchant’s calls fail', options, async (context) => {
  const { page, keyboard } = await sitDown(context, 'support')
  await keyboard.find('agent001', 'agent001 merchant')
  await page.getByRole('region', { name: 'Why do its calls fail?' }).getByText('600100').waitFor()
  const id = bench?.requestIds.get('600100') ?? ''
  await keyboard.use({ to: `/console/calls/${id}` })
  await page.getByRole('heading', { name: `Call ${id}` }).waitFor()
  await page
    .getByText(/blank|space/)
    .first()
    .waitFor()
})

test('by keyboard: a key is rotated, after confirming', options, async (context) => {
  const { gateway, member, page, dialog, keyboard } = await sitDown(context, 'manager')
  gateway.clock.advance(301_000)
  await keyboard.find('agent001', 'agent001 merchant')
  await page.getByRole('heading', { name: 'agent001', level: 1 }).waitFor()
  await keyboard.use('Keys')
  await keyboard.use('Create a second key')
  await keyboard.use('Create a second key')
  const confirm = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await confirm.waitFor()
  await keyboard.reach(/^Six digits that your app shows/)
  await keyboard.type(codeOf(gateway, member.secret))
  await keyboard.press('Enter')
  await dialog
    .getByRole('status')
    .locator('code')
    .filter({ hasText: /^[A-Za-z0-9]{32}$/ })
    .waitFor()
  await keyboard.use('Close')
  await dialog.waitFor({ state: 'hidden' })
  assert.equal(await page.getByRole('button', { name: 'Create a second key' }).count(), 0, 'there are at most two keys')
  const [merchant] = await gateway.store.merchants.load(['agent001'])
  assert.equal(merchant?.keys.filter(({ retiredAt }) => retiredAt === null).length, 2)
})

test('by keyboard: a member’s sessions are ended', options, async (context) => {
  const { gateway, page, dialog, keyboard } = await sitDown(context, 'support')
  await keyboard.find('agent001/uid001', /agent001 \/ uid001/)
  await page.getByRole('heading', { name: 'uid001', level: 1 }).waitFor()
  await keyboard.use('End its sessions')
  await keyboard.use('End its sessions')
  await dialog.getByRole('status').waitFor()
  await keyboard.use('Close')
  const sessions = await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())
  assert.deepEqual(sessions, [])
})

test('by keyboard: a seller who guessed too often is unlocked', options, async (context) => {
  const { gateway, page, dialog, keyboard } = await sitDown(context, 'support')
  for (let guesses = 0; guesses < 5; guesses++) await login(gateway, { password: wrongPassword })
  assert.equal((await login(gateway)).status, 429)
  await keyboard.find('seller@', /seller@example\.com/)
  await page.getByRole('heading', { name: 'seller@example.com', level: 1 }).waitFor()
  await keyboard.use('Unlock')
  await keyboard.use('Unlock')
  await dialog.waitFor({ state: 'hidden' })
  assert.equal((await login(gateway)).status, 200)
})

test('by keyboard: a proposal is approved', options, async (context) => {
  const { gateway, page, complaints, keyboard } = await sitDown(context, 'manager')
  const partner = await enrol(gateway, 'partner', ['agent001'])
  const change = { operation: 'merchant.update', input: { agentId: 'agent001', allow: ['127.0.0.0/8', '::1', '198.51.100.9'] } }
  assert.equal((await partner.visitor.call('POST', '/proposals', { ...change, reason: 'our new office' })).status, 201)
  await keyboard.find('Proposals', /Proposals/)
  await page.getByText('our new office').waitFor()
  await keyboard.use('Approve')
  await keyboard.reach('Message to the proposer')
  await keyboard.type('welcome')
  await keyboard.press('Enter')
  await page.getByText('No proposal waits for a decision.').waitFor()
  const [merchant] = await gateway.store.merchants.load(['agent001'])
  assert.deepEqual(merchant?.settings.allow.slice(-1), ['198.51.100.9'])
  // The search asks whether the text is the ID of a call.
  assert.deepEqual(
    complaints.filter((text) => !text.includes('status of 404')),
    [],
  )
})
