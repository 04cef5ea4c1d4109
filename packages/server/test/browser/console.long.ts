import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { SandboxLink } from '../../src/core/operators/sandbox-link.ts'
import { startTestGateway } from '../support/gateway.ts'
import { codeOf, enrol, type Member } from '../support/operator-accounts.ts'
import { freePort } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { absence, accessibilityFaults, launchBrowser } from './browser.ts'

/** A real Chromium before a real admin listener, with calls of the sandbox's partners to look at. */
async function openBench() {
  const adminPort = await freePort()
  const adminUrl = `http://localhost:${adminPort}`
  const sandboxLink = new SandboxLink()
  const gateway = await startTestGateway({ settings: { adminPort, adminUrl }, sandboxLink })
  gateway.clock.advance(Date.now() - gateway.clock.now())
  await gateway.hearChanges()
  await gateway.admin.listen({ host: 'localhost', port: adminPort })
  const browser = await launchBrowser()
  return { adminUrl, gateway, sandboxLink, browser, requestIds: await makeCalls(gateway) }
}

/** A login that is let in, one of each of three mistakes, and one from an address that is on no list. @returns request IDs by code */
async function makeCalls(gateway: Awaited<ReturnType<typeof startTestGateway>>): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  const send = async (changes: object, key?: string, address?: string) => {
    const body = signed(loginBody(gateway.clock.now(), { ...changes }), key === undefined ? {} : { key })
    const { json, headers } = await gateway.post('/api/member/login', body, address === undefined ? {} : { address })
    ids.set(String((json as { code: number }).code), String(headers['x-request-id']))
  }
  await send({})
  await send({}, 'l4gnD61pz4arJyv8 ')
  await send({ user_id: 'unknown01' })
  await send({}, undefined, '203.0.113.9')
  await Promise.all([gateway.flushTraces(), gateway.flushCounts(), gateway.flushRefusals(), gateway.flushKeyUses(), gateway.flushClocks()])
  return ids
}

const bench = absence === false ? await openBench() : null
after(async () => {
  await bench?.browser.close()
  await bench?.gateway.close()
})

/** A page of the console as an operator who has signed in, and what it complains about. */
async function openAs(cookie: string): Promise<{ page: Page; complaints: string[] }> {
  assert.ok(bench)
  const { adminUrl, browser } = bench
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(20_000)
  const at = cookie.indexOf('=')
  await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: adminUrl, sameSite: 'Strict', secure: false }])
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(adminUrl)) complaints.push(`asks ${request.url()}`)
  })
  return { page, complaints }
}

const operators = new Map<string, Member>()
async function operator(role: 'owner' | 'manager' | 'support' | 'auditor' | 'partner'): Promise<string> {
  assert.ok(bench)
  const member = operators.get(role) ?? (await enrol(bench.gateway, role, role === 'partner' ? ['agent001'] : null))
  operators.set(role, member)
  assert.ok(member.visitor.cookie)
  return member.visitor.cookie
}

async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

const screens = [
  '/',
  '/merchants',
  '/merchants/agent001',
  '/merchants/agent001?tab=settings',
  '/merchants/agent001?tab=keys',
  '/merchants/agent001?tab=members',
  '/merchants/agent001/members/uid001',
  '/calls',
  '/members',
  '/members?agentId=agent001',
  '/sellers',
  '/services',
  '/catalogue',
  '/signing-keys',
  '/audit',
  '/operators',
  '/account',
]

test('[check 62] every screen, in both sizes and looks: no fault that axe finds, nothing wider than its window, no complaint', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  const { page, complaints } = await openAs(await operator('owner'))
  const faults: string[] = []
  const paths = [...screens, ...[...bench.requestIds.values()].slice(1, 2).map((id) => `/calls/${id}`)]
  for (const path of paths) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`${bench.adminUrl}/console${path}`)
    await settled(page)
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${path}: ${fault}`))
  }
  assert.deepEqual(faults, [])
  assert.deepEqual(complaints, [])
  await page.context().close()
})

test('each role has the pages that it may see, and no others', { skip: absence }, async () => {
  assert.ok(bench)
  const expected = {
    support: ['Now', 'Merchants', 'Calls', 'Members', 'Sellers', 'Services', 'Catalogue', 'Your account'],
    auditor: [
      'Now',
      'Merchants',
      'Calls',
      'Members',
      'Sellers',
      'Services',
      'Catalogue',
      'Signing keys',
      'Audit',
      'Operators',
      'Your account',
    ],
    partner: ['Now', 'Merchants', 'Calls', 'Members', 'Catalogue', 'Your account'],
  } as const
  for (const [role, pages] of Object.entries(expected)) {
    const { page, complaints } = await openAs(await operator(role as 'support'))
    await page.goto(`${bench.adminUrl}/console`)
    await settled(page)
    assert.deepEqual(await page.locator('#navigation > a').allTextContents(), pages, role)
    await page.goto(`${bench.adminUrl}/console/merchants`)
    await settled(page)
    assert.equal(await page.getByRole('button', { name: 'Add a merchant' }).count(), 0, role)
    assert.deepEqual(complaints, [], role)
    await page.context().close()
  }
})

test('a page that is asked for by nobody leads to the sign-in and back', { skip: absence }, async () => {
  assert.ok(bench)
  const { adminUrl, browser, sandboxLink } = bench
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  await page.goto(`${adminUrl}/console/calls?code=600100`)
  await page.getByLabel('E-mail').waitFor()
  assert.equal(page.url(), `${adminUrl}/sign-in?to=${encodeURIComponent('/console/calls?code=600100')}`)
  // The sandbox's link goes on to the console by itself.
  await page.goto(sandboxLink.url(adminUrl))
  await page.waitForURL(/\/console/)
  await page.getByRole('heading', { name: 'Now' }).waitFor()
  await page.goto(adminUrl)
  await page.getByRole('heading', { name: 'Now' }).waitFor()
  await context.close()
})

test('why do their logins fail: the page explains the signature, and adds the address that was seen', { skip: absence }, async () => {
  assert.ok(bench)
  const { page } = await openAs(await operator('owner'))
  await page.goto(`${bench.adminUrl}/console/merchants/agent001`)
  const refusals = page.getByRole('region', { name: 'Why do its calls fail?' })
  await refusals
    .getByText(/blank|space/)
    .first()
    .waitFor()
  assert.doesNotMatch((await refusals.textContent()) ?? '', /l4gnD61pz4arJyv8/)
  await page.goto(`${bench.adminUrl}/console/calls/${bench.requestIds.get('408003')}`)
  await page.getByRole('button', { name: 'Add to the list' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Add to the list' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const [merchant] = await bench.gateway.store.merchants.load(['agent001'])
  assert.ok(merchant?.settings.allow.includes('203.0.113.9'))
  await page.context().close()
})

test('what is confirmed asks for the second factor; cancelled, it changes nothing', { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway, adminUrl } = bench
  const cookie = await operator('owner')
  gateway.clock.advance(301_000)
  await gateway.hearChanges()
  const { page } = await openAs(cookie)
  await page.goto(`${adminUrl}/console/merchants/usdonly`)
  const status = async () => (await gateway.store.merchants.load(['usdonly']))[0]?.status
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  const confirm = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  await confirm.waitFor({ state: 'hidden' })
  assert.equal(await status(), 'enabled')
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await confirm.getByLabel('Six digits that your app shows').fill(codeOf(gateway, operators.get('owner')?.secret ?? ''))
  await confirm.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('disabled', { exact: true }).first().waitFor()
  assert.equal(await status(), 'disabled')
  await page.context().close()
})

test('Ctrl K finds a merchant and a member, by keyboard alone', { skip: absence }, async () => {
  assert.ok(bench)
  const { page } = await openAs(await operator('owner'))
  await page.goto(`${bench.adminUrl}/console`)
  await settled(page)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('hmac0')
  await page.getByRole('option', { name: 'hmac001 merchant' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'hmac001', level: 1 }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('agent001/uid0')
  await page.getByRole('option', { name: /agent001 \/ uid001/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'uid001', level: 1 }).waitFor()
  await page.context().close()
})

test("a colleague's change in between is told, and what was typed stays", { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway, adminUrl } = bench
  const { page } = await openAs(await operator('owner'))
  await page.goto(`${adminUrl}/console/merchants/autocreate?tab=settings`)
  await page.getByLabel('Requests a second').fill('77')
  gateway.clock.advance(1_000)
  const member = operators.get('owner')
  assert.ok(member)
  const changed = await member.visitor.call('PATCH', '/merchants/autocreate', { callback: 'signed' }, { 'if-match': '*' })
  assert.equal(changed.status, 200)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('alert').waitFor()
  await page.getByRole('button', { name: 'Read it again, and keep what I typed' }).click()
  await page.getByRole('alert').waitFor({ state: 'hidden' })
  assert.equal(await page.getByLabel('Requests a second').inputValue(), '77')
  assert.equal(await page.getByLabel('Callback in the signature').inputValue(), 'signed')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  const [merchant] = await gateway.store.merchants.load(['autocreate'])
  assert.deepEqual([merchant?.settings.ratePerSecond, merchant?.settings.callback], [77, 'signed'])
  await page.context().close()
})

test('a session that ended is told over the page, which goes on after a new sign-in', { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway, adminUrl } = bench
  const member = await enrol(gateway, 'support')
  const { page } = await openAs(member.visitor.cookie ?? '')
  await page.goto(`${adminUrl}/console/calls`)
  await settled(page)
  await page.getByLabel('Address').fill('198.51.100.7')
  await member.visitor.post('signOut', {})
  await page.getByLabel('Live').click()
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor()
  assert.equal(await page.getByLabel('Address').inputValue(), '198.51.100.7')
  await page.context().close()
})
