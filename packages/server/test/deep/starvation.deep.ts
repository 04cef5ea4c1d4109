/** How a server behaves when it lacks something: Redis, descriptors, memory, processor. In real time with real processes. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Installation, send } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { RedisServer } from '../support/redis-server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

/** No caller waits longer, whatever happens (check 83). */
const hungMs = 5_000

for (const storeKind of testStores()) {
  test(`[check 83] K7 Redis frozen, killed and emptied under load: logins continue (${storeKind.name})`, {
    skip: RedisServer.missing(),
  }, async (t) => {
    const redis = await RedisServer.start()
    const installation = await Installation.create(storeKind, {
      REDIS_URL: redis.url,
      RATE_PER_MERCHANT: '100000',
      RATE_PER_ADDRESS: '100000',
    })
    const server = await installation.serve()
    t.after(async () => {
      redis.resume()
      await redis.kill()
      await server.stop('SIGKILL')
      await installation.drop()
    })
    await judge(t, `K7 ${storeKind.name}`, installation, server, async () => {
      redis.freeze()
      await delay(3_000)
      redis.resume()
      await delay(2_000)
      await redis.kill()
      await delay(3_000)
      await redis.restart()
      await delay(3_000)
    })
  })

  test(`[check 85] K13 descriptors: four times as many idle connections as there are leave room for honest logins (${storeKind.name})`, async (t) => {
    const installation = await Installation.create(storeKind, { CONNECTIONS_PER_PEER: '100000' })
    const server = await ServerProcess.start(['serve'], installation.env, undefined, 'ulimit -n 256')
    const idle: Socket[] = []
    t.after(async () => {
      for (const socket of idle) socket.destroy()
      await server.stop('SIGKILL')
      await installation.drop()
    })
    await judge(t, `K13 ${storeKind.name}`, installation, server, async () => {
      for (let count = 0; count < 1_024; count++) {
        idle.push(connect(Number(new URL(server.origin).port), '127.0.0.1').on('error', () => {}))
        if (count % 64 === 0) await delay(20)
      }
      await delay(5_000)
      for (const socket of idle) socket.destroy()
      await delay(3_000)
    })
  })

  test(`[check 83] K14 memory: a heap of 64 MiB serves under load and stays (${storeKind.name})`, async (t) => {
    const installation = await Installation.create(storeKind)
    const server = await installation.serve([], { NODE_OPTIONS: '--max-old-space-size=64' })
    t.after(async () => {
      await server.stop('SIGKILL')
      await installation.drop()
    })
    await judge(t, `K14 ${storeKind.name}`, installation, server, () => delay(15_000))
  })

  test(`[check 83] K16 processor: four times as many busy processes as cores slow logins down and fail none (${storeKind.name})`, async (t) => {
    const installation = await Installation.create(storeKind)
    const server = await installation.serve()
    const busy: ChildProcess[] = []
    t.after(async () => {
      for (const child of busy) child.kill('SIGKILL')
      await server.stop('SIGKILL')
      await installation.drop()
    })
    await judge(t, `K16 ${storeKind.name}`, installation, server, async () => {
      for (let count = 0; count < 4 * availableParallelism(); count++) {
        busy.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
      }
      await delay(15_000)
      for (const child of busy) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
    })
  })
}

/** Runs the fault under load, and holds what came of it to the promises. */
async function judge(
  t: TestContext,
  what: string,
  installation: Installation,
  server: ServerProcess,
  fault: () => Promise<unknown>,
): Promise<void> {
  const load = new LoginLoad(installation, server.origin, 8)
  const acknowledged = (count: number) =>
    until(
      () => load.tokens.length >= count,
      () => `${count} logins`,
    )
  await acknowledged(200)
  await fault()
  // It serves when all is over.
  await acknowledged(load.tokens.length + 100)
  await load.stop()
  const lost = await installation.countLost(load.tokens)
  t.diagnostic(
    `${what}: ${load.tokens.length} acknowledged, ${lost} lost, ${load.refusals.length} refused, ${load.failures.length} without an answer, ` +
      `slowest ${Math.round(load.slowestMs)} ms`,
  )
  assert.equal(lost, 0)
  assert.deepEqual([load.refusals.slice(0, 3), load.failures.slice(0, 3)], [[], []])
  assert.ok(load.slowestMs < hungMs, `${load.slowestMs} ms`)
  assert.equal((await send('GET', `${server.origin}/livez`)).status, 200)
}
