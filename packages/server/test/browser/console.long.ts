import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { after, test } from 'node:test'
import decodeQR from 'qr/decode.js'
import { CommandLine, temporaryFolder } from '../cli/command-line.ts'
import { codeOf, enrol } from '../support/operator-accounts.ts'
import { makePng } from '../support/pictures.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { absence, looksFaulty } from './browser.ts'
import { ConsoleBench } from './console-bench.ts'

const bench = absence === false ? await ConsoleBench.start() : null
after(() => bench?.close())

test('[check 62] every screen: no finding of axe, nothing wider than a phone, no complaint', { skip: absence }, async () => {
  assert.ok(bench)
  const { page, complaints } = await bench.openAs(await bench.member('owner'))
  const faults: string[] = []
  for (const path of bench.screens()) {
    await bench.show(page, path)
    faults.push(...(await looksFaulty(page)).map((fault) => `${path}: ${fault}`))
  }
  assert.deepEqual(faults, [])
  assert.deepEqual(complaints, [])
  await page.context().close()
})

test('each role has its pages, and no others', { skip: absence }, async () => {
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
      'Proposals',
      'Operators',
      'Your account',
    ],
    partner: ['Now', 'Merchants', 'Calls', 'Members', 'Catalogue', 'Proposals', 'Your account'],
  } as const
  for (const [role, pages] of Object.entries(expected)) {
    const { page, complaints } = await bench.openAs(await bench.member(role as 'support'))
    await bench.show(page, '')
    assert.deepEqual(await page.locator('#navigation > a').allTextContents(), pages, role)
    await bench.show(page, '/merchants')
    assert.equal(await page.getByRole('button', { name: 'Add a merchant' }).count(), 0, role)
    assert.deepEqual(complaints, [], role)
    await page.context().close()
  }
})

test('a page without a session leads to the sign-in and back', { skip: absence }, async () => {
  assert.ok(bench)
  const { adminUrl, browser, sandboxLink } = bench
  const context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  await page.goto(`${adminUrl}/console/calls?code=600100`)
  await page.getByLabel('E-mail').waitFor()
  assert.equal(page.url(), `${adminUrl}/sign-in?to=${encodeURIComponent('/console/calls?code=600100')}`)
  // The sandbox's link continues to the console by itself.
  await page.goto(sandboxLink.url(adminUrl))
  await page.waitForURL(/\/console/)
  await page.getByRole('heading', { name: 'Now' }).waitFor()
  await page.goto(adminUrl)
  await page.getByRole('heading', { name: 'Now' }).waitFor()
  await context.close()
})

test('why do their logins fail: the page explains the signature, and adds the seen address', { skip: absence }, async () => {
  assert.ok(bench)
  const { page } = await bench.openAs(await bench.member('owner'))
  await page.goto(`${bench.adminUrl}/console/merchants/agent001`)
  const refusals = page.getByRole('region', { name: 'Why do its calls fail?' })
  await refusals
    .getByText(/blank|space/)
    .first()
    .waitFor()
  assert.doesNotMatch((await refusals.textContent()) ?? '', /l4gnD61pz4arJyv8/)
  const [known] = await bench.gateway.store.merchants.load(['agent001'])
  const codes = refusals.getByRole('article')
  await codes
    .filter({ hasText: '700103' })
    .getByRole('link', { name: known?.keys[0]?.id ?? assert.fail() })
    .waitFor()
  await codes.filter({ hasText: '600100' }).getByText('Key: none verified').waitFor()
  await codes.filter({ hasText: '408003' }).getByRole('button', { name: 'Add to the list' }).waitFor()
  await page.goto(`${bench.adminUrl}/console/calls/${bench.requestIds.get('408003')}`)
  await page.getByRole('button', { name: 'Add to the list' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Add to the list' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const [merchant] = await bench.gateway.store.merchants.load(['agent001'])
  assert.ok(merchant?.settings.allow.includes('203.0.113.9'))
  await page.goto(`${bench.adminUrl}/console/merchants/agent001`)
  await codes.filter({ hasText: '408003' }).getByText('on the list now').waitFor()
  await page.context().close()
})

test('a merchant is added with its labels, and its page opened', { skip: absence }, async () => {
  assert.ok(bench)
  const { page } = await bench.openAs(await bench.member('owner'))
  await page.goto(`${bench.adminUrl}/console/merchants`)
  await page.getByRole('button', { name: 'Add a merchant' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Merchant ID (agent_id)').fill('newshop')
  await dialog.getByLabel('Labels').fill('team=slots')
  await dialog.getByRole('button', { name: 'Add a merchant' }).click()
  await dialog.getByRole('link', { name: 'Open its page' }).click()
  await page.getByRole('heading', { name: 'newshop', level: 1 }).waitFor()
  await page.goto(`${bench.adminUrl}/console/merchants?label=team%3Dslots`)
  await page.getByRole('row', { name: 'newshop enabled team=slots' }).waitFor()
  await page.context().close()
})

test('roles, interfaces, steps, facts, reasons, mistakes and ways to sign in are shown as words of the language', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  const { gateway } = bench
  const wrong = { email: 'seller@example.com', password: 'not the right one at all' }
  const { headers } = await gateway.post('/merchant-api/seller/auth/login', wrong)
  await gateway.flushTraces()
  const { page } = await bench.openAs(await bench.member('owner'))
  await page.addInitScript("localStorage.setItem('lobbykey-language', 'de')")
  const shows = async (path: string, ...words: (string | RegExp)[]) => {
    await bench?.show(page, path)
    for (const word of words) await page.locator('main').getByText(word, { exact: true }).first().waitFor()
  }
  await shows(`/calls/${headers['x-request-id']}`, 'Verkäufer-API', 'E-Mail und Passwort', 'falsches Passwort')
  await page.getByRole('link', { name: 'Inhaber' }).waitFor()
  const unsigned = `/calls/${bench.requestIds.get('600100')}`
  await shows(unsigned, 'Der Schlüssel wurde mit einem Leerzeichen oder Zeilenumbruch verwendet.', /^md5, 1 Schlüssel probiert, /)
  await shows(unsigned, '127.0.0.1, gegen 2 Einträge', /^Die Signatur passt nicht zu diesen Feldern/)
  await shows('/calls', 'Mitglieder-API: login', 'Signatur', 'Adressliste')
  await shows('/operators', 'Prüfer')
  await shows('/account', 'Link einer Einladung')
  await shows('/audit', 'Befehlszeile')
  await shows('/', /^SQLite, antwortet in/)
  await shows('/merchants/agent001?tab=members', 'H5')
  await page.context().close()
})

test('Ctrl K finds a merchant and a member, with the keyboard only', { skip: absence }, async () => {
  assert.ok(bench)
  const { page } = await bench.openAs(await bench.member('owner'))
  await bench.show(page, '')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('agent0')
  await page.getByRole('option', { name: 'agent001 merchant' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'agent001', level: 1 }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('agent001/uid0')
  await page.getByRole('option', { name: /agent001 \/ uid001/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'uid001', level: 1 }).waitFor()
  await page.context().close()
})

test("a merchant's settings fill a wide window in rows of two, in line, and a phone's in one column", { skip: absence }, async () => {
  assert.ok(bench)
  const { page } = await bench.openAs(await bench.member('owner'))
  await bench.show(page, '/merchants/agent001?tab=settings')
  const boxes = async () => {
    const [lobby, ios] = ['Lobby', 'Lobby on iOS'].map((name) => page.getByLabel(name, { exact: true }))
    return [(await lobby?.boundingBox()) ?? assert.fail(), (await ios?.boundingBox()) ?? assert.fail()] as const
  }
  const [left, right] = await boxes()
  assert.ok(Math.abs(left.y - right.y) < 1 && right.x > left.x + left.width, JSON.stringify({ left, right }))
  const panel = (await page.getByRole('region', { name: 'Settings' }).boundingBox()) ?? assert.fail()
  assert.ok(left.width + right.width > 0.9 * panel.width)
  await page.setViewportSize({ width: 390, height: 844 })
  const [above, below] = await boxes()
  assert.ok(above.x === below.x && below.y > above.y)
  await page.context().close()
})

test("a colleague's change is reported, and input is kept", { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway, adminUrl } = bench
  const { page } = await bench.openAs(await bench.member('owner'))
  await page.goto(`${adminUrl}/console/merchants/agent001?tab=settings`)
  await page.getByLabel('Requests per second').fill('77')
  gateway.clock.advance(1_000)
  const member = await bench.member('owner')
  const changed = await member.visitor.call('PATCH', '/merchants/agent001', { callback: 'signed' }, { 'if-match': '*' })
  assert.equal(changed.status, 200)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('alert').waitFor()
  await page.getByRole('button', { name: 'Reload it and keep what I typed' }).click()
  await page.getByRole('alert').waitFor({ state: 'hidden' })
  assert.equal(await page.getByLabel('Requests per second').inputValue(), '77')
  assert.equal(await page.getByLabel('Callback in the signature').inputValue(), 'signed')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  const [merchant] = await gateway.store.merchants.load(['agent001'])
  assert.deepEqual([merchant?.settings.ratePerSecond, merchant?.settings.callback], [77, 'signed'])
  await page.context().close()
})

test('an ended session is reported over the page, which continues after a new sign-in', { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway } = bench
  const member = await enrol(gateway, 'support')
  const { page } = await bench.openAs(member)
  await bench.show(page, '/calls')
  await page.getByLabel('Address').fill('198.51.100.7')
  await member.visitor.post('signOut', {})
  await page.getByLabel('Live').click()
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor()
  assert.equal(await page.getByLabel('Address').inputValue(), '198.51.100.7')
  await page.context().close()
})

test('a lost connection is reported over the page, which keeps its input and saves it once the server is back', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  const { page } = await bench.openAs(await bench.member('owner'))
  await bench.show(page, '/merchants/agent001?tab=settings')
  await page.getByLabel('Requests per second').fill('55')
  await page.route('**/admin/api/**', (route) => route.abort())
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('alert').getByText('The server cannot be reached. This page keeps trying; what you typed stays.').first().waitFor()
  assert.equal(await page.getByLabel('Requests per second').inputValue(), '55')
  await page.unroute('**/admin/api/**')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  const [merchant] = await bench.gateway.store.merchants.load(['agent001'])
  assert.equal(merchant?.settings.ratePerSecond, 55)
  await page.context().close()
})

test('a confirmed operation asks for the second factor; cancelled, it changes nothing', { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway, adminUrl } = bench
  const owner = await bench.member('owner')
  gateway.clock.advance(301_000)
  await gateway.hearChanges()
  const { page } = await bench.openAs(owner)
  await page.goto(`${adminUrl}/console/merchants/agent001`)
  const status = async () => (await gateway.store.merchants.load(['agent001']))[0]?.status
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  const confirm = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  await confirm.waitFor({ state: 'hidden' })
  assert.equal(await status(), 'enabled')
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await confirm.getByLabel('Six digits that your app shows').fill(codeOf(gateway, owner.secret))
  await confirm.getByRole('button', { name: 'Confirm' }).click()
  await page.getByText('disabled', { exact: true }).first().waitFor()
  assert.equal(await status(), 'disabled')
  await page.context().close()
})

test('a partner asks for an address, and a manager approves it after confirming', { skip: absence }, async () => {
  assert.ok(bench)
  const { page: asking } = await bench.openAs(await bench.member('partner'))
  await bench.show(asking, '/merchants/agent001?tab=settings')
  await asking.getByRole('button', { name: 'Ask for a change: Addresses that may call' }).click()
  const dialog = asking.getByRole('dialog')
  await dialog.getByLabel('Addresses that may call').fill('127.0.0.0/8\n::1\n198.51.100.7')
  await dialog.getByLabel('Why').fill('our second data centre')
  await dialog.getByRole('button', { name: 'Ask for a change' }).click()
  await dialog.getByText('It waits for a decision now.').waitFor()

  const manager = await bench.member('manager')
  const { page: deciding, complaints } = await bench.openAs(manager)
  await bench.show(deciding, '/')
  const waiting = deciding.getByRole('region', { name: 'One proposal waits for your decision' })
  await waiting.getByText('adds 198.51.100.7').waitFor()
  assert.deepEqual(await looksFaulty(deciding), [])
  const badge = deciding.getByRole('navigation', { name: 'Pages' }).getByText('One proposal waits for your decision')
  await badge.waitFor()
  await waiting.getByRole('link', { name: 'Look and decide' }).click()
  const row = deciding.getByRole('row', { name: /our second data centre/ })
  await row.getByText('adds 198.51.100.7').waitFor()
  await row.getByRole('link', { name: /^Colleague \d+$/ }).waitFor({ timeout: 10_000 })
  await row.getByRole('button', { name: 'Approve' }).click()
  await deciding.getByRole('dialog').getByText('Nothing: every call would have been answered the same.').waitFor()
  await deciding.getByRole('dialog').getByLabel('Message to the proposer').fill('welcome')
  await deciding.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
  await deciding.getByText('No proposal waits for a decision.').waitFor()
  const said = deciding.getByRole('status').filter({ hasText: 'Approved. The change is made:' })
  await said.getByRole('link', { name: 'agent001' }).waitFor()
  await said.getByText('The proposer reads your message under Proposals.').waitFor()
  await badge.waitFor({ state: 'detached' })
  assert.deepEqual(await looksFaulty(deciding), [])
  const [merchant] = await bench.gateway.store.merchants.load(['agent001'])
  assert.deepEqual(merchant?.settings.allow.slice(-1), ['198.51.100.7'])
  assert.deepEqual(complaints, [])

  await bench.show(asking, '/proposals?show=all')
  await asking
    .getByRole('row', { name: /our second data centre/ })
    .getByText('made', { exact: true })
    .waitFor()
  await asking.getByText('welcome').waitFor()
  for (const page of [asking, deciding]) await page.context().close()
})

test('a decision is counted for those who may make it only, and declining says that it is done', { skip: absence }, async () => {
  assert.ok(bench)
  const partner = await bench.member('partner')
  const asked = {
    operation: 'merchant.update',
    input: { agentId: 'agent001', callbackOrigins: ['https://new.example.com'] },
    reason: 'a new shop',
  }
  assert.equal((await partner.visitor.call('POST', '/proposals', asked)).status, 201)
  for (const [role, count] of [
    ['partner', 0],
    ['auditor', 0],
    ['support', 0],
    ['owner', 1],
  ] as const) {
    const { page } = await bench.openAs(await bench.member(role))
    await bench.show(page, '/account')
    const badge = page.locator('#navigation .waiting')
    if (count > 0) await badge.waitFor()
    assert.equal(await badge.count(), count, role)
    await page.context().close()
  }
  const { page } = await bench.openAs(await bench.member('owner'))
  await bench.show(page, '/proposals')
  await page.getByRole('button', { name: 'Decline' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('not yet')
  await page.getByRole('dialog').getByRole('button', { name: 'Decline' }).click()
  await page.getByRole('status').getByText('Declined. Nothing was changed:').waitFor()
  await page.context().close()
})

test('a refused callback is allowed, a missing member is added and malformed fields are shown, where the failing logins are', {
  skip: absence,
}, async () => {
  assert.ok(bench)
  const { gateway } = bench
  const login = async (changes: Record<string, unknown>) => {
    const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), changes)))
    await gateway.flushTraces()
    return (json as { code: number }).code
  }
  await gateway.updateMerchant({ status: 'enabled', settings: { callback: 'unsigned' } })
  const fromShop = { callback: 'https://shop.example.com/back' }
  assert.deepEqual(
    [await login(fromShop), await login({ user_id: 'latecomer' }), await login({ platform: 'fridge' })],
    [408000, 700103, 408000],
  )
  const { page, complaints } = await bench.openAs(await bench.member('owner'))
  await bench.show(page, '/merchants/agent001')
  const codes = page.getByRole('region', { name: 'Why do its calls fail?' }).getByRole('article')
  const malformed = codes.filter({ hasText: '408000' })
  await malformed
    .getByText(/platform must be/)
    .first()
    .waitFor()
  await malformed
    .getByText(/has the origin https:\/\/shop\.example\.com/)
    .first()
    .waitFor()
  assert.deepEqual(await looksFaulty(page), [])
  await malformed.getByRole('button', { name: 'Allow this callback' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Allow this callback' }).click()
  await malformed.getByText('on the list now').waitFor()
  const missing = codes.filter({ hasText: '700103' })
  await missing.getByRole('button', { name: 'Add the member' }).click()
  const dialog = page.getByRole('dialog')
  assert.equal(await dialog.getByLabel('User ID').inputValue(), 'latecomer')
  await dialog.getByRole('button', { name: 'Add the member' }).click()
  await missing.getByText('latecomer is added').waitFor()
  await gateway.hearChanges()
  assert.deepEqual([await login(fromShop), await login({ user_id: 'latecomer' })], [200, 200])
  assert.deepEqual(complaints, [])

  const { page: partners } = await bench.openAs(await bench.member('partner'))
  await login({ callback: 'https://other.example.com/back' })
  await bench.show(partners, '/merchants/agent001')
  await partners.getByRole('button', { name: 'Ask to allow this callback' }).waitFor()
  assert.equal(await partners.getByRole('button', { name: 'Add the member' }).count(), 0)
  for (const one of [page, partners]) await one.context().close()
})

test('a label filter that is no label says so at its field, and lists nothing meanwhile', { skip: absence }, async () => {
  assert.ok(bench)
  const { page, complaints } = await bench.openAs(await bench.member('owner'))
  for (const path of ['/merchants', '/sellers', '/services']) {
    await bench.show(page, path)
    const field = page.getByLabel('Label (name=value)')
    await field.fill('team')
    await page.getByText('Write name=value, such as team=slots.').waitFor()
    await page.getByText('Nothing is listed until the filter is right.').waitFor()
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    await field.fill('team=nobody')
    await page.getByText('Write name=value, such as team=slots.').waitFor({ state: 'detached' })
    await page
      .getByText(/^There is no/)
      .first()
      .waitFor()
  }
  assert.deepEqual(await looksFaulty(page), [])
  assert.deepEqual(complaints, [])
  await page.context().close()
})

test('the link of an invitation is a picture for a phone, too, which says the same', { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway } = bench
  const owner = await enrol(gateway, 'owner')
  await gateway.hearChanges()
  const { page, complaints } = await bench.openAs(owner)
  await bench.show(page, '/operators')
  await page.getByRole('button', { name: 'Invite a colleague' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail').fill('ann@example.com')
  await dialog.getByLabel('Name').fill('Ann')
  await dialog.getByRole('button', { name: 'Invite a colleague' }).click()
  const link = (await dialog.locator('code').textContent()) ?? ''
  await dialog.getByRole('button', { name: 'QR code' }).click()
  const picture = dialog.getByRole('img', { name: 'QR code' })
  await picture.waitFor()
  assert.equal(readQr((await picture.innerHTML()).match(/ d="([^"]*)"/)?.[1] ?? '', await picture.getAttribute('viewBox')), link)
  assert.deepEqual(await looksFaulty(page), [])
  assert.deepEqual(complaints, [])
  await page.context().close()
})

/** What a camera reads in a picture of unit squares. */
function readQr(squares: string, viewBox: string | null): string {
  const scale = 6
  const size = Number(viewBox?.split(' ')[2]) * scale
  const data = new Uint8Array(size * size * 4).fill(255)
  for (const [, x, y] of squares.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < scale; row++) {
      const start = ((Number(y) * scale + row) * size + Number(x) * scale) * 4
      for (let at = start; at < start + scale * 4; at++) if (at % 4 !== 3) data[at] = 0
    }
  }
  return decodeQR({ width: size, height: size, data })
}

test("a merchant's brand is set, refused by name where it cannot be, and removed; a partner only sees it", { skip: absence }, async () => {
  assert.ok(bench)
  const { gateway } = bench
  const { page, complaints } = await bench.openAs(await bench.member('owner'))
  await bench.show(page, '/merchants/agent001?tab=brand')
  const lobbyEnd = async () => {
    await gateway.hearChanges()
    return (await gateway.request('GET', '/lobby/over?agent_id=agent001')).text
  }
  const choose = (name: string, buffer: Buffer) =>
    page.getByLabel('Choose a picture', { exact: true }).setInputFiles({ name, mimeType: 'image/png', buffer })
  const save = () => page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByLabel('Title', { exact: true }).fill('<b>New</b> Gaming')
  await page.getByLabel('Accent colour', { exact: true }).fill('#FFE066')
  await page.getByLabel('Pick: Header colour').fill('#1b1035')
  await page.getByLabel('Support link', { exact: true }).fill('javascript:alert(1)')
  await choose('logo.png', Buffer.alloc(64 * 1024 + 1))
  await page.getByText('The file is larger than 64 KiB.').waitFor()
  await choose('logo.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
  await page.getByText('The file is larger than').waitFor({ state: 'detached' })
  await save()
  await page.getByText(/must be an https URL|this is markup, such as SVG/).waitFor()
  await page.getByLabel('Support link', { exact: true }).fill('https://help.acme.example')
  await save()
  await page.getByText('this is markup, such as SVG or HTML').waitFor()
  assert.match(await lobbyEnd(), /<bdi>Acme</)
  await choose('logo.png', makePng({ width: 160, height: 40 }))
  await page.waitForFunction('document.querySelector(".logo-shown img").naturalWidth === 160')
  await save()
  await page.getByText('Saved.').waitFor()
  await page.getByText(/Links on light pages are drawn in/).waitFor()
  assert.equal(await page.getByLabel('Accent colour', { exact: true }).inputValue(), '#ffe066')
  const dressed = await lobbyEnd()
  assert.match(dressed, /&#60;b&#62;New&#60;\/b&#62; Gaming/)
  assert.match(dressed, /--band:#1b1035.*\/brand\/logo\/.*https:\/\/help\.acme\.example/s)

  await bench.show(page, '/brands')
  await page
    .getByRole('row', { name: /agent001/ })
    .getByText('160 × 40')
    .waitFor()
  const { page: partners } = await bench.openAs(await bench.member('partner'))
  await bench.show(partners, '/merchants/agent001?tab=brand')
  await partners.getByText('<b>New</b> Gaming').waitFor()
  assert.equal(await partners.getByRole('button', { name: 'Save' }).count(), 0)

  await bench.show(page, '/merchants/agent001?tab=brand')
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), '<b>New</b> Gaming')
  await page.getByRole('button', { name: 'Remove the brand' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the brand' }).click()
  // Until the dialog has gone there are two of these.
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Remove the brand' }).waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), '')
  assert.match(await lobbyEnd(), /<bdi>The platform</)
  // The browser notes each refused save, and that there is no brand.
  assert.deepEqual(
    complaints.filter((text) => !text.startsWith('Failed to load resource')),
    [],
  )
  for (const one of [page, partners]) await one.context().close()
})

test("a merchant's members come from a file as a desk saves it: tried first, then imported, in parts, and refused lines are named", {
  skip: absence,
}, async (context) => {
  assert.ok(bench)
  const { gateway, adminUrl } = bench
  const { page, complaints } = await bench.openAs(await bench.member('manager'))
  context.after(() => page.context().close())
  await page.goto(`${adminUrl}/console/merchants/agent001?tab=members`)
  await page.getByRole('button', { name: 'Import members' }).click()
  const dialog = page.getByRole('dialog')
  const choose = async (name: string, buffer: Buffer) => dialog.locator('input[type=file]').setInputFiles({ name, mimeType: '', buffer })
  const formIs = (form: string) => dialog.locator(`option[value=${form}]:checked`).waitFor({ state: 'attached' })

  await choose('members.xlsx', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(60)]))
  await dialog.getByRole('alert').getByText('This file is a workbook: save it as CSV, in Excel as "CSV UTF-8".').waitFor()
  await choose('members.json', Buffer.from('[\n  {"user_id": "desk_0"}\n]'))
  await formIs('ndjson')
  await dialog.getByRole('button', { name: 'Try it' }).click()
  await dialog.getByText(/This file is a JSON array/).waitFor()

  const rows = Array.from({ length: 2_500 }, (_, index) => `desk_${index}\t${index === 2_400 ? 'Jürgen' : `Name_${index}`}`)
  await choose('members.txt', Buffer.from(`\ufeffUSER_ID\tuser_name\r\n${rows.join('\r\n')}\r\n\t\r\n`, 'utf16le'))
  await formIs('csv')
  await dialog.getByRole('button', { name: 'Try it' }).click()
  await dialog.getByText('2499 would be added, 0 are there already').waitFor()
  await dialog.getByText('Line 2402: user_name must be a string of 1 to 64 of A-Z a-z 0-9 _').waitFor()
  assert.deepEqual(await looksFaulty(page), [])
  assert.equal(await gateway.store.members.find('agent001', 'desk_0'), null)
  await dialog.getByRole('button', { name: 'Import members' }).click()
  await dialog.getByText('2499 added, 0 were there already').waitFor()
  assert.equal((await gateway.store.members.find('agent001', 'desk_2499'))?.userName, 'Name_2499')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('link', { name: 'desk_0', exact: true }).waitFor()
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes('status of 400')),
    [],
  )

  for (const [role, buttons] of [
    ['support', 0],
    ['partner', 0],
    ['owner', 1],
  ] as const) {
    const { page: other } = await bench.openAs(await bench.member(role))
    context.after(() => other.context().close())
    await bench.show(other, '/merchants/agent001?tab=members')
    assert.equal(await other.getByRole('button', { name: 'Import members' }).count(), buttons, role)
  }
})

test('[check 63] a terminal asks for a token: its code is typed, compared and confirmed, in each language', {
  skip: absence,
}, async (t) => {
  assert.ok(bench)
  const { gateway, adminUrl } = bench
  const member = await enrol(gateway, 'support')
  const { page, complaints } = await bench.openAs(member)
  const screens = {
    en: { code: 'The code that the program shows', next: 'Go on', compare: /Compare the code/, allow: 'Allow it', said: /^Allowed\./ },
    de: {
      code: 'Der Code, den das Programm anzeigt',
      next: 'Weiter',
      compare: /Vergleichen Sie Code/,
      allow: 'Zulassen',
      said: /^Zugelassen\./,
    },
    'zh-Hans': { code: '程序显示的代码', next: '继续', compare: /与您面前的终端核对/, allow: '允许', said: /^已允许。/ },
  }
  for (const [language, words] of Object.entries(screens)) {
    await page.goto(`${adminUrl}/console/connect`)
    await page.evaluate(`localStorage.setItem('lobbykey-language', '${language}')`)
    const command = new CommandLine({ XDG_CONFIG_HOME: await temporaryFolder(t) })
    const running = Promise.withResolvers<void>()
    let isShown = () => {}
    const shown = new Promise<void>((resolve) => {
      isShown = resolve
    })
    command.pause = async (ms) => {
      gateway.clock.advance(ms)
      isShown()
      await running.promise
    }
    const result = command.run(['connect', adminUrl, '--right', 'merchants.read,members.read', '--merchant', 'agent001', '--days', '7'])
    await shown
    const [, url = '', userCode = ''] = /^Open (\S+)[\s\S]*^ {4}(\S+)$/m.exec(command.shown()) ?? []
    await page.goto(url)
    await page.getByLabel(words.code).fill(userCode.toLowerCase().replace('-', ''))
    await page.getByRole('button', { name: words.next }).click()
    await page.getByText(words.compare).waitFor()
    const text = (await page.locator('main').textContent()) ?? ''
    for (const fact of [userCode, hostname(), '127.0.0.1', 'agent001', 'merchants.read', 'members.read', member.email]) {
      assert.ok(text.includes(fact), `${language}: ${fact} is not shown`)
    }
    assert.deepEqual(await looksFaulty(page), [])
    // The second factor is asked for where it is not fresh.
    if (language === 'de') gateway.clock.advance(301_000)
    await page.getByRole('button', { name: words.allow, exact: true }).click()
    if (language === 'de') {
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('textbox').fill(codeOf(gateway, member.secret))
      await dialog.getByRole('button', { name: 'Bestätigen' }).click()
    }
    await page.getByRole('status').getByText(words.said).waitFor()
    running.resolve()
    const { exitCode, errorOutput } = await result
    assert.equal(exitCode, 0, errorOutput)
    assert.equal((await command.json<{ agentId: string }>(['merchant', 'show', 'agent001'])).agentId, 'agent001')
    assert.equal((await command.failure(['merchant', 'show', 'agent007'])).exitCode, 3)
  }
  await page.evaluate(`localStorage.removeItem('lobbykey-language')`)
  assert.deepEqual(
    complaints.filter((complaint) => !/status of 403/.test(complaint)),
    [],
  )
  await page.context().close()
})

test('with CONSOLE_PURPOSE the console asks why, once a session and tab, before it reads any member', { skip: absence }, async () => {
  const asking = await ConsoleBench.start({ consolePurpose: true })
  try {
    const { page, complaints } = await asking.openAs(await asking.member('support'))
    await page.goto(`${asking.adminUrl}/console/merchants/agent001/members/uid001`)
    await page.getByLabel('Why do you look at members?').waitFor()
    assert.deepEqual(await looksFaulty(page), [])
    assert.deepEqual(await asking.gateway.store.events.list({ kind: 'member.viewed', limit: 1 }), [])
    await page.getByLabel('Why do you look at members?').fill('工单 7')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('heading', { name: 'uid001', level: 1 }).waitFor()
    await asking.show(page, '/merchants/agent001?tab=members')
    await page.reload()
    await page.getByRole('link', { name: 'uid001' }).first().waitFor()
    const events = await asking.gateway.store.events.list({ kind: 'member.viewed', limit: 50 })
    assert.ok(events.length > 1)
    assert.deepEqual(new Set(events.map(({ details }) => details?.purpose)), new Set(['工单 7']))
    assert.deepEqual(complaints, [])
    const { page: other } = await asking.openAs(await asking.member('support'))
    await other.goto(`${asking.adminUrl}/console/members?agentId=agent001`)
    await other.getByLabel('Why do you look at members?').waitFor()
  } finally {
    await asking.close()
  }
})
