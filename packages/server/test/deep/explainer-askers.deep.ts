/** Sixteen callers who ask why a signature is wrong, as fast as they are answered (checks 85, 92): member logins take as long as without them. */
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Installation, send } from '../support/installation.ts'
import { testStores } from '../support/stores.ts'

const askers = 16
const aloneMs = 5_000
const askingMs = 10_000
/** With room for noise: without limits the median was 300 times as high. */
const medianMax = (aloneMedianMs: number) => 1.5 * aloneMedianMs + 1

for (const storeKind of testStores()) {
  test(`[check 85] [check 92] sixteen askers do not raise the member login's median (${storeKind.name})`, async (t) => {
    const installation = await Installation.create(storeKind, { EXPLAIN_ALLOW: '127.0.0.1' })
    const agentIds = Array.from({ length: askers }, (_, n) => `asked${n}`)
    for (const agentId of agentIds) await installation.addMerchant(agentId)
    const server = await installation.serve()
    const agent = new Agent({ keepAlive: true })
    t.after(async () => {
      agent.destroy()
      await server.stop()
      await installation.drop()
    })

    const logIn = async (until: number) => {
      const times: number[] = []
      while (performance.now() < until) {
        const body = installation.loginBody()
        const begun = performance.now()
        const { json } = await send('POST', `${server.origin}/api/member/login`, { body, agent })
        times.push(performance.now() - begun)
        assert.equal((json as { code: number }).code, 200)
      }
      times.sort((left, right) => left - right)
      const at = (share: number) => (times[Math.floor(share * times.length)] as number).toFixed(1)
      return { count: times.length, p50: Number(at(0.5)), p99: Number(at(0.99)) }
    }
    const statuses: Record<string, number> = {}
    const ask = async (agentId: string, until: number) => {
      const body = { ...installation.loginBody(agentId), sign: 'e'.repeat(32) }
      while (performance.now() < until) {
        const { status } = await send('POST', `${server.origin}/api/sandbox/explain`, { body: { call: 'login', body }, agent })
        statuses[status] = (statuses[status] ?? 0) + 1
        if (status !== 200) await delay(20)
      }
    }

    await logIn(performance.now() + aloneMs)
    const alone = await logIn(performance.now() + aloneMs)
    const until = performance.now() + askingMs
    const [under] = await Promise.all([logIn(until), ...agentIds.map((agentId) => ask(agentId, until))])
    t.diagnostic(
      `${storeKind.name}: logins beside ${askers} askers ${JSON.stringify(under)}, alone ${JSON.stringify(alone)}; answers to the askers ${JSON.stringify(statuses)}`,
    )
    assert.deepEqual(Object.keys(statuses).sort(), ['200', '429'])
    assert.ok(under.p50 <= medianMax(alone.p50), `${under.p50} ms`)
  })
}
