import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateLimiter } from '../../../src/core/limits/rate-limiter.ts'

/** Takes `perSecond` times a second, evenly, for `seconds`; returns how many were admitted. */
function drive(limiter: RateLimiter, options: { rate: number; perSecond: number; seconds: number; start?: number }): number {
  let admitted = 0
  for (let i = 0; i < options.perSecond * options.seconds; i++) {
    if (limiter.take('k', options.rate, (options.start ?? 0) + (i * 1000) / options.perSecond) === 0) admitted++
  }
  return admitted
}

test("a burst is two seconds' worth, and not one more", () => {
  const limiter = new RateLimiter()
  const admitted = Array.from({ length: 30 }, () => limiter.take('k', 10, 1000)).filter((waitMs) => waitMs === 0).length
  assert.equal(admitted, 20)
  assert.equal(limiter.take('k', 10, 1000), 100)
  assert.equal(limiter.take('k', 10, 1100), 0)
})

test('[check 38] at twice the limit for a minute, admissions are within two per cent of it, besides the burst', () => {
  const admitted = drive(new RateLimiter(), { rate: 100, perSecond: 200, seconds: 60 })
  assert.ok(admitted >= 6000 && admitted <= (6000 + 200) * 1.02, String(admitted))
})

test("[check 38] no double burst at a window's edge", () => {
  const limiter = new RateLimiter()
  for (let i = 0; i < 20; i++) limiter.take('k', 10, 999)
  assert.ok(limiter.take('k', 10, 1000) > 0)
})

test('0 admits all; keys are independent', () => {
  const limiter = new RateLimiter()
  for (let i = 0; i < 100; i++) assert.equal(limiter.take('k', 0, 0), 0)
  for (let i = 0; i < 2; i++) assert.equal(limiter.take('a', 1, 0), 0)
  assert.ok(limiter.take('a', 1, 0) > 0)
  assert.equal(limiter.take('b', 1, 0), 0)
})

test('a clock that is set back delays nobody longer than a burst', () => {
  const limiter = new RateLimiter()
  for (let i = 0; i < 20; i++) limiter.take('k', 10, 3_600_000)
  assert.ok(limiter.take('k', 10, 0) <= 2_000)
  assert.equal(limiter.take('k', 10, 2_000), 0)
})

test("[check 39] a million keys stay within bounds, and evict nobody's debt", () => {
  const limiter = new RateLimiter(1_000)
  for (let i = 0; i < 100_000; i++) limiter.take(`forged-${i}`, 1, i)
  limiter.take('k', 1, 100_000)
  limiter.take('k', 1, 100_000)
  for (let i = 0; i < 500; i++) limiter.take(`later-${i}`, 1, 100_000)
  assert.ok(limiter.take('k', 1, 100_000) > 0)
})
