import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { SharedLimiter } from '../../../src/core/limits/shared-limiter.ts'
import { FakeKeeper } from '../../support/fake-keeper.ts'

async function start(t: TestContext, keeper = new FakeKeeper()) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: string[] = []
  const open = async () => {
    const limiter = new SharedLimiter({ keeper, onAway: () => told.push('away'), onBack: () => told.push('back') })
    const started = limiter.start()
    if (keeper.state === 'hung') await pass(t, 1_000)
    await started
    t.after(() => limiter.close())
    return limiter
  }
  return { keeper, told, limiter: await open(), another: open }
}

/** Advances the time and runs what is due. */
async function pass(t: TestContext, ms: number): Promise<void> {
  t.mock.timers.tick(ms)
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}

test('takes of one turn are one request to the keeper; the first ones are admitted', async (t) => {
  const { keeper, limiter } = await start(t)
  const takes = [...Array.from({ length: 30 }, () => limiter.take('a', 10, 0)), limiter.take('b', 10, 0), limiter.waitMs('a', 10, 0)]
  assert.ok(takes.every((take) => take instanceof Promise))
  const waits = await Promise.all(takes)
  assert.deepEqual(waits, [...Array(20).fill(0), ...Array(10).fill(100), 0, 100])
  assert.deepEqual(keeper.asked, [
    [
      { key: 'a', ratePerSecond: 10, wanted: 30 },
      { key: 'b', ratePerSecond: 10, wanted: 1 },
    ],
  ])
})

test('a look takes nothing; a rate of 0 does not ask', async (t) => {
  const { keeper, limiter } = await start(t)
  assert.equal(limiter.take('a', 0, 0), 0)
  assert.equal(limiter.waitMs('a', 0, 0), 0)
  for (let look = 0; look < 100; look++) assert.equal(await limiter.waitMs('a', 10, 0), 0)
  assert.equal(keeper.asked.length, 100)
  assert.equal(await limiter.take('a', 10, 0), 0)
})

test('[check 38] two processes together admit what one would', async (t) => {
  const { limiter, another } = await start(t)
  const limiters = [limiter, await another()] as const
  const waits = await Promise.all(Array.from({ length: 60 }, (_, index) => limiters[index % 2 === 0 ? 0 : 1].take('a', 10, 0)))
  assert.equal(waits.filter((waitMs) => waitMs === 0).length, 20)
})

test('a busy key takes some in advance: at most half of what it needed before, and a hundredth of a second', async (t) => {
  const { keeper, limiter } = await start(t)
  const takes = (count: number, now: number, rate: number) => Promise.all(Array.from({ length: count }, () => limiter.take('a', rate, now)))
  await takes(40, 0, 10_000)
  await takes(1, 10, 10_000)
  assert.deepEqual(
    keeper.asked.map((orders) => orders[0]?.wanted),
    [40, 21],
  )
  // Of these twenty are there already.
  for (let take = 0; take < 20; take++) assert.equal(limiter.take('a', 10_000, 11), 0)
  assert.ok(limiter.take('a', 10_000, 11) instanceof Promise)
  await setImmediate()
  assert.equal(keeper.asked.at(-1)?.[0]?.wanted, 21)
  // Another rate is another limit; a hundredth of its second is one.
  await takes(40, 0, 100)
  await takes(1, 10, 100)
  assert.equal(keeper.asked.at(-1)?.[0]?.wanted, 2)
})

test('what was taken in advance is good for as long as an answer may take; a key used seldom takes nothing in advance', async (t) => {
  const { keeper, limiter } = await start(t)
  await Promise.all(Array.from({ length: 40 }, () => limiter.take('a', 10_000, 0)))
  await limiter.take('a', 10_000, 10)
  assert.equal(limiter.take('a', 10_000, 10 + 50 + 9), 0)
  assert.ok(limiter.take('a', 10_000, 10 + 50 + 10) instanceof Promise)
  await setImmediate()
  assert.equal(keeper.asked.at(-1)?.[0]?.wanted, 1)
  for (let take = 0; take < 30; take++) await limiter.take('b', 10_000, 5 * take)
  assert.ok(keeper.asked.slice(-30).every(([order]) => order?.wanted === 1))
})

test('[check 38] what is taken in advance counts: busy processes together admit what one would', async (t) => {
  const { limiter, another } = await start(t)
  const limiters = [limiter, await another(), await another()]
  let admitted = 0
  for (let round = 0; round < 200; round++) {
    const takes = limiters.flatMap((one) => Array.from({ length: 12 }, () => one.take('a', 1_000, 5 * round)))
    for (const waitMs of await Promise.all(takes)) if (waitMs === 0) admitted++
  }
  // Two seconds' worth, since the keeper's time stands still; some were taken and not needed.
  assert.ok(admitted <= 2_000 && admitted >= 2_000 - limiters.length * 10, `${admitted} were admitted`)
})

for (const state of ['failing', 'hung'] as const) {
  test(`a keeper that is ${state}: callers wait no longer than allowed, then it is not asked; limits continue from their state`, async (t) => {
    const { keeper, limiter, another, told } = await start(t)
    const other = await another()
    for (let take = 0; take < 15; take++) assert.equal(await (take < 8 ? limiter : other).take('a', 10, 0), 0)
    assert.equal(await limiter.waitMs('a', 10, 0), 0)
    keeper.state = state
    const volley = Array.from({ length: 10 }, () => limiter.take('a', 10, 0))
    await setImmediate()
    await pass(t, 50)
    assert.deepEqual(await Promise.all(volley), [...Array(5).fill(0), ...Array(5).fill(100)])
    await pass(t, 200)
    // From now on at once, even without a promise.
    assert.equal(limiter.take('a', 10, 0), 100)
    assert.equal(limiter.waitMs('a', 10, 100), 0)
    const { length } = keeper.asked
    await pass(t, 1_000)
    await pass(t, 1_000)
    assert.deepEqual([keeper.asked.length, told.join()], [length, 'away'])
    keeper.state = 'here'
    await pass(t, 1_000)
    assert.equal(told.join(), 'away,back')
    assert.ok(limiter.take('a', 10, 0) instanceof Promise)
  })
}

test('a keeper that is unreachable at the start causes no failure, and is used once it answers', async (t) => {
  const keeper = new FakeKeeper()
  keeper.state = 'hung'
  const { limiter, told } = await start(t, keeper)
  assert.equal(limiter.take('a', 10, 0), 0)
  keeper.state = 'here'
  await pass(t, 1_000)
  assert.deepEqual([await limiter.take('a', 10, 0), told.join()], [0, 'away,back'])
})
