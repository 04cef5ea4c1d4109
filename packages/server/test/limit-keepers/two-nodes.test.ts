/** Two gateways on one store, which share their limits in Redis; and what becomes of them without it. */
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import { Redis } from 'ioredis'
import pino from 'pino'
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { RedisServer } from '../support/redis-server.ts'
import { authPath } from '../support/seller-calls.ts'
import { addService, introspect } from '../support/service-calls.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'
import { until } from '../support/until.ts'

const { TEST_REDIS_URL: redisUrl = '' } = process.env

type Nodes = readonly [TestGateway, TestGateway]

async function startNodes(t: TestContext, settings: Parameters<typeof startTestGateway>[0]): Promise<Nodes> {
  const one = await startTestGateway(settings)
  const two = await one.openSecondNode()
  t.after(async () => {
    await two.close()
    await one.close()
  })
  return [one, two]
}

async function limitMerchant(nodes: Nodes, ratePerSecond: number): Promise<void> {
  await nodes[0].updateMerchant({ settings: { ratePerSecond } })
  await nodes[1].hearChanges()
}

function login(nodes: Nodes, index: number, body: Body = signed(loginBody(nodes[0].clock.now()))): Promise<Answer> {
  return (index % 2 === 0 ? nodes[0] : nodes[1]).post('/api/member/login', body)
}

/** A volley over both nodes. @returns how many were admitted */
async function volley(nodes: Nodes, count: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => login(nodes, index)))
  const refused = answers.filter((answer) => codeOf(answer) !== 200)
  for (const answer of refused) {
    assert.deepEqual([answer.status, codeOf(answer)], [200, 408_004], answer.text)
    assert.ok(Number(answer.headers['retry-after']) >= 1)
  }
  return count - refused.length
}

function codeOf({ json }: Answer): number {
  return (json as { code: number }).code
}

describe('two nodes with Redis', { skip: redisUrl === '' ? 'TEST_REDIS_URL is not set' : false }, () => {
  test('[check 38] a merchant has one rate over both, however its calls come', async (t) => {
    const nodes = await startNodes(t, { settings: { redisUrl } })
    await limitMerchant(nodes, 20)
    const begun = performance.now()
    let admitted = 0
    for (let round = 0; round < 5; round++) admitted += await volley(nodes, 60)
    const seconds = (performance.now() - begun) / 1_000
    assert.ok(admitted >= 40 && admitted <= 40 + 20 * seconds, `${admitted} in ${seconds} s`)
  })

  test('[check 38] so has an address, and whoever guesses at a service', async (t) => {
    const nodes = await startNodes(t, { settings: { redisUrl, ratePerAddress: 20 } })
    const begun = performance.now()
    const admitted = await volley(nodes, 120)
    const seconds = (performance.now() - begun) / 1_000
    assert.ok(admitted >= 40 && admitted <= 40 + 20 * seconds, `${admitted} in ${seconds} s`)

    const service = await addService(nodes[0])
    await nodes[1].hearChanges()
    const guess = (index: number) => introspect(nodes[index % 2 === 0 ? 0 : 1], { ...service, secret: 'wrong' }, 'x')
    const guessed = performance.now()
    const statuses = (await Promise.all(Array.from({ length: 60 }, (_, index) => guess(index)))).map(({ status }) => status)
    const wrong = statuses.filter((status) => status === 401).length
    assert.ok(wrong >= 10 && wrong <= 10 + (5 * (performance.now() - guessed)) / 1_000, String(wrong))
    assert.equal(wrong + statuses.filter((status) => status === 429).length, 60)
  })

  test('other installations on the same Redis are apart', async (t) => {
    const nodes = await startNodes(t, { settings: { redisUrl } })
    const others = await startNodes(t, { settings: { redisUrl } })
    for (const pair of [nodes, others]) await limitMerchant(pair, 1)
    assert.ok((await volley(nodes, 10)) >= 2)
    assert.ok((await volley(others, 10)) >= 2)
  })
})

describe('two nodes whose Redis fails (K7)', { skip: RedisServer.missing() }, () => {
  const start = async (t: TestContext) => {
    const redis = await RedisServer.start()
    t.after(() => redis.kill())
    const lines: string[] = []
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString())
        done()
      },
    })
    const nodes = await startNodes(t, { settings: { redisUrl: redis.url }, logger: pino({ level: 'info' }, stream) })
    const logged = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length
    return { redis, nodes, logged }
  }
  const away = /rate limits are not shared now/
  const back = /rate limits are shared again/

  for (const fault of ['kill', 'freeze'] as const) {
    test(`[check 38] ${fault}: each node limits by itself, nothing fails, no replay is accepted, and Redis is found when it is back`, async (t) => {
      const { redis, nodes, logged } = await start(t)
      await limitMerchant(nodes, 20)
      const body = signed(loginBody(nodes[0].clock.now()))
      assert.equal(codeOf(await login(nodes, 0, body)), 200)
      await redis[fault]()
      // 20 a second and a burst of 40 at each node: no more than what both would admit alone.
      const begun = performance.now()
      const admitted = (await volley(nodes, 100)) + (await volley(nodes, 100))
      assert.ok(admitted >= 40 && admitted <= 80 + 2 * 20 * ((performance.now() - begun) / 1_000), String(admitted))
      await until(
        () => logged(away) === 2,
        () => 'a line of each node',
      )

      await limitMerchant(nodes, 0)
      assert.equal(codeOf(await login(nodes, 1, { ...body, custom_language: 'en' })), 700_106)
      assert.equal((await nodes[0].request('GET', '/readyz')).status, 200)
      const me = await nodes[0].request('GET', `${authPath}/me`, { headers: { authorization: 'Bearer x' } })
      assert.equal(me.status, 401)

      if (fault === 'kill') await redis.restart()
      else redis.resume()
      await until(
        () => logged(back) === 2,
        () => 'both nodes to find Redis',
      )
      await limitMerchant(nodes, 5)
      const returned = performance.now()
      const shared = await volley(nodes, 40)
      assert.ok(shared <= 10 + 5 * ((performance.now() - returned) / 1_000), String(shared))
      assert.equal(logged(away), 2, 'no flood')
    })
  }

  test('[check 32] a Redis that was flushed, or comes back empty, lets a burst more through, and no replay', async (t) => {
    const { redis, nodes, logged } = await start(t)
    const body = signed(loginBody(nodes[0].clock.now()))
    assert.equal(codeOf(await login(nodes, 0, body)), 200)
    await limitMerchant(nodes, 1)
    await volley(nodes, 10)
    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
    assert.ok((await volley(nodes, 10)) >= 2)
    assert.equal(logged(away), 0)

    await limitMerchant(nodes, 0)
    await redis.kill()
    await redis.restart()
    await until(
      () => logged(away) === logged(back),
      () => 'Redis',
    )
    const countSessions = async () => (await nodes[0].store.memberSessions.listLive('agent001', 'uid001', nodes[0].clock.now())).length
    const before = await countSessions()
    const first = await login(nodes, 0, body)
    const second = await login(nodes, 1, body)
    assert.deepEqual([codeOf(first), first.text], [200, second.text])
    assert.equal(await countSessions(), before)
    assert.equal(codeOf(await login(nodes, 1, { ...body, custom_language: 'en' })), 700_106)
  })

  test('a Redis that is away at the start is no reason not to start', async (t) => {
    const redis = await RedisServer.start()
    await redis.kill()
    t.after(() => redis.kill())
    const nodes = await startNodes(t, { settings: { redisUrl: redis.url } })
    assert.equal(await volley(nodes, 10), 10)
  })
})
