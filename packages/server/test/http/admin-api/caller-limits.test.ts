import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { runCommand } from '../../../src/cli/program.ts'
import { ApiTokens } from '../../../src/core/operators/api-tokens.ts'
import { CommandLine } from '../../cli/command-line.ts'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { ConsoleVisitor, enrol } from '../../support/operator-accounts.ts'

describe('limits of the admin API', () => {
  let gateway: TestGateway
  before(async () => {
    gateway = await startTestGateway({ settings: { adminPort: 8081, adminRatePerCaller: 5 } })
  })
  after(() => gateway.close())
  const tenth = async (call: () => Promise<unknown>) => {
    for (let count = 0; count < 10; count++) await call()
  }

  test('[check 87] a token gets 429 with Retry-After over its rate, told as a problem; other tokens and the console do not', async () => {
    const member = await enrol(gateway, 'owner')
    const operator = (await gateway.store.operators.find(member.operatorId)) ?? assert.fail()
    const [busy, other] = [await addToken(gateway, operator), await addToken(gateway, operator)]
    const list = (token: string) => adminCall(gateway, token, 'GET', '/merchants')
    const answers = await Promise.all(Array.from({ length: 30 }, () => list(busy)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 10)
    const refused = answers.find(({ status }) => status !== 200)
    assert.deepEqual([refused?.status, refused?.headers['retry-after'], refused?.json.key], [429, '1', 'rate_limited'])
    assert.match(String(refused?.headers['content-type']), /^application\/problem\+json/)
    assert.match(refused?.json.detail, /more than 5 requests a second: wait 1 s/)
    assert.equal((await adminCall(gateway, busy, 'POST', '/merchants/agent001/disable', { body: {} })).status, 429)
    assert.equal((await gateway.store.merchants.load(['agent001']))[0]?.status, 'enabled', 'nothing was done')
    assert.equal((await list(other)).status, 200)
    assert.equal((await member.visitor.call('GET', '/merchants')).status, 200)
    gateway.clock.advance(200)
    assert.deepEqual([(await list(busy)).status, (await list(busy)).status], [200, 429])
    await tenth(() => member.visitor.call('GET', '/account'))
    assert.equal((await member.visitor.call('GET', '/account')).json.key, 'rate_limited')
  })

  test('[check 59] [check 87] wrong tokens are limited by address: beyond it none is looked up, and others are served', async (t) => {
    gateway.clock.advance(10_000)
    const token = await addToken(gateway, await addOperator(gateway, 'auditor'))
    const lookedUp = t.mock.method(ApiTokens.prototype, 'authenticate')
    const guess = (address: string, index: number) =>
      adminCall(gateway, `lk_${String(index).padStart(43, 'A')}`, 'GET', '/account', { address })
    const answers = []
    for (let index = 0; index < 30; index++) answers.push(await guess('203.0.113.9', index))
    const statuses = answers.map(({ status }) => status)
    assert.deepEqual(
      [statuses.slice(0, 10).every((status) => status === 401), statuses.slice(11).every((status) => status === 429)],
      [true, true],
      String(statuses),
    )
    assert.deepEqual([answers.at(-1)?.json.key, answers.at(-1)?.headers['retry-after']], ['throttled', '1'])
    assert.ok(lookedUp.mock.callCount() <= 11, `${lookedUp.mock.callCount()} looked up`)
    assert.equal((await adminCall(gateway, token, 'GET', '/account', { address: '203.0.113.9' })).status, 429)
    assert.equal((await adminCall(gateway, token, 'GET', '/account', { address: '203.0.113.10' })).status, 200)
    const together = await Promise.all(Array.from({ length: 50 }, (_, index) => guess('203.0.113.11', index)))
    assert.equal(together.filter(({ status }) => status === 401).length, 10, 'at once no more than one after another')
  })

  test('[check 87] made-up sessions are limited by address, and so are calls of the sign-in page', async () => {
    gateway.clock.advance(10_000)
    const stranger = new ConsoleVisitor(gateway, '203.0.113.12')
    const statuses = []
    for (let index = 0; index < 12; index++) {
      stranger.cookie = `console=${String(index).padStart(43, 'A')}`
      statuses.push((await stranger.call('GET', '/account')).status)
    }
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429], String(statuses))
    const visitor = new ConsoleVisitor(gateway, '203.0.113.13')
    await tenth(() => visitor.post('passkeyOptions', {}))
    assert.deepEqual([(await visitor.post('passkeyOptions', {})).json.key], ['rate_limited'])
    const other = new ConsoleVisitor(gateway, '203.0.113.14')
    assert.equal((await other.post('passkeyOptions', {})).status, 200)
  })

  test('the command line waits as it is told, and says so', async () => {
    gateway.clock.advance(10_000)
    const url = await gateway.admin.listen({ host: '127.0.0.1', port: 0 })
    const token = await addToken(gateway, await addOperator(gateway, 'owner'))
    await tenth(() => adminCall(gateway, token, 'GET', '/account'))
    const line = new CommandLine({ LOBBYKEY_URL: url, LOBBYKEY_TOKEN: token })
    let told = ''
    const errorOutput = new Writable({
      write: (chunk, _encoding, done) => {
        told += chunk
        gateway.clock.advance(10_000)
        done()
      },
    })
    const exitCode = await runCommand(['merchant', 'disable', 'agent001'], { ...line.context(), errorOutput })
    assert.deepEqual([exitCode, told], [0, `${url} asks to wait: again in 1 s\n`])
    assert.equal((await gateway.store.merchants.load(['agent001']))[0]?.status, 'disabled')
  })
})
