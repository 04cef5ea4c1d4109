import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, test } from 'node:test'
import { memberLogin, memberLogout } from '@lobbykey/contract'
import { sql } from 'kysely'
import pino from 'pino'
import { openStore } from '../../src/store/open-store.ts'
import type { Answer, TestGateway, TestGatewayOptions } from '../support/gateway.ts'
import { startTestGateway } from '../support/gateway.ts'
import { authPath, bearer, login, loginTokens, me, wrongPassword } from '../support/seller-calls.ts'
import { addService, introspect } from '../support/service-calls.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { sampleBody, sendCall } from '../support/signed-calls.ts'
import { testStores } from '../support/stores.ts'

const whole = { since: 0, until: Number.MAX_SAFE_INTEGER }
const path = memberLogin.path

/** An answer's outcome, as recorded. */
function outcomeOf(surface: string, call: string, { status, json }: Answer): string {
  const { code, error } = (json ?? {}) as { code?: unknown; error?: unknown }
  return [surface, call, String(code ?? error ?? status)].join(' ')
}

for (const storeKind of testStores()) {
  describe(`records of calls on ${storeKind.name}`, () => {
    const start = async (t: { after(end: () => Promise<void>): void }, options: TestGatewayOptions = {}): Promise<TestGateway> => {
      const gateway = await startTestGateway({ storeKind, ...options })
      t.after(() => gateway.close())
      return gateway
    }

    test('[check 73] responses by outcome equal the counters by outcome, and refused ones the refusals, over two nodes', async (t) => {
      const gateway = await start(t)
      const other = await gateway.openSecondNode()
      const told = new Map<string, number>()
      const note = (surface: string, call: string, answer: Answer) => {
        const outcome = outcomeOf(surface, call, answer)
        told.set(outcome, (told.get(outcome) ?? 0) + 1)
      }
      const service = await addService(gateway)
      await other.hearChanges()
      const { accessToken } = await loginTokens(gateway)
      told.set('seller-api login 0000', 1)
      for (let round = 0; round < 10; round++) {
        const node = round % 2 === 0 ? gateway : other
        const now = node.clock.now()
        const addresses = { address: `198.51.100.${round}` }
        note('member-api', 'login', await node.post(path, signed(loginBody(now))))
        note('member-api', 'login', await node.post(path, signed(loginBody(now)), addresses))
        note('member-api', 'login', await node.post(path, { ...signed(loginBody(now)), sign: '0'.repeat(32) }))
        note('member-api', 'login', await node.post(path, signed(loginBody(now, { agent_id: `nobody${round}` }))))
        note('member-api', 'login', await node.post(path, signed(loginBody(now, { user_id: `nobody${round}` }))))
        note('member-api', 'login', await node.post(path, '{'))
        note('member-api', 'logout', await sendCall(node, memberLogout, sampleBody(memberLogout, now)))
        note('member-api', 'request', await node.post('/api/nothing', {}))
        note('seller-api', 'login', await login(node, { email: `nobody${round}@example.com`, password: wrongPassword, ...addresses }))
        note('seller-api', 'me', await me(node, accessToken))
        note('seller-api', 'me', await me(node, 'nonsense'))
        note('seller-api', 'request', await node.post(`${authPath}/nothing`, {}))
        note('verify-api', 'forward_auth', await node.request('GET', '/verify', bearer(accessToken)))
        note('verify-api', 'forward_auth', await node.request('GET', '/verify', bearer('nonsense')))
        note('verify-api', 'introspect', await introspect(node, service, accessToken))
        note('verify-api', 'introspect', await introspect(node, { ...service, secret: 'wrong' }, accessToken))
        gateway.clock.advance(20_000)
        if (round % 3 === 0) await node.flushCounts()
      }
      await other.close()
      await gateway.flushCounts()
      await gateway.flushRefusals()
      for (const span of ['minute', 'hour'] as const) {
        const counted = new Map<string, number>()
        for (const { surface, call, code, count } of await gateway.store.callCounts.list({ span, ...whole })) {
          const outcome = [surface, call, code].join(' ')
          counted.set(outcome, (counted.get(outcome) ?? 0) + count)
        }
        assert.deepEqual(Object.fromEntries([...counted].sort()), Object.fromEntries([...told].sort()), span)
      }
      const isAccepted = (outcome: string) => / (?:200|0000)$/.test(outcome)
      const refused = [...told].filter(([outcome]) => !isAccepted(outcome)).reduce((sum, [, count]) => sum + count, 0)
      const refusals = await gateway.store.refusals.list({ limit: 1_000 })
      assert.equal(
        refusals.reduce((sum, { count }) => sum + count, 0),
        refused,
      )
      const events = await gateway.store.events.list({ limit: 1_000 })
      assert.deepEqual(
        events.filter(({ kind }) => kind.endsWith('_refused')),
        [],
        'events are deeds',
      )
    })

    test("[check 86] unproven claims are never a row's key; proven ones are", async (t) => {
      const gateway = await start(t)
      await gateway.updateMerchant({ settings: { allow: ['127.0.0.1', '198.51.100.7'] } })
      const now = gateway.clock.now()
      const wrong = { sign: '0'.repeat(32) }
      const foreign = { address: '203.0.113.9' }
      const listed = { address: '198.51.100.7' }
      for (let n = 0; n < 40; n++) {
        await gateway.post(path, signed(loginBody(now, { agent_id: `nobody${n}`, user_id: `user${n}` })), foreign)
        await gateway.post(path, signed(loginBody(now, { user_id: `user${n}` })), foreign)
        await gateway.post(path, { ...loginBody(now, { user_id: `user${n}` }), ...wrong }, listed)
      }
      await gateway.post(path, signed(loginBody(now, { user_id: 'missing' })), listed)
      await gateway.updateMerchant({ status: 'disabled' })
      await gateway.post(path, signed(loginBody(now)), listed)
      await gateway.flushRefusals()
      const rows = await gateway.store.refusals.list({ kind: 'member.login_refused', limit: 1_000 })
      assert.deepEqual(
        rows.map(({ code, agentId, subject, address, count }) => [code, agentId, subject, address, count]).sort(),
        [
          ['408003', 'agent001', undefined, '203.0.113.9', 40],
          ['700101', 'agent001', undefined, '198.51.100.7', 1],
          ['700101', undefined, undefined, '203.0.113.9', 40],
          ['600100', 'agent001', undefined, '198.51.100.7', 40],
          ['700103', 'agent001', 'missing', '198.51.100.7', 1],
        ].sort(),
      )
      await gateway.flushCounts()
      const origins = await gateway.store.callCounts.listOrigins({ ...whole, agentId: 'agent001' })
      assert.deepEqual(
        origins.map(({ isStranger, address, keyId, accepted, refused }) => [isStranger, address, keyId !== null, accepted, refused]),
        [
          [false, '198.51.100.7', false, 0, 40],
          [false, '198.51.100.7', true, 0, 1],
          [true, '198.51.100.7', false, 0, 1],
          [true, '203.0.113.9', false, 0, 40],
        ],
      )
    })

    test('[check 86] a flood of non-existing names causes a bounded number of rows, and leaves honest refusals and traces in place', async (t) => {
      const gateway = await start(t, { settings: { traceRowsMax: 1_000 } })
      const now = gateway.clock.now()
      const honest = await gateway.post(path, { ...loginBody(now), sign: '0'.repeat(32) })
      await gateway.flushTraces()
      for (let n = 0; n < 1_500; n++) {
        const address = `10.0.${n >> 8}.${n & 255}`
        await gateway.post(path, { ...loginBody(now, { agent_id: `nobody${n}` }), sign: '0'.repeat(32) }, { address })
        if (n % 100 === 0) await gateway.flushTraces()
      }
      await gateway.post(path, { ...loginBody(now), sign: '0'.repeat(32) })
      await gateway.flushTraces()
      await gateway.flushRefusals()
      const rows = await gateway.store.refusals.list({ limit: 10_000 })
      assert.equal(rows.length, 22, '20 addresses, one row for the others, and the honest one')
      assert.deepEqual(
        rows.filter(({ code }) => code === '600100').map(({ agentId, address, count }) => [agentId, address, count]),
        [['agent001', '127.0.0.1', 2]],
      )
      assert.notEqual(await gateway.store.traces.find(String(honest.headers['x-request-id'])), null)
      const traces = await gateway.store.traces.list({ limit: 10_000 })
      assert.deepEqual([traces.length, traces.filter(({ isStranger }) => isStranger).length], [22, 20])
    })

    test('[check 86] refusals that cannot be written are reported once a minute with their number, and written later; calls are served', async (t) => {
      const lines: { msg: string; unwritten?: number; heldBack?: number }[] = []
      const out = new Writable({
        write: (chunk, _encoding, done) => {
          lines.push(JSON.parse(String(chunk)))
          done()
        },
      })
      const gateway = await start(t, { logger: pino({ level: 'warn' }, out) })
      const direct = await openStore({ url: gateway.settings.databaseUrl, poolSize: 1 })
      t.after(() => direct.close())
      const rename = (from: string, to: string) => direct.database.run((db) => sql.raw(`alter table ${from} rename to ${to}`).execute(db))
      await rename('refusals', 'refusals_away')
      for (let n = 0; n < 5; n++) {
        await gateway.post(path, '{')
        await gateway.flushRefusals()
      }
      const { json } = await gateway.post(path, signed(loginBody(gateway.clock.now())))
      assert.equal((json as { code: number }).code, 200)
      const told = () =>
        lines.filter(({ msg }) => msg === 'refusals could not be recorded').map(({ unwritten, heldBack }) => [unwritten, heldBack])
      assert.deepEqual(told(), [[1, undefined]])
      gateway.clock.advance(60_000)
      await gateway.flushRefusals()
      assert.equal(told().length, 2)
      assert.equal(told()[1]?.[0], 5)
      await rename('refusals_away', 'refusals')
      await gateway.flushRefusals()
      const [row] = await gateway.store.refusals.list({ limit: 10 })
      assert.equal(row?.count, 5)
    })

    test('[check 80] refusals are deleted after REFUSAL_DAYS, in bounded batches; events stay', async (t) => {
      const gateway = await start(t, { settings: { refusalDays: 2 } })
      for (let n = 0; n < 25; n++) {
        await gateway.post(path, '{')
        gateway.clock.advance(60_000)
      }
      await gateway.flushRefusals()
      const events = (await gateway.store.events.list({ limit: 1_000 })).length
      gateway.clock.advance(2 * 86_400_000 - 15 * 60_000)
      await gateway.store.sweep(gateway.clock.now(), 4)
      assert.equal((await gateway.store.refusals.list({ limit: 100 })).length, 21)
      await gateway.store.sweep(gateway.clock.now(), 1_000)
      assert.equal((await gateway.store.refusals.list({ limit: 100 })).length, 14)
      assert.equal((await gateway.store.events.list({ limit: 1_000 })).length, events)
    })
  })
}
