import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { sampleMerchant, sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { absence, accessibilityFaults, BrowserBench } from './browser.ts'

const bench = absence === false ? await BrowserBench.start() : null
after(() => bench?.close())

function browserTest(title: string, run: (bench: BrowserBench) => Promise<void>): void {
  test(title, { skip: absence }, async () => {
    assert.ok(bench)
    await run(bench)
    assert.deepEqual(bench.complaints, [])
  })
}

async function sendAndRead(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('[aria-label=Answer][aria-busy=false]').waitFor()
  return textOf(page.getByTestId('code'))
}

async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? ''
}

browserTest('on a phone the answer comes into view; Send is the bottom of its form', async (at) => {
  const page = await at.open('/playground')
  await page.setViewportSize({ width: 390, height: 844 })
  const inForm = page.getByRole('region', { name: 'Fields' }).getByRole('button', { name: 'Send' })
  assert.ok(await inForm.isVisible())
  await sendAndRead(page)
  const isInView = `(() => { const { top, bottom } = document.querySelector('[data-testid=code]').getBoundingClientRect(); return top >= 0 && bottom <= innerHeight })()`
  await page.waitForFunction(isInView)
})

browserTest('a newcomer logs a member in with one click and opens the lobby in a tab', async (at) => {
  const page = await at.open('/playground')
  assert.equal(await sendAndRead(page), '200')
  const [lobby] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'Open the lobby in a tab' }).click()])
  await lobby.getByRole('heading', { name: 'Welcome, uid001' }).waitFor()
})

browserTest('every field of a login, filled with examples, is accepted', async (at) => {
  const page = await at.open('/playground')
  await page.getByRole('button', { name: 'Fill the empty fields with examples' }).click()
  assert.equal(await sendAndRead(page), '200')
})

browserTest('the canonical string grows as one types, and says what it leaves out', async (at) => {
  const page = await at.open('/playground')
  const canonical = page.getByTestId('canonical')
  assert.doesNotMatch(await textOf(canonical), /game_code|l4gnD61pz4arJyv8/)
  await page.getByText('game_code: empty').waitFor()
  await page.getByLabel('game_code').pressSequentially('101')
  assert.match(await textOf(canonical), /&game_code=101&language=en-US/)
  await page.getByText('callback: not signed under this profile').waitFor()
  await page.getByLabel('Callback', { exact: true }).selectOption('signed')
  await page.getByText('callback: empty').waitFor()
})

browserTest('a wrong field shows its rule as it is typed; the server says the same', async (at) => {
  const page = await at.open('/playground')
  const rule = 'must be a string of 3 to 10 of A-Z 0-9'
  await page.getByLabel('currency').fill('vnd')
  await page.getByText(rule, { exact: true }).waitFor()
  assert.equal(await page.getByLabel('currency').getAttribute('aria-invalid'), 'true')
  assert.equal(await sendAndRead(page), '408000')
  await page.getByText(`Request Parameter Error: currency ${rule}`, { exact: true }).waitFor()
  await page.getByText('The message names the field and its rule.').waitFor()
})

browserTest('a wrong key is answered 600100, with its cause and cure', async (at) => {
  const page = await at.open('/playground')
  await page.getByLabel('Merchant key').fill('not-the-key-at-all')
  assert.equal(await sendAndRead(page), '600100')
  await page.getByText('The signature does not match', { exact: false }).first().waitFor()
})

browserTest('a wrong signature is explained in a sentence, with its cure', async (at) => {
  const page = await at.open('/playground')
  await page.getByLabel('Merchant key').fill('l4gnD61pz4arJyv8 ')
  assert.equal(await sendAndRead(page), '600100')
  await page.getByRole('button', { name: 'Why is my signature invalid?' }).click()
  const status = page.getByRole('status').filter({ hasText: 'key' })
  await status
    .getByText(/blank|space/)
    .first()
    .waitFor()
  assert.doesNotMatch(await textOf(status), /l4gnD61pz4arJyv8/)
  assert.deepEqual(await accessibilityFaults(page), [])
})

browserTest('a member is created, locked, refused, unlocked and logged out', async (at) => {
  const page = await at.open('/playground')
  const choose = (name: string) => page.getByRole('navigation', { name: 'Calls' }).getByRole('button', { name }).click()
  await choose('Member create')
  await page.getByLabel('user_id').fill('uid777')
  assert.equal(await sendAndRead(page), '200')
  await choose('Member lock')
  assert.equal(await page.getByLabel('user_id').inputValue(), 'uid777')
  await page.getByLabel('status').selectOption('LockAll')
  assert.equal(await sendAndRead(page), '200')
  await choose('Member login')
  assert.equal(await sendAndRead(page), '700108')
  await choose('Member lock')
  await page.getByLabel('status').selectOption('Active')
  assert.equal(await sendAndRead(page), '200')
  await choose('Member login')
  assert.equal(await sendAndRead(page), '200')
  await choose('Member logout')
  assert.equal(await sendAndRead(page), '200')
})

browserTest('a seller logs in, sees the token run down, asks who they are, refreshes and logs out', async (at) => {
  const page = await at.open('/playground#call=seller.login')
  assert.equal(await sendAndRead(page), '0000')
  assert.match(await textOf(page.getByTestId('expiry')), /^Expires in 23 h 5\d min/)
  const token = page.getByLabel('Access token', { exact: true })
  await token.getByText('RS256').waitFor()
  await token.getByRole('button', { name: 'Who am I' }).click()
  await page.getByText(sampleSeller.email).waitFor()
  const before = await page.getByRole('textbox', { name: 'Access token' }).inputValue()
  await page.getByRole('button', { name: 'Refresh' }).last().click()
  await page.getByRole('heading', { name: 'Refresh' }).waitFor()
  await page.getByTestId('code').getByText('0000').waitFor()
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Seller logout' }).waitFor()
  await page.getByTestId('code').getByText('0000').waitFor()
  await token.getByText('Logged out: the server refuses this token now.').waitFor()
  assert.equal(await page.getByTestId('expiry').count(), 0)
  assert.equal(await page.getByText('Every field is within its rule.').count(), 0)
  assert.notEqual(await page.getByRole('textbox', { name: 'Access token' }).inputValue(), before)
  await page.getByRole('button', { name: 'Who am I' }).last().click()
  await page.getByTestId('code').getByText('10010').waitFor()
})

browserTest('an empty key is named, since nothing can be signed without one; a typed signature needs none', async (at) => {
  const page = await at.open('/playground')
  await page.getByText('Every field is within its rule.').waitFor()
  await page.getByLabel('Merchant key').fill('')
  await page.getByText('The merchant key is empty, so the signature is wrong. You can send it to see the answer.').waitFor()
  await page.getByText('is required to sign').waitFor()
  assert.equal(await sendAndRead(page), '600100')
  await page.getByRole('textbox', { name: 'sign', exact: true }).fill('0'.repeat(32))
  await page.getByText('Every field is within its rule.').waitFor()
})

browserTest('[check 71] the key is sent nowhere, kept nowhere, and in no address, unless it is to be remembered', async (at) => {
  const page = await at.open('/playground')
  const sent: string[] = []
  page.on('request', (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`))
  await page.getByLabel('Merchant key').fill('canary-merchant-key')
  await page.getByLabel('game_code').fill('101')
  assert.equal(await sendAndRead(page), '600100')
  await page.waitForURL(/game_code=101/)
  const stored = () => page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')
  assert.ok(sent.length > 0)
  for (const text of [...sent, page.url(), String(await stored())]) assert.doesNotMatch(text, /canary/)

  await page.getByLabel('Remember the key in this browser').check()
  assert.match(String(await stored()), /canary-merchant-key/)
  await page.reload()
  assert.equal(await page.getByLabel('Merchant key').inputValue(), 'canary-merchant-key')
  await page.getByLabel('Remember the key in this browser').uncheck()
  assert.doesNotMatch(String(await stored()), /canary/)
  await page.reload()
  assert.equal(await page.getByLabel('Merchant key').inputValue(), sampleMerchant.key)
})

browserTest('a link restores a request', async (at) => {
  const page = await at.open('/playground#call=member.lock&user_id=uid002&status=LockBet&sign-algorithm=hmac-sha256')
  await page.getByRole('heading', { name: 'Member lock' }).waitFor()
  assert.equal(await page.getByLabel('user_id').inputValue(), 'uid002')
  assert.equal(await page.getByLabel('status').inputValue(), 'LockBet')
  assert.match(await textOf(page.getByTestId('digest')), /^[0-9a-f]{64}$/)
})

browserTest('the request as code, in seven languages, with the key only when asked', async (at) => {
  const page = await at.open('/playground')
  const source = page.getByLabel('Without a library')
  for (const language of ['curl', 'JavaScript', 'Python', 'PHP', 'Java', 'Go', 'C#']) {
    await page.getByRole('tab', { name: language, exact: true }).click()
    assert.match(await textOf(source), /your-merchant-key[\s\S]*\/api\/member\/login/)
  }
  await page.getByLabel('With my key').check()
  assert.match(await textOf(source), new RegExp(sampleMerchant.key))
})

browserTest('a login by keyboard alone', async (at) => {
  const page = await at.open('/playground')
  const focused = () => page.evaluate('document.activeElement.textContent')
  for (let presses = 0; presses < 60 && (await focused()) !== 'Send'; presses++) await page.keyboard.press('Tab')
  assert.equal(await focused(), 'Send')
  await page.keyboard.press('Enter')
  await page.getByTestId('code').getByText('200').waitFor()
  for (let presses = 0; presses < 20 && (await focused()) !== 'Open the lobby in a tab'; presses++) await page.keyboard.press('Tab')
  assert.equal(await focused(), 'Open the lobby in a tab')
})
