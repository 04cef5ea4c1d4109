/** Limits in a real Redis: counting in TEST_REDIS_URL, failures in a server that the test starts. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, type TestContext, test } from 'node:test'
import { Redis } from 'ioredis'
import { RedisKeeper } from '../../src/limit-keepers/redis-keeper.ts'
import { RedisServer } from '../support/redis-server.ts'

const { TEST_REDIS_URL: redisUrl = '' } = process.env
const skip = redisUrl === '' ? 'TEST_REDIS_URL is not set' : false

describe('limits in Redis', { skip }, () => {
  let redis: Redis
  before(() => {
    redis = new Redis(redisUrl)
  })
  after(() => redis.disconnect())

  const open = async (t: TestContext, prefix = `lobbykey-test:${randomBytes(8).toString('hex')}:`) => {
    const keepers = [new RedisKeeper({ url: redisUrl, prefix }), new RedisKeeper({ url: redisUrl, prefix })] as const
    for (const keeper of keepers) {
      await keeper.open()
      t.after(() => keeper.close())
    }
    return { keepers, prefix }
  }
  const now = async () => {
    const [seconds, micros] = await redis.time()
    return Number(seconds) + Number(micros) / 1e6
  }

  test('[check 38] at any rate, two connections get a burst of two seconds and not one more than time allows', async (t) => {
    const { keepers } = await open(t)
    for (const ratePerSecond of [1, 2, 3, 7, 10, 99, 1_000, 333_333, 1_000_000]) {
      const begun = await now()
      const order = { key: `rate ${ratePerSecond}`, ratePerSecond, wanted: ratePerSecond }
      const answers = await Promise.all([0, 1, 0, 1].map((index) => keepers[index === 0 ? 0 : 1].take([order])))
      const taken = answers.flat().reduce((sum, answer) => sum + answer.taken, 0)
      const more = ratePerSecond * ((await now()) - begun)
      assert.ok(taken >= 2 * ratePerSecond && taken <= 2 * ratePerSecond + more + 0.01, `${taken} at ${ratePerSecond} a second`)
    }
  })

  test('[check 38] one by one, no double burst at any edge', async (t) => {
    const { keepers } = await open(t)
    const admittedAt: number[] = []
    const begun = await now()
    const order = { key: 'k', ratePerSecond: 50, wanted: 1 }
    for (let take = 0; admittedAt.length < 140; take++) {
      const [answer = assert.fail()] = await keepers[take % 2 === 0 ? 0 : 1].take([order])
      if (answer.taken === 1) admittedAt.push(await now())
      else assert.ok(answer.debtMs > 1_980 && answer.debtMs <= 2_000, String(answer.debtMs))
    }
    for (const [index, at] of admittedAt.entries()) {
      assert.ok(index + 1 <= 100 + 50 * (at - begun) + 0.01, `${index + 1} after ${at - begun} s`)
    }
  })

  test('answers are in the order of the requests; asking for none takes none', async (t) => {
    const { keepers } = await open(t)
    const ask = (key: string, wanted: number) => ({ key, ratePerSecond: 1, wanted })
    assert.deepEqual(await keepers[0].take([]), [])
    const answers = await keepers[0].take([ask('a', 0), ask('b', 3), ask('a', 1), ask('a', 0), ask('b', 0)])
    assert.deepEqual(
      answers.map(({ taken }) => taken),
      [0, 2, 1, 0, 0],
    )
    assert.deepEqual(
      answers.map(({ debtMs }) => debtMs),
      [0, 2_000, 1_000, 1_000, 2_000],
    )
  })

  test('[check 39] keys expire within three seconds, and have their prefix', async (t) => {
    const { keepers, prefix } = await open(t)
    await keepers[0].take(Array.from({ length: 500 }, (_, index) => ({ key: `k${index}`, ratePerSecond: 1 + (index % 9), wanted: 9 })))
    const names = await redis.keys(`${prefix}*`)
    assert.ok(names.length > 400)
    for (const name of names.slice(0, 50)) {
      const ttl = await redis.pttl(name)
      assert.ok(ttl === -2 || (ttl >= 0 && ttl <= 3_000), `${name}: ${ttl}`)
    }
  })
})

describe('an unusable Redis', { skip: RedisServer.missing() }, () => {
  test('a wrong password, a replica and a full one count as unavailable, and no error contains the password', async (t) => {
    const password = 'secret-of-redis'
    const guarded = await RedisServer.start(['--requirepass', password])
    const replica = await RedisServer.start(['--replicaof', '127.0.0.1 1'])
    const full = await RedisServer.start(['--maxmemory', '1', '--maxmemory-policy', 'noeviction'])
    const urls: [string, RegExp][] = [
      [guarded.url.replace('//', `//:${password}x@`), /WRONGPASS/],
      [guarded.url, /NOAUTH/],
      [replica.url, /READONLY|MASTERDOWN/],
      [full.url, /OOM/],
      ['redis://127.0.0.1:1', /ECONNREFUSED/],
    ]
    t.after(() => Promise.all([guarded, replica, full].map((server) => server.kill())))
    for (const [url, reason] of urls) {
      const keeper = new RedisKeeper({ url, prefix: 'x:' })
      await assert.rejects(keeper.open(), (error: Error) => {
        assert.match(error.message, reason)
        assert.doesNotMatch(JSON.stringify(error, Object.getOwnPropertyNames(error)), new RegExp(password))
        return true
      })
      keeper.close()
    }
    const keeper = new RedisKeeper({ url: guarded.url.replace('//', `//:${password}@`), prefix: 'x:' })
    await keeper.open()
    assert.equal((await keeper.take([{ key: 'k', ratePerSecond: 1, wanted: 5 }]))[0]?.taken, 2)
    keeper.close()
  })
})
