/** Too slow for `npm test`: workers that are killed repeatedly. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Installation } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { killWorker, untilLogged } from '../support/server-log.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const kills = 24

for (const storeKind of testStores()) {
  test(`[check 77] K1 ${kills} kills among four workers under load: no acknowledged login is lost (${storeKind.name})`, async (t) => {
    const installation = await Installation.create(storeKind)
    const server = await installation.serve(['--workers', '4'])
    t.after(async () => {
      await server.stop('SIGKILL')
      await installation.drop()
    })
    await untilLogged(server, ({ msg }) => msg === 'serving')
    const load = new LoginLoad(installation, server.origin, 32)
    for (let kill = 0; kill < kills; kill++) {
      await killWorker(server, (kill % 4) + 1)
      // Each serves for ten seconds, so that none counts as failing.
      await delay(3_000)
    }
    await load.stop()
    assert.equal(await server.stop('SIGTERM'), 0)
    t.diagnostic(`${storeKind.name}: ${kills} kills, ${load.tokens.length} acknowledged, ${load.failures.length} cut short`)
    assert.deepEqual(load.refusals, [])
    assert.equal(await installation.countLost(load.tokens), 0)
  })
}

test('a worker that keeps dying ends the server with 1 and the reason, and leaves no worker', async (t) => {
  const [storeKind = assert.fail()] = testStores()
  const installation = await Installation.create(storeKind)
  const server = await installation.serve(['--workers', '2'])
  t.after(async () => {
    await server.stop('SIGKILL')
    await installation.drop()
  })
  await untilLogged(server, ({ msg }) => msg === 'serving')
  for (let kill = 0; kill < 4; kill++) await killWorker(server, 1)
  await assert.rejects(killWorker(server, 1))
  await until(
    () => /lobbykey: worker 1 ended 5 times in a row without having served for ten seconds, the last time by SIGKILL/.test(server.output),
    () => server.output,
  )
  assert.equal(await server.stop(), 1)
})
