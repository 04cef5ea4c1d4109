/** Two nodes restarted one after the other under load, behind nginx and HAProxy as configured in docs/operations.md. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startHaproxy } from '../support/haproxy.ts'
import { Installation } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { missingProgram } from '../support/missing-program.ts'
import { startNginx } from '../support/nginx.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'
import { TokenChecks } from '../support/token-checks.ts'
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
    const checks = await TokenChecks.prepare(installation, origin)
    const load = new LoginLoad(installation, origin, 8)
    await until(
      () => load.tokens.length > 200,
      () => 'logins',
    )
    checks.start(() => load.tokens.at(-1) ?? '')
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
