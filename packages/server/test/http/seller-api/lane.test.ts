/** Who gets a hash while strangers guess as fast as they can: the short form, without timing, of deep/login-flood.deep.ts. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import timers from 'node:timers/promises'
import type { Settings } from '../../../src/config/settings.ts'
import { sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { authPath, bearer, codeOf, login, loginTokens, sellerAdmin, wrongPassword } from '../../support/seller-calls.ts'

const { email, password } = sampleSeller
const home = '192.0.2.1'
const another = 'a walnut in the harbour'

async function start(context: TestContext, settings: Partial<Settings> = {}): Promise<TestGateway> {
  // Refusals are not delayed here: core/passwords/login-throttle.test covers their delay.
  context.mock.method(timers, 'setTimeout', async () => {})
  const gateway = await startTestGateway({ settings: { passwordLaneWidth: 1, passwordQueueMax: 7, ...settings } })
  context.after(() => gateway.close())
  return gateway
}

function guess(gateway: TestGateway, options: { email?: string; address: string }): Promise<Answer> {
  return login(gateway, { password: wrongPassword, ...options })
}

/** More logins than the lane holds, each with its own address and account, or the given ones. */
function flood(gateway: TestGateway, count: number, options: { email?: string; address?: string } = {}): Promise<Answer>[] {
  return Array.from({ length: count }, (_, n) => guess(gateway, { email: `s${n}@example.com`, address: `10.7.0.${n}`, ...options }))
}

const counts = (answers: readonly Answer[]) => {
  const by: Record<string, number> = {}
  for (const answer of answers) by[codeOf(answer)] = (by[codeOf(answer)] ?? 0) + 1
  return by
}

test('[check 40] guesses at an account in backoff take no place: strangers elsewhere find the lane free', async (context) => {
  const gateway = await start(context, { passwordQueueMax: 0 })
  for (let n = 0; n < 5; n++) await guess(gateway, { address: `10.8.0.${n}` })
  const guesses = flood(gateway, 50, { email })
  assert.equal(codeOf(await login(gateway, { email: 'nobody@example.com', address: '203.0.113.1' })), '10006')
  assert.deepEqual(counts(await Promise.all(guesses)), { 10007: 50 })
})

test("[check 42] where every place is a known caller's, a login is refused before anything is read of it", async (context) => {
  const gateway = await start(context, { passwordQueueMax: 0 })
  await loginTokens(gateway, { address: home })
  for (let n = 0; n < 5; n++) await guess(gateway, { email: 'nobody@example.com', address: `10.8.0.${n}` })
  let isOver = false
  const running = login(gateway, { address: home }).finally(() => {
    isOver = true
  })
  const throttled: Answer[] = []
  while (!isOver) throttled.push(await guess(gateway, { email: 'nobody@example.com', address: '10.8.1.1' }))
  assert.equal(codeOf(await running), '0000')
  assert.ok((counts(throttled)['10012'] ?? 0) > 0, JSON.stringify(counts(throttled)))
})

test('[check 40] sellers at known addresses are served in the middle of a flood, and can change their password', async (context) => {
  const gateway = await start(context)
  const admin = await sellerAdmin(gateway)
  const sellers = [email, 'one@example.com', 'two@example.com']
  for (const one of sellers.slice(1)) await admin.add(one, password)
  for (const one of sellers) await loginTokens(gateway, { email: one, address: home })
  const { accessToken } = await loginTokens(gateway, { address: home })

  const before = flood(gateway, 60)
  const change = gateway.post(
    `${authPath}/password`,
    { oldPassword: password, newPassword: another },
    { ...bearer(accessToken), address: '198.51.100.77' },
  )
  const honest = sellers.slice(1).map((one) => login(gateway, { email: one, address: home }))
  const after = flood(gateway, 60)
  assert.deepEqual(counts(await Promise.all(honest)), { '0000': 2 })
  assert.equal(codeOf(await change), '0000')
  const strangers = counts(await Promise.all([...before, ...after]))
  assert.ok((strangers['10012'] ?? 0) > 0 && (strangers['10006'] ?? 0) > 0, JSON.stringify(strangers))
})

test('[check 40] a reset link works in the middle of a flood', async (context) => {
  const gateway = await start(context)
  const { token } = await (await sellerAdmin(gateway)).issueResetToken(email)
  const guesses = flood(gateway, 60)
  const reset = await gateway.post(`${authPath}/password/reset`, { resetToken: token, newPassword: another }, { address: '198.51.100.77' })
  assert.equal(codeOf(reset), '0000')
  assert.ok((counts(await Promise.all(guesses))['10012'] ?? 0) > 0)
})

test('[check 40] one address gets a quarter of the places while others wait: a stranger elsewhere is served', async (context) => {
  const gateway = await start(context)
  const guesses = flood(gateway, 60, { address: '10.9.0.1' })
  const strangers = ['203.0.113.1', '203.0.113.2'].map((address) => login(gateway, { address }))
  assert.deepEqual(counts(await Promise.all(strangers)), { '0000': 2 })
  const { 10006: tried = 0, 10007: throttled = 0, 10012: busy = 0 } = counts(await Promise.all(guesses))
  assert.equal(tried + throttled + busy, 60)
  assert.ok(tried <= 8 && busy > 0, JSON.stringify({ tried, throttled, busy }))
})

test('[check 8] guesses that found no room count against their address, not against the account', async (context) => {
  const gateway = await start(context, { loginFailuresPerAddressMinute: 20, passwordQueueMax: 1 })
  // One of these is tried, and one waits; the account's backoff begins at five.
  const codes = counts(await Promise.all(flood(gateway, 30, { email, address: '10.9.0.1' })))
  assert.ok((codes['10012'] ?? 0) >= 20, JSON.stringify(codes))
  assert.equal(codeOf(await login(gateway, { email: 'other@example.com', address: '10.9.0.1' })), '10007')
  await loginTokens(gateway, { address: '203.0.113.1' })
})

test('[check 8] where an account is known, neither its own flood nor strangers at the same address block that address', async (context) => {
  const gateway = await start(context, { loginFailuresPerAddressMinute: 20, passwordQueueMax: 0 })
  await loginTokens(gateway, { address: home })
  const own = await Promise.all(Array.from({ length: 40 }, () => login(gateway, { address: home })))
  assert.ok((counts(own)['10012'] ?? 0) >= 20)
  await loginTokens(gateway, { address: home })
  for (let n = 0; n < 20; n++) await guess(gateway, { email: `s${n}@example.com`, address: home })
  assert.equal(codeOf(await guess(gateway, { email: 'other@example.com', address: home })), '10007')
  await loginTokens(gateway, { address: home })
})

test('[check 7] under a flood an account and an unknown e-mail are answered alike, from unknown addresses', async (context) => {
  const outcomes = []
  for (const one of [email, 'nobody@example.com']) {
    const gateway = await start(context)
    await loginTokens(gateway, { address: home })
    const answers = await Promise.all([
      ...flood(gateway, 30),
      ...flood(gateway, 30, { email: one, address: '10.9.0.1' }),
      ...flood(gateway, 30),
    ])
    outcomes.push(answers.map((answer) => [answer.status, codeOf(answer), answer.headers['retry-after'], answer.text.length]))
  }
  assert.deepEqual(outcomes[0], outcomes[1])
})
