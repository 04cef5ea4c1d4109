/** Two nodes restarted one after the other under load, behind nginx and HAProxy as configured in docs/operations.md. */
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { SellerTokens } from '@lobbykey/contract'
import { startHaproxy } from '../support/haproxy.ts'
import { Installation, seller, send } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { missingProgram } from '../support/missing-program.ts'
import { startNginx } from '../support/nginx.ts'
import { authPath } from '../support/seller-calls.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const postgres = testStores().find(({ name }) => name === 'postgres')
/** The pause between two nodes in docs/operations.md. */
const paceMs = 3_000
/** Longer than any time limit of the proxies. */
const frozenMs = 18_000

const proxies = [
  { name: 'nginx', start: startNginx },
  { name: 'haproxy', start: startHaproxy },
]

for (const { name, start } of proxies) {
  test(`[check 90] K11 rolling restart behind ${name}: no request fails, no login is lost`, {
    skip: postgres === undefined ? 'TEST_DATABASE_URL is not set' : missingProgram(name),
  }, async (t) => {
    const { installation, nodes, origin } = await startNodes(t, start, { SHUTDOWN_GRACE_SECONDS: '3' })
    const service = await installation.command<{ serviceId: string; secret: string }>('service', 'add', 'tables')
    const { data } = (await send('POST', `${origin}${authPath}/login`, { body: seller })).json as { data: SellerTokens }
    const load = new LoginLoad(installation, origin, 8)
    await until(
      () => load.tokens.length > 200,
      () => 'logins',
    )
    const checks = new RepeatedCalls([() => me(origin, data.accessToken), () => checkSession(origin, service, load.tokens.at(-1) ?? '')])
    for (let round = 0; round < 2; round++) {
      for (const [index, node] of nodes.entries()) {
        nodes[index] = await restart(installation, node)
        await delay(paceMs)
      }
    }
    await load.stop()
    await checks.stop()
    const lost = await installation.countLost(load.tokens)
    t.diagnostic(
      `${name}: 4 restarts, ${load.tokens.length} logins and ${checks.count} checks, ${load.failures.length + load.refusals.length} logins and ` +
        `${checks.failures.length} checks failed, ${lost} lost`,
    )
    assert.deepEqual([load.failures, load.refusals, checks.failures], [[], [], []])
    assert.equal(lost, 0)
  })
}

for (const { name, start } of proxies) {
  test(`a frozen node behind ${name}: another one answers what it holds, and no login fails`, {
    skip: postgres === undefined ? 'TEST_DATABASE_URL is not set' : missingProgram(name),
  }, async (t) => {
    const { installation, nodes, origin } = await startNodes(t, start)
    const load = new LoginLoad(installation, origin, 8)
    await until(
      () => load.tokens.length > 200,
      () => 'logins',
    )
    process.kill(nodes[0]?.pid ?? assert.fail(), 'SIGSTOP')
    await delay(frozenMs)
    await nodes[0]?.stop('SIGKILL')
    await load.stop()
    t.diagnostic(`${name}: ${load.tokens.length} logins, ${load.failures.length + load.refusals.length} failed`)
    assert.deepEqual([load.failures, load.refusals], [[], []])
    assert.equal(await installation.countLost(load.tokens), 0)
  })
}

/** Two nodes behind a proxy. */
async function startNodes(t: TestContext, start: (typeof proxies)[number]['start'], settings: Readonly<Record<string, string>> = {}) {
  const installation = await Installation.create(postgres ?? assert.fail(), { TRUSTED_PROXIES: '127.0.0.1', ...settings })
  const nodes = [await installation.serve(), await installation.serve()]
  t.after(async () => {
    for (const node of nodes) await node.stop('SIGKILL')
    await installation.drop()
  })
  const origin = await start(
    t,
    nodes.map((node) => node.origin),
  )
  return { installation, nodes, origin }
}

async function restart(installation: Installation, node: ServerProcess): Promise<ServerProcess> {
  assert.equal(await node.stop('SIGTERM'), 0)
  return await installation.serve([], { PORT: new URL(node.origin).port })
}

const agent = new Agent({ keepAlive: true })

async function me(origin: string, token: string): Promise<string | null> {
  const { status } = await send('GET', `${origin}${authPath}/me`, { headers: { authorization: `Bearer ${token}` }, agent })
  return status === 200 ? null : `me ${status}`
}

async function checkSession(origin: string, service: { serviceId: string; secret: string }, token: string): Promise<string | null> {
  const answer = await fetch(`${origin}/session/check`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${service.serviceId}:${service.secret}`).toString('base64')}` },
    body: new URLSearchParams({ agent_id: 'acme', token }),
  })
  const text = await answer.text()
  return answer.status === 200 && (JSON.parse(text) as { active: boolean }).active ? null : `session check ${answer.status} ${text}`
}

/** Repeats calls independently until stopped. */
class RepeatedCalls {
  count = 0
  readonly failures: string[] = []
  readonly #loops: Promise<unknown>
  #isOver = false

  constructor(calls: readonly (() => Promise<string | null>)[]) {
    this.#loops = Promise.all(calls.map((call) => this.#repeat(call)))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#loops
  }

  async #repeat(call: () => Promise<string | null>): Promise<void> {
    while (!this.#isOver) {
      const failure = await call().catch((error: unknown) => String(error))
      if (failure === null) this.count++
      else this.failures.push(failure)
      await delay(2)
    }
  }
}
