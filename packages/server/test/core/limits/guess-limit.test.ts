import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGatewayError } from '@lobbykey/contract'
import { GuessLimit } from '../../../src/core/limits/guess-limit.ts'
import { type Limiter, RateLimiter } from '../../../src/core/limits/rate-limiter.ts'
import { SharedLimiter } from '../../../src/core/limits/shared-limiter.ts'
import { FakeKeeper } from '../../support/fake-keeper.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const clock = new ManualClock()

const open = (limiter: Limiter) => new GuessLimit({ limiter, clock, wrongPerSecond: 5 })

/** Whether the caller got the result. */
async function told(verdict: () => void | Promise<void>): Promise<boolean> {
  try {
    await verdict()
    return true
  } catch (error) {
    if (!isGatewayError(error) || error.key !== 'throttled') throw error
    return false
  }
}

async function sharedLimiters(t: { after(done: () => void): void }, count: number): Promise<SharedLimiter[]> {
  const keeper = new FakeKeeper()
  const limiters = Array.from(
    { length: count },
    () => new SharedLimiter({ keeper, onAway: () => assert.fail(), onBack: () => assert.fail() }),
  )
  for (const limiter of limiters) {
    await limiter.start()
    t.after(() => limiter.close())
  }
  return limiters
}

test('[check 87] concurrent wrong guesses over two processes: ten get a result, and a right one among the rest does not', async (t) => {
  const processes = (await sharedLimiters(t, 2)).map(open)
  const guess = (index: number, isRight: boolean) => told(() => processes[index % 2]?.settle('a', isRight))
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => guess(index, index === 150)))
  assert.deepEqual([answers.filter(Boolean).length, answers[150]], [10, false])
  assert.equal(await told(() => processes[0]?.settle('b', true)), true)
})

test('right guesses do not count, however many come at once', async (t) => {
  for (const limiter of [new RateLimiter(), ...(await sharedLimiters(t, 1))]) {
    const limit = open(limiter)
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => told(() => limit.settle('a', true))))
    assert.ok(answers.every(Boolean))
  }
})

test('a caller known to be over the limit is refused before any lookup', async (t) => {
  for (const limiter of [new RateLimiter(), ...(await sharedLimiters(t, 1))]) {
    const limit = open(limiter)
    for (let n = 0; n < 10; n++) {
      limit.verifyRoom('a')
      assert.equal(await told(() => limit.settle('a', false)), true)
    }
    assert.throws(
      () => limit.verifyRoom('a'),
      (error) => isGatewayError(error) && error.key === 'throttled' && error.details.retryAfterMs === 200,
    )
    limit.verifyRoom('b')
  }
})
