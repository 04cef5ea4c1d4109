/** A minute at twice the limit, in real time, with real processes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Installation, send } from '../support/installation.ts'
import { RedisServer } from '../support/redis-server.ts'
import { testStores } from '../support/stores.ts'

const seconds = 60
const ratePerSecond = 100

interface Setup {
  readonly title: string
  readonly skip: string | false
  /** Where the calls go. */
  start(installation: Installation): Promise<{ origins: string[]; stop: () => Promise<void> }>
}

const setups: Setup[] = [
  {
    title: 'two nodes with Redis',
    skip: RedisServer.missing(),
    start: async (installation) => {
      const redis = await RedisServer.start()
      const nodes = [await installation.serve([], { REDIS_URL: redis.url }), await installation.serve([], { REDIS_URL: redis.url })]
      const stop = async () => {
        for (const node of nodes) await node.stop()
        await redis.kill()
      }
      return { origins: nodes.map(({ origin }) => origin), stop }
    },
  },
  {
    title: 'two workers without Redis',
    skip: false,
    start: async (installation) => {
      const server = await installation.serve(['--workers', '2'])
      return { origins: [server.origin], stop: async () => void (await server.stop()) }
    },
  },
]

for (const { title, skip, start } of setups) {
  test(`[check 38] of twice the limit for ${seconds} s, admissions are within two per cent of it: ${title}`, { skip }, async (t) => {
    const installation = await Installation.create(testStores().at(-1) ?? assert.fail())
    await installation.addMerchant('limited', '--rate-per-second', String(ratePerSecond))
    const { origins, stop } = await start(installation)
    t.after(async () => {
      await stop()
      await installation.drop()
    })
    const counts: Record<string, number> = {}
    const calls: Promise<void>[] = []
    const begun = performance.now()
    const elapsed = () => (performance.now() - begun) / 1_000
    for (let sent = 0; elapsed() < seconds; await delay(5)) {
      for (; sent < 2 * ratePerSecond * elapsed(); sent++) {
        const url = `${origins[sent % origins.length]}/api/member/login`
        calls.push(
          send('POST', url, { body: installation.loginBody('limited') }).then(({ json }) => {
            const { code } = json as { code: number }
            counts[code] = (counts[code] ?? 0) + 1
          }),
        )
      }
    }
    await Promise.all(calls)
    const allowed = ratePerSecond * (elapsed() + 2)
    const { 200: admitted = 0, 408_004: limited = 0, ...others } = counts
    t.diagnostic(
      `${title}: ${calls.length} calls in ${elapsed().toFixed(1)} s, ${admitted} admitted of ${Math.round(allowed)} allowed, ${limited} refused`,
    )
    assert.deepEqual(others, {})
    assert.ok(admitted <= allowed * 1.02 && admitted >= ratePerSecond * seconds * 0.98, String(admitted))
  })
}
