/** Two nodes with PostgreSQL and Redis behind nginx, as in docs/operations.md, one of them killed under load. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Installation } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { missingProgram } from '../support/missing-program.ts'
import { startNginx } from '../support/nginx.ts'
import { RedisServer } from '../support/redis-server.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

/** Debian puts nginx where only root looks. */
const connections = 32

const postgres = testStores().find(({ name }) => name === 'postgres')
const skip = postgres === undefined ? 'TEST_DATABASE_URL is not set' : RedisServer.missing() || missingProgram('nginx')

for (const isRepeated of [true, false]) {
  const how = isRepeated ? 'as documented' : 'when nginx sends no POST twice'
  test(`[check 77] K1 one of two nodes killed under load, ${how}: no acknowledged login is lost, and only requests in progress there fail`, {
    skip,
  }, async (t) => {
    const redis = await RedisServer.start()
    const installation = await Installation.create(postgres ?? assert.fail(), {
      REDIS_URL: redis.url,
      TRUSTED_PROXIES: '127.0.0.1',
      // Above the load, so that every call asks Redis.
      RATE_PER_MERCHANT: '100000',
      RATE_PER_ADDRESS: '100000',
    })
    const [one, two] = [await installation.serve(), await installation.serve()]
    const origin = await startNginx(t, [one.origin, two.origin], isRepeated)
    t.after(async () => {
      await one.stop('SIGKILL')
      await two.stop('SIGKILL')
      await redis.kill()
      await installation.drop()
    })
    const load = new LoginLoad(installation, origin, connections)
    await until(
      () => load.tokens.length > 2_000,
      () => 'servers to be warm',
    )
    const warm = load.tokens.length
    const begun = performance.now()
    await delay(5_000)
    const before = load.tokens.length
    const killedAt = performance.now()
    await one.stop('SIGKILL')
    await delay(5_000)
    await load.stop()
    const { tokens, failures, refusals } = load
    const lost = await installation.countLost(tokens)
    const failed = [...failures, ...refusals]
    const after = tokens.length - before
    t.diagnostic(
      `${how}: ${Math.round(((before - warm) / (killedAt - begun)) * 1_000)} logins/s on two nodes, ${Math.round(after / 5)} on one; ` +
        `${tokens.length} acknowledged, ${lost} lost, ${failed.length} failed with ${connections} under way`,
    )
    assert.equal(lost, 0)
    assert.ok(after > 100)
    assert.ok(failed.length <= (isRepeated ? 0 : connections), JSON.stringify(failed.slice(0, 5)))
    for (const { message, at } of failed) {
      assert.match(message, /^502/)
      assert.ok(at >= killedAt && at < killedAt + 2_000, `${at - killedAt} ms after the kill`)
    }
  })
}
