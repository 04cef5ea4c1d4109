/** How a server ends while its dependencies hang, in real time with real processes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Installation, send } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { untilLogged } from '../support/server-log.ts'
import { StallingProxy } from '../support/stalling-proxy.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const postgres = testStores().find(({ name }) => name === 'postgres')
const promisedMs = 10_000

for (const args of [[], ['--workers', '2']]) {
  const how = args.length === 0 ? 'one process' : 'two workers'
  test(`[check 90] K10 SIGTERM under load while PostgreSQL hangs, ${how}: the server ends with 0 within ten seconds`, {
    skip: postgres === undefined && 'TEST_DATABASE_URL is not set',
  }, async (t) => {
    const installation = await Installation.create(postgres ?? assert.fail())
    const { proxy, url } = await StallingProxy.before(installation.env.DATABASE_URL ?? '')
    // The grace that operators configure.
    const server = await installation.serve(args, { DATABASE_URL: url, SHUTDOWN_GRACE_SECONDS: '3' })
    t.after(async () => {
      await server.stop('SIGKILL')
      proxy.close()
      await installation.drop()
    })
    if (args.length > 0) await untilLogged(server, ({ msg }) => msg === 'serving')
    const load = new LoginLoad(installation, server.origin, 16)
    await until(
      () => load.tokens.length > 500,
      () => 'logins',
    )
    proxy.stall()
    const begun = performance.now()
    const exitCode = await server.stop('SIGTERM')
    const ms = Math.round(performance.now() - begun)
    await load.stop()
    t.diagnostic(
      `${how}: ended with ${exitCode} after ${ms} ms; ${load.tokens.length} acknowledged, ${await installation.countLost(load.tokens)} lost, ` +
        `${load.refusals.length} answered 503, ${load.failures.length} without an answer`,
    )
    assert.equal(exitCode, 0)
    assert.ok(ms <= promisedMs, `${ms} ms`)
    assert.ok(load.refusals.every(({ message }) => message.startsWith('503')))
  })
}

test('[check 90] a request in progress when the drain begins is answered before the server ends', async (t) => {
  const installation = await Installation.create(testStores()[0] ?? assert.fail())
  t.after(() => installation.drop())
  const server = await installation.serve([], { SHUTDOWN_GRACE_SECONDS: '1' })
  t.after(() => server.stop('SIGKILL'))
  const ended = server.stop('SIGTERM')
  const codes: unknown[] = []
  for (;;) {
    const answer = await send('POST', `${server.origin}/api/member/login`, { body: installation.loginBody() }).catch(() => null)
    if (answer === null) break
    codes.push((answer.json as { code: number }).code)
  }
  assert.equal(await ended, 0)
  assert.ok(codes.length > 10 && codes.every((code) => code === 200), String(codes.slice(-3)))
})
