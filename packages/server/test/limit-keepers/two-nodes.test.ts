/** Two gateways on one store that share their limits in Redis, and what happens without it. */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { Writable } from 'node:stream'
import { after, before, describe, type TestContext, test } from 'node:test'
import { Redis } from 'ioredis'
import pino from 'pino'
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { RedisServer } from '../support/redis-server.ts'
import { authPath } from '../support/seller-calls.ts'
import { addService, introspect } from '../support/service-calls.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'

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

/** Sends calls to both nodes at once. @returns how many were admitted */
async function volley(nodes: Nodes, count: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => login(nodes, index)))
  const refused = answers.filter((answer) => codeOf(answer) !== 200)
  for (const answer of refused) {
    assert.deepEqual([answer.status, codeOf(answer)], [200, 408_004], answer.text)
    assert.ok(Number(answer.headers['retry-after']) >= 1)
  }
  return count - refused.length
}

/** Redis' own clock, by which it limits. */
async function secondsOf(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time()
  return Number(seconds) + Number(micros) / 1e6
}

/** At least a burst of two seconds, and no more than that plus what the time allows. */
function assertWithin(admitted: number, ratePerSecond: number, seconds: number): void {
  const most = 2 * ratePerSecond + ratePerSecond * seconds
  assert.ok(admitted >= 2 * ratePerSecond && admitted <= most, `${admitted} in ${seconds} s`)
}

function codeOf({ json }: Answer): number {
  return (json as { code: number }).code
}

describe('two nodes with Redis', { skip: redisUrl === '' ? 'TEST_REDIS_URL is not set' : false }, () => {
  let redis: Redis
  before(() => {
    redis = new Redis(redisUrl)
  })
  after(() => redis.disconnect())
  const redisSeconds = () => secondsOf(redis)

  test('[check 38] a merchant has one rate over both nodes, however its calls are distributed', async (t) => {
    const nodes = await startNodes(t, { settings: { redisUrl } })
    await limitMerchant(nodes, 20)
    const begun = await redisSeconds()
    let admitted = 0
    for (let round = 0; round < 5; round++) admitted += await volley(nodes, 60)
    assertWithin(admitted, 20, (await redisSeconds()) - begun)
  })

  test('[check 38] so do an address, and a caller that guesses at a service', async (t) => {
    const nodes = await startNodes(t, { settings: { redisUrl, ratePerAddress: 20 } })
    const begun = await redisSeconds()
    assertWithin(await volley(nodes, 120), 20, (await redisSeconds()) - begun)

    const service = await addService(nodes[0])
    await nodes[1].hearChanges()
    const guess = (index: number) => introspect(nodes[index % 2 === 0 ? 0 : 1], { ...service, secret: 'wrong' }, 'x')
    const guessed = await redisSeconds()
    const statuses = (await Promise.all(Array.from({ length: 60 }, (_, index) => guess(index)))).map(({ status }) => status)
    const wrong = statuses.filter((status) => status === 401).length
    assertWithin(wrong, 5, (await redisSeconds()) - guessed)
    assert.equal(wrong + statuses.filter((status) => status === 429).length, 60)
  })

  test('other installations on the same Redis are separate', async (t) => {
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
    const written = new EventEmitter()
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString())
        written.emit('line')
        done()
      },
    })
    const nodes = await startNodes(t, { settings: { redisUrl: redis.url }, logger: pino({ level: 'info' }, stream) })
    const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length
    const logged = async (pattern: RegExp, times: number) => {
      while (count(pattern) < times) await once(written, 'line')
    }
    return { redis, nodes, count, logged }
  }
  const away = /rate limits are not shared now/
  const back = /rate limits are shared again/

  for (const fault of ['kill', 'freeze'] as const) {
    test(`[check 38] ${fault}: each node limits by itself, nothing fails, no replay is accepted, and Redis is used again once it is back`, async (t) => {
      const { redis, nodes, count, logged } = await start(t)
      await limitMerchant(nodes, 20)
      const body = signed(loginBody(nodes[0].clock.now()))
      assert.equal(codeOf(await login(nodes, 0, body)), 200)
      await redis[fault]()
      // 20 a second and a burst of 40 at each node, whose clocks stand still: what both admit by themselves, minus the earlier login.
      const admitted = (await volley(nodes, 100)) + (await volley(nodes, 100))
      assert.ok(admitted >= 78 && admitted <= 80, String(admitted))
      await logged(away, 2)

      await limitMerchant(nodes, 0)
      assert.equal(codeOf(await login(nodes, 1, { ...body, custom_language: 'en' })), 700_106)
      assert.equal((await nodes[0].request('GET', '/readyz')).status, 200)
      const me = await nodes[0].request('GET', `${authPath}/me`, { headers: { authorization: 'Bearer x' } })
      assert.equal(me.status, 401)

      if (fault === 'kill') await redis.restart()
      else redis.resume()
      await logged(back, 2)
      await limitMerchant(nodes, 5)
      const timer = new Redis(redis.url)
      t.after(() => timer.disconnect())
      const returned = await secondsOf(timer)
      const shared = await volley(nodes, 40)
      // A node's debt at Redis' return is kept.
      assert.ok(shared <= 10 + 5 * ((await secondsOf(timer)) - returned), String(shared))
      assert.equal(count(away), 2, 'no flood')
    })
  }

  test('[check 32] a Redis that was flushed, or comes back empty, admits another burst, but no replay', async (t) => {
    const { redis, nodes, count, logged } = await start(t)
    const body = signed(loginBody(nodes[0].clock.now()))
    assert.equal(codeOf(await login(nodes, 0, body)), 200)
    await limitMerchant(nodes, 1)
    await volley(nodes, 10)
    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
    assert.ok((await volley(nodes, 10)) >= 2)
    assert.equal(count(away), 0)

    await redis.kill()
    await volley(nodes, 2)
    await logged(away, 2)
    await redis.restart()
    await logged(back, 2)
    await limitMerchant(nodes, 0)
    const countSessions = async () => (await nodes[0].store.memberSessions.listLive('agent001', 'uid001', nodes[0].clock.now())).length
    const before = await countSessions()
    const first = await login(nodes, 0, body)
    const second = await login(nodes, 1, body)
    assert.deepEqual([codeOf(first), first.text], [200, second.text])
    assert.equal(await countSessions(), before)
    assert.equal(codeOf(await login(nodes, 1, { ...body, custom_language: 'en' })), 700_106)
  })

  test('a Redis that is unreachable at the start does not prevent it', async (t) => {
    const redis = await RedisServer.start()
    await redis.kill()
    t.after(() => redis.kill())
    const nodes = await startNodes(t, { settings: { redisUrl: redis.url } })
    assert.equal(await volley(nodes, 10), 10)
  })
})
