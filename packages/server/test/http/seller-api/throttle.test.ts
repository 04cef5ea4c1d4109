import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../../src/config/settings.ts'
import { sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { codeOf, type LoginOptions, login, loginTokens, sellerAdmin, wrongPassword } from '../../support/seller-calls.ts'
import { testStores } from '../../support/stores.ts'

const { email } = sampleSeller

async function start(context: { after(done: () => Promise<void>): void }, settings: Partial<Settings> = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({ settings })
  context.after(() => gateway.close())
  return gateway
}

const guess = (gateway: TestGateway, options: LoginOptions = {}) => login(gateway, { password: wrongPassword, ...options })

test('[check 7] the right password of a disabled account counts as a wrong one, or five tries would tell it', async (context) => {
  const gateway = await start(context)
  await (await sellerAdmin(gateway)).setStatus(email, 'disabled')
  for (let i = 0; i < 5; i++) assert.equal(codeOf(await login(gateway)), '10006')
  assert.equal(codeOf(await login(gateway)), '10007')
})

test('[check 7] [check 8] after five wrong passwords 10007 even for the right one; the same for an unknown e-mail', async (context) => {
  const gateway = await start(context)
  for (const account of [email, 'nobody@example.com']) {
    for (let i = 0; i < 5; i++) assert.equal(codeOf(await guess(gateway, { email: account })), '10006')
    const waits: unknown[] = []
    for (let i = 0; i < 4; i++) {
      const answer = await login(gateway, { email: account })
      assert.deepEqual([answer.status, codeOf(answer)], [429, '10007'])
      const seconds = Number(answer.headers['retry-after'])
      waits.push(seconds)
      gateway.clock.advance(seconds * 1_000 - 1)
      assert.deepEqual([codeOf(await login(gateway, { email: account })), waits.length], ['10007', i + 1])
      gateway.clock.advance(1)
      assert.equal(codeOf(await guess(gateway, { email: account })), '10006')
    }
    assert.deepEqual(waits, [1, 2, 4, 8])
  }
  gateway.clock.advance(16_000)
  await loginTokens(gateway)
  await loginTokens(gateway)
})

test('[check 8] [check 47] spellings of an e-mail share one counter', async (context) => {
  const gateway = await start(context)
  for (const spelling of [email, email.toUpperCase(), ` ${email}`, 'Seller@EXAMPLE.com', `${email}\t`])
    await guess(gateway, { email: spelling })
  assert.equal(codeOf(await login(gateway)), '10007')
})

test('counters survive a restart', async (context) => {
  const gateway = await start(context)
  for (let i = 0; i < 5; i++) await guess(gateway)
  await gateway.restart()
  assert.equal(codeOf(await login(gateway)), '10007')
})

test('[check 8] a lock looks like a wrong password, its owner can log in from a known address, and the operator lifts it', async (context) => {
  const gateway = await start(context, { loginBackoffAfter: 3, loginLockAfter: 3 })
  const home = '192.0.2.1'
  await loginTokens(gateway, { address: home })
  for (let i = 0; i < 3; i++) assert.equal(codeOf(await guess(gateway, { address: `198.51.100.${i}` })), '10006')
  assert.equal(codeOf(await login(gateway, { address: '198.51.100.9' })), '10007')
  await loginTokens(gateway, { address: home })
  gateway.clock.advance(60_000)
  assert.equal(codeOf(await login(gateway, { address: '198.51.100.9' })), '10006')
  await loginTokens(gateway, { address: home })
  assert.equal(codeOf(await login(gateway, { address: '198.51.100.9' })), '10007')
  await (await sellerAdmin(gateway)).unlock(email)
  await loginTokens(gateway, { address: '198.51.100.9' })
})

test('[check 8] a wrong try does not make an address known', async (context) => {
  const gateway = await start(context, { loginBackoffAfter: 2, loginLockAfter: 2 })
  for (let i = 0; i < 2; i++) await guess(gateway, { address: '198.51.100.1' })
  gateway.clock.advance(60_000)
  assert.equal(codeOf(await login(gateway, { address: '198.51.100.1' })), '10006')
})

test('unlocking ends the backoff at a known address, too', async (context) => {
  const gateway = await start(context)
  await loginTokens(gateway, { address: '2001:db8::1' })
  for (let i = 0; i < 5; i++) await guess(gateway, { address: '2001:db8::2' })
  assert.equal(codeOf(await login(gateway, { address: '2001:db8::1' })), '10007')
  await (await sellerAdmin(gateway)).unlock(email)
  await loginTokens(gateway, { address: '2001:db8::1' })
})

test('[check 8] a hundred parallel guesses get five tries', async (context) => {
  const gateway = await start(context)
  const codes = (await Promise.all(Array.from({ length: 100 }, (_, index) => guess(gateway, { address: `10.0.0.${index}` })))).map(codeOf)
  assert.deepEqual([codes.filter((code) => code === '10006').length, codes.filter((code) => code === '10007').length], [5, 95])
})

for (const storeKind of testStores()) {
  test(`[check 8] a hundred parallel guesses over two nodes get at most five tries each, all counted (${storeKind.name})`, async (context) => {
    const gateway = await startTestGateway({ storeKind })
    const other = await gateway.openSecondNode()
    context.after(async () => {
      await other.close()
      await gateway.close()
    })
    const tries = Array.from({ length: 100 }, (_, index) => guess(index % 2 === 0 ? gateway : other, { address: `10.0.0.${index}` }))
    const codes = (await Promise.all(tries)).map(codeOf)
    const wrong = codes.filter((code) => code === '10006').length
    assert.ok(wrong >= 5 && wrong <= 10, String(wrong))
    assert.equal(codes.filter((code) => code === '10007').length, 100 - wrong)
    // The wait of that many consecutive wrong passwords: all of them were counted.
    const waits = await Promise.all([gateway, other].map((node) => login(node, { address: '10.0.1.1' })))
    for (const { headers } of waits) assert.equal(headers['retry-after'], String(Math.min(60, 2 ** (wrong - 5))))
  })
}

test('a burst of right logins of one account succeeds, even after a few wrong ones', async (context) => {
  const gateway = await start(context)
  for (let i = 0; i < 4; i++) await guess(gateway)
  const answers = await Promise.all(Array.from({ length: 12 }, () => login(gateway)))
  assert.deepEqual([...new Set(answers.map(codeOf))], ['0000'])
})

test('an address may be wrong so often per minute, whatever account it names; others are not delayed', async (context) => {
  const gateway = await start(context, { loginFailuresPerAddressMinute: 6 })
  for (let i = 0; i < 6; i++) assert.equal(codeOf(await guess(gateway, { email: `s${i}@example.com`, address: '203.0.113.1' })), '10006')
  const answer = await login(gateway, { address: '203.0.113.1' })
  assert.deepEqual([codeOf(answer), answer.headers['retry-after']], ['10007', '10'])
  await loginTokens(gateway, { address: '203.0.113.2' })
  gateway.clock.advance(10_000)
  await loginTokens(gateway, { address: '203.0.113.1' })
})

test('[check 40] nothing is hashed for a throttled login', async (context) => {
  const gateway = await start(context, { passwordLaneWidth: 1, passwordQueueMax: 0 })
  for (let i = 0; i < 5; i++) await guess(gateway)
  // The lane has room for one: if any of these were hashed, others would get "busy".
  const codes = (await Promise.all(Array.from({ length: 50 }, () => guess(gateway)))).map(codeOf)
  assert.deepEqual(
    codes.filter((code) => code !== '10007' && code !== '10012'),
    [],
  )
  assert.ok(codes.includes('10007'))
  assert.equal(codeOf(await login(gateway, { email: 'other@example.com' })), '10006')
})

test('refusals are recorded with account and reason; the answer reveals neither', async (context) => {
  const gateway = await start(context)
  const { id } = await (await sellerAdmin(gateway)).get(email)
  for (let i = 0; i < 7; i++) await guess(gateway)
  await gateway.flushRefusals()
  const events = await gateway.store.refusals.list({ kind: 'seller.login_refused', limit: 10 })
  const counts: Record<string, number> = {}
  for (const { code, count = 1, subject, address, details } of events) {
    assert.deepEqual([subject, address], [id, '127.0.0.1'])
    const outcome = `${code} ${details?.reason}`
    counts[outcome] = (counts[outcome] ?? 0) + count
  }
  assert.deepEqual(counts, { '10006 wrong-password': 5, '10007 throttled': 2 })
  assert.ok(!JSON.stringify(events).includes(wrongPassword))
})
