import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { checkProcesses } from '../../../src/cli/doctor/store-checks.ts'
import { metricList } from '../../../src/metrics/metric-list.ts'
import { CommandLine } from '../../cli/command-line.ts'
import { addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { login } from '../../support/seller-calls.ts'
import { loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

const openMetrics = { accept: 'application/openmetrics-text;version=1.0.0' }

for (const storeKind of testStores()) {
  describe(`/metrics on ${storeKind.name}`, () => {
    let gateway: TestGateway
    before(async () => {
      gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081, sealsUrl: 'http://127.0.0.1:9/' } })
    })
    after(() => gateway.close())
    const scrape = (headers: Record<string, string> = openMetrics, remoteAddress = '127.0.0.1') =>
      gateway.admin.inject({ method: 'GET', url: '/metrics', headers, remoteAddress })
    const value = async (series: string) => {
      const line = (await scrape()).body.split('\n').find((one) => one.startsWith(`${series} `))
      return line === undefined ? null : Number(line.slice(series.length + 1))
    }

    test('each call is counted by its outcome and timed once, and so are its batch and its statement', async () => {
      const wrong = { ...signed(loginBody(gateway.clock.now())), sign: '0'.repeat(32) }
      const bodies = [signed(loginBody(gateway.clock.now())), signed(loginBody(gateway.clock.now())), wrong]
      for (const body of bodies) await gateway.post('/api/member/login', body)
      await login(gateway)
      assert.equal(await value('lobbykey_calls_total{api="member-api",call="login",code="200",outcome="accepted"}'), 2)
      assert.equal(await value('lobbykey_calls_total{api="member-api",call="login",code="600100",outcome="refused"}'), 1)
      assert.equal(await value('lobbykey_calls_total{api="seller-api",call="login",code="0000",outcome="accepted"}'), 1)
      assert.equal(await value('lobbykey_merchant_calls_total{agent_id="agent001",outcome="accepted"}'), 2)
      for (const outcome of ['accepted', 'refused']) {
        const labels = `api="member-api",call="login",outcome="${outcome}"`
        const count = outcome === 'accepted' ? 2 : 1
        assert.equal(await value(`lobbykey_call_duration_seconds_count{${labels}}`), count)
        assert.equal(await value(`lobbykey_call_duration_seconds_bucket{${labels},le="+Inf"}`), count)
        assert.ok(((await value(`lobbykey_call_duration_seconds_sum{${labels}}`)) ?? 0) > 0)
      }
      assert.equal(await value('lobbykey_commit_batch_size_sum{queue="member_login"}'), 2)
      assert.equal(await value('lobbykey_store_operation_duration_seconds_count{operation="login"}'), 2)
      assert.ok(((await value('lobbykey_password_hash_duration_seconds_count')) ?? 0) >= 1)
    })

    test('every listed metric is exposed with its name and type, in the older format on request', async () => {
      const open = await scrape()
      assert.equal(open.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8')
      assert.match(open.body, /\n# EOF\n$/)
      const older = await scrape({})
      assert.match(String(older.headers['content-type']), /^text\/plain; version=0\.0\.4/)
      for (const { name, type } of metricList) {
        assert.ok(open.body.includes(`# TYPE ${name.replace(/_total$/, '')} ${type}\n`), name)
        assert.ok(older.body.includes(`# TYPE ${name} ${type}\n`), name)
      }
      const names = new Set(open.body.match(/^lobbykey_\w+/gm)?.map((found) => found.replace(/_(bucket|sum|count)$/, '')))
      const optional = ['lobbykey_merchant_clock_offset_seconds']
      const pool = metricList.filter(({ name }) => name.startsWith('lobbykey_store_connections')).map(({ name }) => name)
      for (const { name } of metricList) {
        if (storeKind.name === 'sqlite' && pool.includes(name)) assert.ok(!names.has(name), name)
        else if (!optional.includes(name)) assert.ok(names.has(name), name)
      }
      assert.ok(open.body.includes('nodejs_eventloop_lag_p99_seconds'))
    })

    test('access by the connecting address, else by a token with the right; proxy headers are ignored', async () => {
      assert.equal((await scrape(openMetrics, '192.0.2.1')).statusCode, 401)
      assert.equal((await scrape({ 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1')).statusCode, 401)
      const owner = await addToken(gateway, await addOperator(gateway, 'owner'))
      assert.equal((await scrape({ authorization: `Bearer ${owner}` }, '192.0.2.1')).statusCode, 200)
      const held = await addToken(gateway, await addOperator(gateway, 'owner', ['agent001']))
      assert.equal((await scrape({ authorization: `Bearer ${held}` }, '192.0.2.1')).statusCode, 403)
      const elsewhere = await gateway.app.inject({ method: 'GET', url: '/metrics', remoteAddress: '127.0.0.1' })
      assert.equal(elsewhere.statusCode, 404)
    })

    test('no name chosen by a stranger becomes a label', async () => {
      for (const agentId of ['nobody-1', 'nobody-2']) {
        await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), { agent_id: agentId })))
      }
      const { body } = await scrape()
      assert.doesNotMatch(body, /nobody-|uid001|token-/)
    })
  })
}

test('seals that nobody else has yet are told by /metrics, status and doctor', async (t) => {
  const gateway = await startTestGateway({ settings: { adminPort: 8081, sealsUrl: 'http://127.0.0.1:9/keep?token=sesame' } })
  t.after(() => gateway.close())
  const { store, clock, settings } = gateway
  const sentence = '3 seals are not delivered to SEALS_URL: it answered 503.'
  const state = { host: 'node-1', pid: 7, version: '1', isReady: true, limits: 'process', limitsShared: true } as const
  await store.processes.beat({ id: 'p7', startedAt: 1, seenAt: clock.now(), ...state, sealBacklog: [sentence] })
  const token = await addToken(gateway, await addOperator(gateway, 'auditor'))
  const { json } = await adminCall(gateway, token, 'GET', '/status')
  assert.ok(json.due.includes(`Process 7 on node-1: ${sentence}`), JSON.stringify(json.due))
  const { body } = await gateway.admin.inject({ url: '/metrics', remoteAddress: '127.0.0.1' })
  assert.match(body, /^lobbykey_seals_undelivered\{destination="url"\} 0$/m)
  const findings = await checkProcesses({ context: new CommandLine({}).context(), settings, store } as never)
  assert.ok(findings.some(({ check, verdict, text }) => check === 'seals' && verdict === 'bad' && text.endsWith(sentence)))
})
