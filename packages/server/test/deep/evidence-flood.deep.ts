import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { openStore } from '../../src/store/open-store.ts'
import { type HttpAnswer, Installation, send } from '../support/installation.ts'
import { testStores } from '../support/stores.ts'

const floodMs = 70_000
const perSecond = 1_000
const connections = 40
const whole = { since: 0, until: Number.MAX_SAFE_INTEGER }

/** Refused logins at a constant rate, from many addresses: of non-existing merchants, and of an existing one from addresses not on its list. */
class Flood {
  readonly told = new Map<string, number>()
  sent = 0
  readonly #agents = Array.from(
    { length: connections },
    (_, n) => new Agent({ keepAlive: true, maxSockets: 1, localAddress: `127.0.1.${n + 1}` }),
  )

  async run(origin: string, victim: string): Promise<void> {
    const startedAt = performance.now()
    const work = async (agent: Agent) => {
      while (performance.now() - startedAt < floodMs) {
        if (this.sent >= ((performance.now() - startedAt) / 1_000) * perSecond) {
          await delay(2)
          continue
        }
        const n = this.sent++
        const agentId = n % 4 === 0 ? victim : `nobody${randomBytes(6).toString('hex')}`
        const code = await login(origin, agent, agentId)
        this.told.set(code, (this.told.get(code) ?? 0) + 1)
      }
    }
    await Promise.all(this.#agents.map(work))
    for (const agent of this.#agents) agent.destroy()
  }
}

/** One forged login; resolves with the answered code. */
function login(origin: string, agent: Agent, agentId: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const member = { user_id: randomBytes(6).toString('hex'), token: randomBytes(9).toString('hex'), platform: 'h5', language: 'en-US' }
  const body = JSON.stringify({
    agent_id: agentId,
    ...member,
    currency: 'USD',
    timestamp: Date.now(),
    sign: randomBytes(16).toString('hex'),
  })
  const call = request(
    `${origin}/api/member/login`,
    { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
    (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve(String((JSON.parse(text) as { code: number }).code))).on('error', reject)
    },
  )
  call.on('error', reject).end(body)
  return promise
}

for (const kind of testStores()) {
  test(`[check 86] [check 73] ${kind.name}: ${perSecond} forged logins a second cause bounded rows, push nobody out, and are all counted`, async (t) => {
    const installation = await Installation.create(kind)
    t.after(() => installation.drop())
    await installation.addMerchant('attacked')
    const server = await installation.serve([], { TRACE_ROWS_MAX: '2000' })
    t.after(() => server.stop())
    const honest: HttpAnswer[] = []
    const honestWrong = async () => {
      const body = { ...installation.loginBody(), sign: '0'.repeat(32) }
      honest.push(await send('POST', `${server.origin}/api/member/login`, { body }))
    }
    const told = new Map<string, number>()
    let isOver = false
    const honestWork = (async () => {
      while (!isOver) {
        await honestWrong()
        const { json } = await send('POST', `${server.origin}/api/member/login`, { body: installation.loginBody() })
        const code = String((json as { code: number }).code)
        told.set(code, (told.get(code) ?? 0) + 1)
        await delay(1_000)
      }
    })()
    const flood = new Flood()
    await flood.run(server.origin, 'attacked')
    isOver = true
    await honestWork
    await server.stop()

    const store = await openStore({ url: installation.env.DATABASE_URL ?? '', poolSize: 2 })
    t.after(() => store.close())
    const refusals = await store.refusals.list({ limit: 100_000 })
    const perMinute = new Map<number, number>()
    for (const { at } of refusals) perMinute.set(Math.floor(at / 60_000), (perMinute.get(Math.floor(at / 60_000)) ?? 0) + 1)
    const rowsMax = Math.max(...perMinute.values())
    assert.ok(rowsMax <= 60, `${rowsMax} rows in a minute`)
    assert.ok(
      refusals.every(({ agentId, subject }) => (agentId === undefined || ['acme', 'attacked'].includes(agentId)) && subject === undefined),
    )

    const own = refusals.filter(({ agentId }) => agentId === 'acme')
    assert.ok(own.every(({ code, address }) => code === '600100' && address === '127.0.0.1'))
    const honestCount = own.reduce((sum, { count }) => sum + count, 0)
    assert.equal(honestCount, honest.length)
    const missing: string[] = []
    for (const { headers } of honest) {
      const id = String(headers['x-request-id'])
      if ((await store.traces.find(id)) === null) missing.push(id)
    }
    assert.deepEqual(missing, [], 'traces of honest refusals')

    for (const [code, count] of flood.told) told.set(code, (told.get(code) ?? 0) + count)
    told.set('600100', (told.get('600100') ?? 0) + honest.length)
    const counted = new Map<string, number>()
    for (const { code, count } of await store.callCounts.sum({ span: 'minute', ...whole }))
      counted.set(code, (counted.get(code) ?? 0) + count)
    const difference = [...new Set([...told.keys(), ...counted.keys()])].reduce(
      (sum, code) => sum + Math.abs((told.get(code) ?? 0) - (counted.get(code) ?? 0)),
      0,
    )
    assert.equal(difference, 0, JSON.stringify([...told, ...counted]))
    const refusedCount = refusals.reduce((sum, { count }) => sum + count, 0)
    assert.equal(refusedCount, flood.sent + honest.length)
    const rows = async (table: string) =>
      (await store.database.run((db) => sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(db))).rows[0]?.n
    t.diagnostic(
      `${kind.name}: ${flood.sent} forged logins in ${floodMs / 1_000} s (${Math.round(flood.sent / (floodMs / 1_000))}/s): ${refusals.length} rows of refusals, ` +
        `${rowsMax} at most a minute, ${await rows('call_counts')} of counts, ${await rows('stranger_traces')} of strangers' traces; ${honest.length} honest refusals, ` +
        `0 joined, 0 without trace; responses less counters ${difference}`,
    )
  })
}
